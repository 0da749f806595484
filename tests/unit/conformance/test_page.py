"""The page of the protocol says what the kit requires, and its example is right."""

import re

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.conformance.rules import LEVELS, PAGE, RULES
from sparring.types.layout import Layout
from sparring.types.space_parser import parse_space
from tests.support.repository import ROOT

TEXT = (ROOT / PAGE).read_text()
SECTIONS = dict(re.findall(r"^### (ENV-[A-Z]+-\d+)\n\n(.+)$", TEXT, re.MULTILINE))


def hexadecimal(text: str) -> bytes:
    return bytes.fromhex("".join(re.findall(r"\b[0-9a-f]{2}\b", text)))


def test_every_rule_has_a_place_on_the_page_with_the_words_that_findings_use() -> None:
    assert {uid: rule.text for uid, rule in RULES.items()} == SECTIONS


def test_the_place_of_a_rule_is_the_anchor_of_its_heading() -> None:
    assert RULES["ENV-SEED-1"].place == "docs/reference/environment-protocol.md#env-seed-1"
    assert {rule.level for rule in RULES.values()} == set(LEVELS)


def test_every_reason_on_the_page_has_a_page_of_its_own() -> None:
    reasons = re.findall(r"^\| `([A-Z_]+)` \|", TEXT, re.MULTILINE)
    assert len(reasons) == 14
    assert [reason for reason in reasons if not (ROOT / "docs" / "errors" / f"{reason}.md").is_file()] == []


def test_the_example_is_what_packing_makes_of_its_table() -> None:
    spaces = [parse_space(text) for text in re.findall(r"^\| \w+ \| `(\w+\(.*\))` \|", TEXT, re.MULTILINE)]
    assert [type(space) for space in spaces] == [Box, MultiBinary, Discrete]
    values = Layout(spaces).pack([np.array([50.0, 49.75], np.float32), np.array([1, 0, 1], np.int8), None])
    example = TEXT[TEXT.index("### An example") : TEXT.index("### ENV-PCK-1")]
    rows = re.findall(r"^\| .+ \| `((?:[0-9a-f]{2} ?)+)` \|$", example, re.MULTILINE)
    assert b"".join(map(bytes.fromhex, rows)) == values.data + values.present
    block = example[example.index("```hex\n") + 7 : example.rindex("```")]
    data = b"".join(hexadecimal(re.split(r" {3,}(?=[a-z])", line.strip())[0]) for line in block.splitlines())
    answer = pb.SessionResponse(sequence=2)
    answer.updated.readings.data = values.data
    answer.updated.readings.present = values.present
    assert data == answer.SerializeToString()
