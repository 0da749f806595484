"""Malformed YAML is one clear line with its place; what is no plain data is refused; nothing raises."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.experiment import check_document
from tests.unit.experiment.documents import GOOD, changed, only_problem, problems_of


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        (
            "uid: a\nseed: 1\n  x: 2: 3\n",
            3,
            4,
            "mapping values are not allowed here (is the line above indented rightly",
        ),
        ("uid: a\n\tseed: 1\n", 2, 1, "a tab; YAML is indented with spaces"),
        ("uid: [a, b\n", 2, 1, "not valid YAML: "),
        ("uid: 'a\n", 2, 1, "not valid YAML: "),
        ("uid: *nowhere\n", 1, 6, "found undefined alias 'nowhere'"),
        ("uid: a\n---\nuid: b\n", 2, 1, "a second document begins here"),
        ("uid: @a\n", 1, 6, "not valid YAML: "),
        ("%YAML 3.0\n---\nuid: a\n", 1, 1, "not valid YAML: "),
        (f"uid: {'[' * 500}\n", 1, 69, "nested more than 64 levels deep"),
    ],
)
def test_malformed_yaml_is_one_line_with_its_place(text: str, line: int, column: int, says: str) -> None:
    found = only_problem(text)
    assert (found.line, found.column, found.path) == (line, column, "")
    assert says in found.message
    assert "\n" not in str(found)
    assert str(found).startswith(f"run.yml:{line}: not valid YAML: ")


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_an_empty_document_is_refused(text: str) -> None:
    found = only_problem(text)
    assert found.line <= 2
    assert "expected a mapping with uid, seed, schedule" in found.message


@pytest.mark.parametrize(
    ("text", "found"), [("- a\n- b\n", "a list of 2"), ("hello", "the text 'hello'"), ("7", "the number 7")]
)
def test_a_document_that_is_no_mapping_is_refused(text: str, found: str) -> None:
    assert only_problem(text).found == found


def test_a_key_given_twice_names_both_lines() -> None:
    found = only_problem(changed("seed: 1", "seed: 1\nseed: 2"))
    assert (found.line, found.path) == (3, "seed")
    assert "first in line 2" in found.message


@pytest.mark.parametrize("tag", ["!!python/object:os.system {}", "!mine 5", "!!binary aGk=", "!!set {a, b}"])
def test_tags_are_refused(tag: str) -> None:
    found = only_problem(changed("discrete: true", f"discrete: {tag}"))
    assert found.line == 9
    assert found.found.startswith("the tag !")


@pytest.mark.parametrize(("key", "kind"), [("5", "int"), ("true", "bool"), ("null", "null"), ("1.5", "float")])
def test_a_key_that_is_not_text_is_refused(key: str, kind: str) -> None:
    found = only_problem(changed("discrete: true", f"{key}: true"))
    assert (found.line, found.found) == (9, kind)
    assert f'put it in quotes: "{key}"' in found.message


def test_a_list_as_a_key_is_refused() -> None:
    assert "expected text as a key" in only_problem(changed("discrete: true", "? [a, b]\n              : 5")).message


@pytest.mark.parametrize("number", ["09", "0xZZ", "1__0"])
def test_text_that_only_looks_like_a_number_is_no_number(number: str) -> None:
    assert all("seed" in each.path for each in problems_of(changed("seed: 1", f"seed: {number}")))


def test_a_number_of_absurd_length_is_refused_and_not_computed() -> None:
    assert only_problem(changed("seed: 1", f"seed: {'9' * 5000}")).line == 2


def test_aliases_and_merge_keys_are_followed_and_keep_the_line_they_were_written_in() -> None:
    text = changed(
        'muscle: {name: "sparring.agent:DummyMuscle", params: {}}',
        'muscle: &m {name: "sparring.agent:DummyMuscle", params: {}, parms: 1}',
    )
    second = text.rindex('muscle: {name: "sparring.agent:DummyMuscle", params: {}}')
    text = (
        text[:second]
        + "muscle: {<<: *m, params: {a: 1}}"
        + text[second + len('muscle: {name: "sparring.agent:DummyMuscle", params: {}}') :]
    )
    found = only_problem(text)
    assert (found.line, found.path) == (13, "schedule[0].train.agents[0].muscle.parms")


def test_an_alias_to_itself_is_refused() -> None:
    assert only_problem("uid: x\nschedule: &a [*a]\n").found == "an alias to itself"


def test_aliases_that_multiply_are_refused_before_they_are_written_out() -> None:
    levels = "".join(f"  k{i}: &k{i} [{', '.join([f'*k{i - 1}'] * 10)}]\n" for i in range(1, 12))
    text = changed("params: {discrete: true, max_iter: 10}", "params: *k11")
    text = f"uid: x\nversion: &k0 '1'\nretries:\n{levels}" + text.partition("uid: good\nseed: 1\n")[2]
    assert any("more than 200000 values" in each.found for each in problems_of(text))


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    assert problems_of("\ufeff" + GOOD.replace("\n", "\r\n")) == []


def test_bytes_that_are_not_utf_8_are_refused_with_their_line() -> None:
    found = check_document(GOOD.encode().replace(b"good", b"g\xfcd"), name="run.yml")
    assert [(each.line, each.found) for each in found] == [(1, "a byte that is not UTF-8")]


def test_a_document_of_more_than_8_mib_is_refused() -> None:
    assert "larger than" in only_problem("#" * (8 * 1024 * 1024 + 1)).message


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    [found] = check_document(tmp_path / "no.yml")
    assert str(found) == f"{tmp_path / 'no.yml'}:1: cannot read the file: no such file or directory"
    [folder] = check_document(tmp_path)
    assert "is a directory" in folder.message


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PARTS = [
    "good",
    "[arena.0, arena.1]",
    "{discrete: true, max_iter: 10}",
    '{name: "sparring.agent:DummyMuscle", params: {}}',
    "train\n        worker",
    "sparring.simulation:VanillaSimulationController",
    "arena\n",
    "first\n",
    "10",
]


@given(st.sampled_from(PARTS), VALUES)
def test_whatever_stands_in_a_document_is_told_as_problems(part: str, value: object) -> None:
    import json

    text = changed(part.partition("\n")[0], json.dumps(value))
    for each in problems_of(text):
        assert 1 <= each.line <= len(text.splitlines())
        assert each.column >= 1
        assert "\n" not in str(each)


@given(st.text(alphabet="abc:-[]{}&*!|>'\"#%@`,? \n\t\r\x00\ud7ff0", max_size=40))
def test_whatever_text_is_given_is_told_as_problems(text: str) -> None:
    for each in problems_of(text):
        assert each.line >= 1
        assert "\n" not in str(each)
