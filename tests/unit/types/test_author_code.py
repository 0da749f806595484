"""Objects of author classes: made from parameters, and named when they fail."""

import logging
from typing import Any

import pytest

from sparring.types.author_code import author_error, call, construct
from sparring.types.errors import AuthorError, InvalidArgumentError, OutOfSpaceError
from tests.support.gauges import RecordingGauge


class Machine:
    def __init__(self, uid: str, power: int, colour: str = "red") -> None:
        self.uid, self.power, self.colour = uid, power, colour
        if power < 0:
            raise ValueError("no such power")


class Open:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs


def make(kind: Any = Machine, **parameters: Any) -> Any:
    return construct(kind, parameters, {"uid": "m", "seed": 3}, "machine 'm'")


def test_a_constructor_gets_the_parameters_and_what_it_names_of_the_offers() -> None:
    made = make(power=2)
    assert (made.uid, made.power, made.colour) == ("m", 2, "red")


def test_a_constructor_open_to_everything_gets_all_offers() -> None:
    assert make(Open, power=2).kwargs == {"uid": "m", "seed": 3, "power": 2}


@pytest.mark.parametrize(
    ("parameters", "parameter", "text"),
    [
        ({"power": 1, "color": "blue"}, "color", "did you mean 'colour'"),
        ({"power": 1, "wheels": 4}, "wheels", "it has power, colour"),
        ({}, "power", "needs the parameter 'power'"),
        ({"power": 1, "uid": "x"}, "uid", "comes from the run"),
    ],
)
def test_wrong_parameters_are_named(parameters: dict[str, Any], parameter: str, text: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        make(**parameters)
    assert caught.value.reason == "PARAMETERS_INVALID"
    assert caught.value.metadata == {"component": "machine 'm'", "parameter": parameter}
    assert text in caught.value.message


def test_a_constructor_that_raises_is_named_with_its_line() -> None:
    with pytest.raises(AuthorError) as caught:
        make(power=-1)
    assert caught.value.reason == "AUTHOR_CODE_FAILED"
    assert "Machine 'm' raised in the constructor: ValueError: no such power" in caught.value.message
    assert "test_author_code.py:" in caught.value.metadata["at"]


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def test_the_traceback_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "sparring.author"):
        author_error(raised(ValueError("x")), "machine 'm'", "update", Machine)
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_an_error_of_the_author_code_itself_keeps_what_it_says() -> None:
    own = AuthorError("SENSOR_UNKNOWN", "There is none.")
    assert author_error(raised(own), "machine 'm'", "update", Machine) is own
    outside = raised(OutOfSpaceError("VALUE_OUT_OF_SPACE", "Too much.", value="7", space="Discrete(3)"))
    error = author_error(outside, "machine 'm'", "update", Machine, 4, agent="a")
    assert error.reason == "VALUE_OUT_OF_SPACE"
    assert {key: error.metadata[key] for key in ("value", "space", "step", "agent")} == {
        "value": "7",
        "space": "Discrete(3)",
        "step": "4",
        "agent": "a",
    }


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def test_an_exception_that_cannot_be_written_is_named_all_the_same() -> None:
    assert "Mute: no message" in author_error(raised(Mute()), "machine 'm'", "update", Machine).message


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3)])
def test_a_call_is_shown_on_the_gauge_until_it_returns_or_raises(error: BaseException) -> None:
    gauge = RecordingGauge()
    assert call(gauge, "reset", "machine 'm'", 2.0, lambda: 5, "reset", Machine) == 5

    def fail() -> None:
        raise error

    with pytest.raises(AuthorError):
        call(gauge, "update", "machine 'm'", 3.0, fail, "update", Machine)
    assert gauge.calls == [("reset", "machine 'm'", 2.0), "end", ("update", "machine 'm'", 3.0), "end"]
