"""Log lines for people and for machines, with what is bound to the task that logs."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from sparring.rpc import logs
from sparring.types.errors import InvalidArgumentError

Configured = Callable[..., io.StringIO]


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configured]:
    """Configure the logs to a stream that is returned; what was there before comes back."""
    root, ours = logging.getLogger(), logging.getLogger("sparring")
    handlers, root_level, our_level = root.handlers[:], root.level, ours.level

    def configure(kind: str = "text", level: str = "", **given: str) -> io.StringIO:
        monkeypatch.setenv(logs.FORMAT_VARIABLE, kind)
        monkeypatch.setenv(logs.LEVEL_VARIABLE, level)
        stream = io.StringIO()
        logs.configure(stream=stream, **given)
        return stream

    yield configure
    root.handlers[:], root.level = handlers, root_level
    ours.setLevel(our_level)


def test_a_text_line_has_time_level_name_message_and_fields(configured: Configured) -> None:
    stream = configured()
    with logs.bound(run=17, phase="train"):
        logging.getLogger("sparring.broker.dispatch").info("granted %d", 3, extra={"worker": "w1"})
    line = stream.getvalue()
    assert line.endswith(" INFO broker.dispatch: granted 3  worker=w1 run=17 phase=train\n")
    assert line[4] == "-"


def test_a_json_line_is_one_object(configured: Configured) -> None:
    stream = configured("json")
    logs_of = logging.getLogger("sparring.store")
    with logs.bound(run=17, rollout=0):
        logs_of.warning("two\nlines", extra={"size_bytes": 5})
    try:
        raise KeyError("cause")
    except KeyError:
        logs_of.exception("failed")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["level"], first["logger"], first["message"]) == ("WARNING", "sparring.store", "two\nlines")
    assert (first["run"], first["rollout"], first["size_bytes"]) == ("17", "0", 5)
    assert first["time"].endswith("Z")
    assert "KeyError: 'cause'" in second["exception"]
    assert "run" not in second


def test_an_exception_follows_its_line_as_text(configured: Configured) -> None:
    stream = configured()
    try:
        raise KeyError("cause")
    except KeyError:
        logging.getLogger("sparring.store").exception("failed")
    first, *trace = stream.getvalue().splitlines()
    assert first.endswith("ERROR store: failed")
    assert trace[-1] == "KeyError: 'cause'"


async def test_what_is_bound_belongs_to_its_task(configured: Configured) -> None:
    stream = configured()
    log = logging.getLogger("sparring.test")

    async def work(run: str) -> None:
        logs.bind(run=run)
        await asyncio.sleep(0)
        log.info("from %s", run)

    await asyncio.gather(work("a"), work("b"))
    log.info("outside")
    lines = [line.split(": ", 1)[1] for line in stream.getvalue().splitlines()]
    assert lines == ["from a  run=a", "from b  run=b", "outside"]
    assert logs.bound_value("run") == ""


def test_configuring_again_does_not_write_lines_twice(configured: Configured) -> None:
    first, second = configured(), configured()
    logging.getLogger("sparring.test").info("once")
    assert first.getvalue() == ""
    assert second.getvalue().count("once") == 1


def test_the_level_comes_from_the_environment_or_else_from_the_caller(configured: Configured) -> None:
    quiet = configured(default_level="WARNING")
    logging.getLogger("sparring.test").info("unseen")
    assert quiet.getvalue() == ""
    loud = configured(level="debug", default_level="WARNING")
    logging.getLogger("sparring.test").debug("seen")
    logging.getLogger("somebody.else").info("unseen")
    assert loud.getvalue().count("\n") == 1


@pytest.mark.parametrize(("kind", "level", "reason"), [("xml", "", "BAD_LOG_FORMAT"), ("", "LOUD", "BAD_LOG_LEVEL")])
def test_a_wrong_setting_is_a_clear_error(configured: Configured, kind: str, level: str, reason: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        configured(kind, level)
    assert caught.value.reason == reason
