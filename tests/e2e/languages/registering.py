"""`sparring register` beside a server of an example, for the length of a block."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.command import command, environment

START_S = 30.0
STOP_S = 15.0


@contextlib.contextmanager
def registered(service: str, server: str, broker: str, folder: Path, *options: str) -> Iterator[None]:
    """Register a server; the block begins when the broker knows it. The process must end with 0."""
    arguments = command("register", service, server, "--connect", broker, *options)
    process = subprocess.Popen(
        arguments, cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    said: list[str] = []
    there = threading.Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if " is registered at " in line:
                there.set()
        there.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert there.wait(START_S), said
        assert process.poll() is None, said
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 0, said
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()
