"""Modes are read from documents, and a misspelt one gets a suggestion."""

from __future__ import annotations

import pytest

from sparring.types.errors import InvalidArgumentError
from sparring.types.mode import Mode


@pytest.mark.parametrize("text", ["train", "TRAIN", " Train "])
def test_a_mode_is_read_in_any_case(text: str) -> None:
    assert Mode.parse(text) is Mode.TRAIN


def test_a_mode_is_its_name() -> None:
    assert f"{Mode.EVALUATE}" == "evaluate"


def test_a_misspelt_mode_gets_a_suggestion() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Mode.parse("trian")
    assert caught.value.reason == "MODE_UNKNOWN"
    assert caught.value.message == (
        "There is no mode 'trian'; a mode is one of train, test, evaluate. Did you mean 'train'?"
    )
    assert caught.value.metadata == {"mode": "trian", "suggestion": "train"}


def test_a_mode_unlike_any_other_gets_no_suggestion() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Mode.parse("xyz")
    assert "Did you mean" not in caught.value.message
