"""Builds the examples in other languages below build/languages, once, and starts their servers."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support.repository import ROOT

EXAMPLES: Final = ROOT / "examples"
BUILT: Final = ROOT / "build" / "languages"
BUILD_S: Final = 300.0
START_S: Final = 30.0
STOP_S: Final = 15.0

TOOLS: Final = {
    "cpp": ("g++", "make", "pkg-config", "protoc", "grpc_cpp_plugin"),
    "node": ("node", "npm"),
    "java": ("javac", "make", "protoc", "grpc_java_plugin"),
}
# What ends with SIGTERM: Java says so by its exit code, after its orderly end.
ENDS: Final = {"cpp": 0, "node": 0, "java": 143}


def require(language: str) -> None:
    """Skip the test where the machine lacks what builds this language."""
    missing = [tool for tool in TOOLS[language] if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here; .ci/install-packages installs what examples are built with")


def build(language: str, folder: Path | None = None) -> list[str]:
    """Build the example, or what was scaffolded in `folder`; return the command that starts its server.

    What npm fetched is shared.
    """
    require(language)
    source = folder or EXAMPLES / language
    if language == "node":
        fetch_modules()
        return ["node", str(source / "main.js")]
    target = BUILT / language if folder is None else folder / "build"
    shared = ["CXXFLAGS=-O1"] if language == "cpp" else []
    run("make", "-j2", f"BUILD={target}", *shared, folder=source)
    return [str(next(target / name for name in ("run", source.name, "power-grid") if (target / name).is_file()))]


def fetch_modules() -> Path:
    """Fetch what the example in JavaScript needs; return the folder of modules."""
    folder = BUILT / "node"
    wanted = (EXAMPLES / "node" / "package.json").read_text()
    have = folder / "package.json"
    if not (have.is_file() and have.read_text() == wanted and (folder / "node_modules").is_dir()):
        folder.mkdir(parents=True, exist_ok=True)
        have.write_text(wanted)
        try:
            run("npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
        except BaseException:
            have.unlink()  # half of it would look whole
            raise
    return folder / "node_modules"


def run(*command: str, folder: Path) -> str:
    """Run a command that must do well; return what it printed."""
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=BUILD_S, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


class Server:
    """A server of an example. Attributes: address, host:port."""

    def __init__(self, command: list[str], variables: Mapping[str, str]) -> None:
        modules = {"NODE_PATH": str(BUILT / "node" / "node_modules")}
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **modules, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._said: list[str] = []
        self._stopped = False
        # Both pipes are read to their ends, so that the server never waits for a reader.
        self._reader = threading.Thread(target=self._read_errors)
        self._reader.start()
        self.address = self._first_line().rsplit(" ", 1)[-1].strip()

    def _first_line(self) -> str:
        assert self.process.stdout is not None
        timer = threading.Timer(START_S, self.process.kill)
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
            timer.join()
        if " listens at " not in line:
            self.stop(signal.SIGKILL)
            raise AssertionError(f"It does not listen: {line} {''.join(self._said)}")
        return line

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._said.extend(self.process.stderr)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; return its exit code."""
        self.process.send_signal(how)
        try:
            return self.process.wait(STOP_S)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            for pipe in (self.process.stdout, self.process.stderr):
                assert pipe is not None
                pipe.close()


@contextlib.contextmanager
def serving(command: list[str], *options: str, **variables: str) -> Iterator[str]:
    """Run a server for the length of the block; yields its address. It must end in order when asked to."""
    server = Server([*command, *options], variables)
    try:
        yield server.address
    except BaseException:
        server.stop(signal.SIGKILL)
        raise
    code = server.stop()
    assert code in ENDS.values(), f"ended with {code}"
