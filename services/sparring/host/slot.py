"""A slot as its parent sees it: one process from its start to its end, and what it says of its session."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Final

from sparring.host import process, stack
from sparring.host.pipe import LIMIT_BYTES, encode
from sparring.host.slot_context import SlotConfiguration
from sparring.host.slot_process import SlotProcess, SpawnSlot
from sparring.host.verdict import SlotWatch, Verdict

_STACK_S: Final = 0.3
"""How long a process that hangs may take to say where."""
_LOOK_S: Final = 0.02
_LAST_WORDS_S: Final = 1.0

_log = logging.getLogger(__name__)


class SlotState(Enum):
    """How a slot stands."""

    STARTING = "starting"
    FREE = "free"
    EXPECTING = "expecting"
    OPEN = "open"
    SUSPENDED = "suspended"
    GONE = "gone"


@dataclass(slots=True)
class Held:
    """The session that a slot expects or holds; `until` is when an expected one must have begun (`time.monotonic`)."""

    token: str
    component: str = ""
    run: str = ""
    until: float = 0.0


class Slot:
    """One process. Used by one event loop.

    Args:
        spawn: Starts the process.
        configuration: What it is told first.
        number: For people.
        grace_s: See `SlotWatch`.
        changed: Called after every change, with the slot and what the process said (see `pipe`).

    Attributes:
        state: How it stands.
        held: The session, if there is one.
        port: Where it listens; 0 before it is ready.
        failure: Why it could not start; empty if it could.
        verdict: Why it was killed, if it was.
        used: Whether it ever held a session.
    """

    def __init__(
        self,
        spawn: SpawnSlot,
        configuration: SlotConfiguration,
        number: int,
        grace_s: float,
        changed: Callable[[Slot, Mapping[str, Any]], None],
    ) -> None:
        self.number = number
        self.state = SlotState.STARTING
        self.held: Held | None = None
        self.port = 0
        self.failure = ""
        self.verdict: Verdict | None = None
        self.used = False
        self._spawn = spawn
        self._configuration = configuration
        self._changed = changed
        self._process: SlotProcess | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._watch = SlotWatch(grace_s)
        self._dismissed = False

    @property
    def pid(self) -> int:
        """The process; 0 before there is one."""
        return self._process.pid if self._process is not None else 0

    async def run(self) -> int | None:
        """Start the process, listen to it, and return its exit status when it has ended. Cancelled, it kills it.

        Raises:
            OSError: It could not be started.
        """
        service = self._configuration.entry.removeprefix("sparring.").partition(".")[0]
        found = self._process = await self._spawn(f"{service}-{self.number}")
        try:
            reader, self._writer = await asyncio.open_unix_connection(sock=found.pipe, limit=LIMIT_BYTES)
            self._configure()
            if self._dismissed:
                found.kill()
            return await self._accompany(found, reader)
        finally:
            found.kill()
            if self._writer is not None:
                self._writer.close()
            found.pipe.close()
            found.gauge.close()
            self.state = SlotState.GONE
            async with asyncio.timeout(_LAST_WORDS_S):
                await found.wait()

    def look(self) -> Verdict | None:
        """Look at the process once; the verdict if it has to be killed, once."""
        found = self._process
        if found is None or self.state is SlotState.GONE or self.verdict is not None:
            return None
        self.verdict = self._watch.look(found.gauge.read(), found.is_stopped(), time.monotonic())
        return self.verdict

    async def execute(self) -> None:
        """Kill the process, on a verdict; one that hangs may say first where it does."""
        found, verdict = self._process, self.verdict
        if found is None or verdict is None or self.state is SlotState.GONE:
            return
        if verdict.hung and (at := await self._place(found)):
            self.verdict = Verdict(True, verdict.reason, f"{verdict.message}; it was at {at}")
        self.kill()

    def kill(self) -> None:
        """Kill the process."""
        if self._process is not None:
            self._process.kill()

    def expect(self, token: str, component: str, run: str, for_s: float) -> None:
        """Reserve the slot, which is free, for a session."""
        self.state, self.held = SlotState.EXPECTING, Held(token, component, run, time.monotonic() + for_s)
        self._tell("expect", token=token, for_s=for_s)

    def forget(self, token: str) -> None:
        """Ask the process not to expect a session any more, if it has not begun; it says `ended` then."""
        self._tell("forget", token=token)

    def withdraw(self, token: str) -> None:
        """Ask the process to end a session, or to stop expecting it; it says `ended` then."""
        self._tell("withdraw", token=token)

    def dismiss(self) -> None:
        """End the process: at once if no author code has ever run in it, else in its own time."""
        self._dismissed = True
        if self.state is SlotState.STARTING or (self.state is SlotState.FREE and not self.used):
            self.kill()
        else:
            self._tell("drain")

    async def _accompany(self, found: SlotProcess, reader: asyncio.StreamReader) -> int | None:
        """Listen until the process has ended; return its status. One that hangs up, or talks nonsense, is killed."""
        listening = asyncio.create_task(self._listen(reader), name=f"slot-{self.number}-pipe")
        ending = asyncio.create_task(found.wait(), name=f"slot-{self.number}-end")
        try:
            await asyncio.wait((listening, ending), return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                found.hung_up()
            await asyncio.wait((listening,) if ending.done() else (ending,), timeout=_LAST_WORDS_S)
            found.kill()
            return await ending
        finally:
            for task in (listening, ending):
                task.cancel()
            await asyncio.gather(listening, ending, return_exceptions=True)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._hear(json.loads(line))
        except ConnectionError:
            return  # it was killed before it had read everything
        except (ValueError, KeyError) as error:
            _log.error("slot %d: process %d said what nobody understands: %r", self.number, self.pid, error)

    def _hear(self, message: Mapping[str, Any]) -> None:
        match message["say"]:
            case "ready":
                self.state, self.port = SlotState.FREE, message["port"]
                _log.debug("slot %d: process %d is ready, %.2f s of CPU", self.number, self.pid, message["cpu_s"])
            case "failed":
                self.failure = message["message"]
            case "opened":
                self.state, self.used = SlotState.OPEN, True
                self.held = Held(message["token"], message["component"], message["run"])
            case "suspended":
                self.state = SlotState.SUSPENDED
            case "resumed":
                self.state = SlotState.OPEN
            case "ended" if self.held is not None and self.held.token == message["token"]:
                self.state, self.held = SlotState.FREE, None
        self._changed(self, message)

    def _configure(self) -> None:
        level = logging.getLevelName(logging.getLogger("sparring").getEffectiveLevel())
        self._write({**asdict(self._configuration), "import_path": process.import_path(), "log_level": level})

    def _tell(self, what: str, **values: Any) -> None:
        self._write({"do": what, **values})

    def _write(self, message: Mapping[str, Any]) -> None:
        """Say something; what the process no longer hears is noticed by `run`."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(message))

    async def _place(self, found: SlotProcess) -> str:
        """Ask a process where it is."""
        found.show_stack()
        until = time.monotonic() + _STACK_S
        text = ""
        while time.monotonic() < until:
            await asyncio.sleep(_LOOK_S)
            if found.gauge.descriptor < 0:
                break  # it has ended meanwhile
            before, text = text, stack.read(found.gauge.descriptor)
            if text and text == before:
                break
        if text:
            _log.warning("slot %d: process %d hangs:\n%s", self.number, found.pid, text.rstrip())
        return stack.place(text)
