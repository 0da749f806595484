"""Structured logs of a process: one handler, text for people or JSON for machines, with run, phase and request.

Everything logs through the standard library (`logging.getLogger(__name__)`); values go in as `extra={...}` or are bound
to the task. SPARRING_LOG_LEVEL and SPARRING_LOG_FORMAT (text or json) choose what is seen.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Final, TextIO

from sparring.types.errors import InvalidArgumentError

LEVEL_VARIABLE: Final = "SPARRING_LOG_LEVEL"
FORMAT_VARIABLE: Final = "SPARRING_LOG_FORMAT"
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

REQUEST: Final = "request"
"""Name of the bound field that holds the request id; channels pass it on."""

_OURS: Final = "sparring"
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_bound: ContextVar[Mapping[str, str]] = ContextVar("sparring_log_fields", default={})  # noqa: B039 - never changed


def bind(**fields: object) -> None:
    """Add fields to every record of the current task (and of the tasks that it starts from now on)."""
    _bound.set({**_bound.get(), **{name: str(value) for name, value in fields.items()}})


@contextlib.contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Add fields to every record of the block. Not for async generators: they end in another context."""
    token = _bound.set({**_bound.get(), **{name: str(value) for name, value in fields.items()}})
    try:
        yield
    finally:
        _bound.reset(token)


def bound_value(name: str) -> str:
    """Return what is bound to `name`, or an empty string."""
    return _bound.get().get(name, "")


def configure(*, default_level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send the logs of this process to standard error; a second call only changes level, format and stream.

    Args:
        default_level: used where SPARRING_LOG_LEVEL says nothing: INFO for services, WARNING inside the command line.
        stream: instead of standard error.

    Raises:
        InvalidArgumentError: BAD_LOG_LEVEL or BAD_LOG_FORMAT.
    """
    level = (os.environ.get(LEVEL_VARIABLE) or default_level).upper()
    if level not in LEVELS:
        raise InvalidArgumentError(
            "BAD_LOG_LEVEL", f"{LEVEL_VARIABLE} is {level!r}; it must be one of {', '.join(LEVELS)}.", level=level
        )
    kind = (os.environ.get(FORMAT_VARIABLE) or "text").lower()
    if kind not in _FORMATTERS:
        raise InvalidArgumentError(
            "BAD_LOG_FORMAT", f"{FORMAT_VARIABLE} is {kind!r}; it must be text or json.", format=kind
        )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Handler)]:
        root.removeHandler(handler)
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(_FORMATTERS[kind]())
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # what libraries say
    logging.getLogger(_OURS).setLevel(level)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, told from the handlers of whoever embeds us. Adds what is bound, in the task that logs."""

    def emit(self, record: logging.LogRecord) -> None:
        for name, value in _bound.get().items():
            record.__dict__.setdefault(name, value)
        super().emit(record)


class _TextFormatter(logging.Formatter):
    """`2026-01-31 12:00:00.000 INFO broker.dispatch: message  run=17 request=ab12`."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        at = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(record.created))}.{int(record.msecs):03d}"
        name = record.name.removeprefix(f"{_OURS}.")
        line = f"{at} {record.levelname} {name}: {record.message}{' ' if fields else ''}{fields}"
        return f"{line}\n{_trace(self, record)}" if record.exc_info or record.stack_info else line


class _JsonFormatter(logging.Formatter):
    """One JSON object per line; times are UTC."""

    def format(self, record: logging.LogRecord) -> str:
        at = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z"
        line = {
            "time": at,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "pid": record.process,
            **_fields(record),
        }
        if record.exc_info or record.stack_info:
            line["exception"] = _trace(self, record)
        return json.dumps(line, default=str, ensure_ascii=False)


_FORMATTERS: Final[Mapping[str, type[logging.Formatter]]] = {"text": _TextFormatter, "json": _JsonFormatter}


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    trace = formatter.formatException(record.exc_info) if record.exc_info else ""
    return "\n".join(part for part in (trace, record.stack_info) if part)
