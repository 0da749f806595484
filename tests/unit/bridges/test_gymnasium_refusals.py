"""What cannot be made through the bridge to gymnasium is named, with what could have been meant."""

from typing import Any

import pytest

from sparring.bridges.gymnasium import GymnasiumEnvironment
from sparring.types.errors import AuthorError, InvalidArgumentError
from tests.unit.environment.sessions import begin


def make(env_name: str, **parameters: Any) -> None:
    begin(GymnasiumEnvironment, parameters={"env_name": env_name, **parameters})


@pytest.mark.parametrize(
    ("env_name", "words"),
    [
        ("CartPool-v1", ["CartPool", "Did you mean", "CartPole"]),
        ("CartPole-v7", ["v7", "CartPole", "v0", "v1"]),
        ("no_such_module:Anything-v0", ["no_such_module"]),
    ],
)
def test_an_environment_that_is_not_registered_is_named_and_the_nearest_too(env_name: str, words: list[str]) -> None:
    with pytest.raises(AuthorError) as caught:
        make(env_name)
    assert all(word in caught.value.message for word in words)


def test_an_argument_that_the_environment_does_not_have_is_named() -> None:
    with pytest.raises(AuthorError) as caught:
        make("CartPole-v1", gravty=3)
    assert "gravty" in caught.value.message


@pytest.mark.parametrize("names", [["one"], ["one", "one", "two", "three"]])
def test_names_that_do_not_fit_are_refused(names: list[str]) -> None:
    with pytest.raises((AuthorError, InvalidArgumentError)) as caught:
        make("CartPole-v1", split_sensors=True, sensor_names=names)
    assert caught.value.reason in ("AUTHOR_CODE_FAILED", "PARAMETERS_INVALID")
