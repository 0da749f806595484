"""What this process and its children write to standard error, handed on line by line while something is being drawn."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Final, TextIO

STDERR: Final = 2
_LAST_WORDS_S: Final = 0.5
"""A child that lives on keeps the pipe open: nobody waits longer than this for its last words."""


@contextlib.contextmanager
def captured(take: Callable[[str], None]) -> Iterator[TextIO]:
    """Hand on what is written to file descriptor 2 during the block, children started in it included.

    Args:
        take: called with each line, in a thread.

    Yields:
        The real standard error.
    """
    sys.stderr.flush()
    real = os.dup(STDERR)
    readable, writable = os.pipe()
    os.dup2(writable, STDERR)
    os.close(writable)
    reader = threading.Thread(target=_read, args=(readable, take), name="standard error", daemon=True)
    reader.start()
    stream = os.fdopen(os.dup(real), "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace")
    try:
        yield stream
    finally:
        sys.stderr.flush()
        os.dup2(real, STDERR)
        os.close(real)
        reader.join(_LAST_WORDS_S)
        stream.close()


def _read(readable: int, take: Callable[[str], None]) -> None:
    with os.fdopen(readable, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            take(line.rstrip("\n"))
