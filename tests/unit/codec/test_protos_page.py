"""What protos/README.md says is so: its map has every file, and its worked example is what the code packs."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np

from sparring.api.space.v1 import values_pb2
from sparring.codec.environment_frames import EnvironmentFrames
from sparring.codec.values import Chunks
from sparring.types.frames import Update
from sparring.types.layout import Layout
from sparring.types.space import Box, Dict, Space, parse_space
from sparring.types.values import Values
from tests.support.repository import PROTOS, ROOT, below

PAGE = (ROOT / "protos" / "README.md").read_text()
LANES = 2


def table(*headings: str) -> list[list[str]]:
    """Return the rows of the table with these headings."""
    head = "| " + " | ".join(headings) + " |"
    _, _, behind = PAGE.partition(head + "\n")
    assert behind, f"the page has no table {head}"
    rows = behind.split("\n\n")[0].splitlines()[1:]
    return [[cell.strip().strip("`") for cell in row.strip("| ").split(" | ")] for row in rows]


def value_of(space: Space[Any], text: str) -> Any:
    """Read a value as the page writes it."""

    def shaped(space: Space[Any], written: Any) -> Any:
        if isinstance(space, Dict):
            return {key: shaped(inner, written[key]) for key, inner in space.spaces.items()}
        return np.array(written, space.dtype) if isinstance(space, Box) else written

    return None if text == "absent" else shaped(space, ast.literal_eval(text))


def example() -> tuple[Layout, Values]:
    rows = table("field", "space", "lane 0", "lane 1")
    spaces = [parse_space(space) for _, space, *_ in rows]
    layout = Layout(spaces, LANES)
    pairs = zip(spaces, rows, strict=True)
    return layout, layout.pack([[value_of(space, text) for text in row[2:]] for space, row in pairs])


def said_bytes() -> bytes:
    """Return the packed bytes of the table, at the offsets that it gives."""
    data = b""
    for offset, digits, _ in table("offset", "bytes", "what"):
        assert int(offset) == len(data)
        data += bytes.fromhex(digits)
    return data


def said_message() -> bytes:
    """Return the bytes of the message that the page spells."""
    (block,) = re.findall(r"```hex\n(.*?)```", PAGE, re.DOTALL)
    lines = [re.match(r"\s*((?:[0-9a-f]{2} ?)+)", line) for line in block.splitlines()]
    return bytes.fromhex("".join(line[1] for line in lines if line is not None))


def test_the_map_names_every_proto_and_nothing_else() -> None:
    sources = {str(path.relative_to(PROTOS)) for path in below(PROTOS, ".proto")}
    rows = table("file below `sparring/api/`", "what it says", "you need it to")
    assert {row[0] for row in rows} == sources


def test_the_bytes_of_the_example_are_what_is_packed() -> None:
    layout, packed = example()
    assert packed.data == said_bytes()
    assert len(packed.data) == layout.size == int(re.findall(r"`data` is (\d+) bytes", PAGE)[0])


def test_presence_and_texts_of_the_example_are_what_is_packed() -> None:
    _, packed = example()
    assert packed.present.hex() == re.findall(r"`present` is `([0-9a-f]+)`", PAGE)[0]
    assert packed.texts == tuple(re.findall(r"`texts` is `(\w+)`, `(\w+)`", PAGE)[0])


def test_the_message_of_the_example_is_what_is_sent_and_what_is_read() -> None:
    _, packed = example()
    assert EnvironmentFrames().encode_request(7, Update(packed)) == (said_message(),)
    assert EnvironmentFrames().decode_request(said_message(), Chunks()) == (7, Update(packed))


def test_the_values_of_the_example_can_be_read_from_its_bytes() -> None:
    layout, packed = example()
    accepted = layout.accept(Values(said_bytes(), packed.present, packed.texts))
    voltage, tap, closed, pose = layout.unpack(accepted)
    assert np.array_equal(np.asarray(voltage), [[1.0, 0.5, -2.0], [0.0, 1.0, 2.0]])
    assert tap == [-1, None]
    assert np.array_equal(np.asarray(closed), [[1, 0, 1], [0, 0, 1]])
    assert isinstance(pose, list)
    assert [(float(one["angle"]), one["label"]) for one in pose] == [(0.25, "north"), (3.0, "south")]


def test_the_data_of_a_message_stand_last_so_that_they_need_not_be_copied() -> None:
    fields = values_pb2.Values.DESCRIPTOR.fields
    assert [field.name for field in sorted(fields, key=lambda field: field.number)][-1] == "data"
