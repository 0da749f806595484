"""Names of runs are safe in paths and on command lines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparring.store.naming import LATEST, base_name, run_name


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("dummy", "dummy-1"),
        ("My Experiment, 2nd try!", "My-Experiment-2nd-try-1"),
        ("../../etc/passwd", "etc-passwd-1"),
        ("", "run-1"),
        ("...", "run-1"),
        ("äöü", "run-1"),
    ],
)
def test_a_name_is_the_uid_without_what_is_unsafe_and_a_number(uid: str, name: str) -> None:
    assert run_name(base_name(uid), 1) == name


@given(st.text(max_size=200))
def test_every_uid_gives_a_name_that_is_one_path_segment(uid: str) -> None:
    name = run_name(base_name(uid), 12)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*-12", name)
    assert len(name) < 100
    assert name != LATEST
