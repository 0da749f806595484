"""The child process of an object's worker: the parent of a host with one slot, which is the process that started it.

Started by its file's name, as `sparring.host.slot_main`. It ends when its owner closes the pipe.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if __name__ == "__main__" and importlib.util.find_spec("sparring") is None:
    sys.path.append(str(Path(__file__).resolve().parents[3]))

import asyncio
import json
import socket
from typing import Any

import sparring.rpc.grpc_environment  # noqa: F401 - before anything that imports grpc
from sparring.environment.server.object_host import CallingSlot, object_host
from sparring.environment.server.settings import Settings
from sparring.host.gauge import SharedGauge
from sparring.rpc import logs, settings, signals
from sparring.types.errors import SparringError


class ObjectSettings(Settings, env_prefix="SPARRING_ENVIRONMENT_"):
    """As of the environment service; but several may run on one machine."""

    address: str = "127.0.0.1:0"


def main(arguments: list[str]) -> int:
    """Run the child. `arguments`: numbers of the descriptors of pipe and gauge, and what the owner tells (JSON)."""
    pipe, gauge = socket.socket(fileno=int(arguments[0])), SharedGauge(int(arguments[1]))
    told = json.loads(arguments[2])
    try:
        logs.configure()
        loaded = settings.load(ObjectSettings, broker=told["broker"] or None, slots=1)
        return asyncio.run(_serve(loaded, told, CallingSlot(told["owner"], pipe, gauge)))
    except SparringError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1


async def _serve(loaded: ObjectSettings, told: dict[str, Any], slot: CallingSlot) -> int:
    stop = signals.stop_on_signal()
    async with object_host(loaded, told["service"], told["component"], slot, stop) as over:
        stopping = asyncio.create_task(stop.wait())
        ending = asyncio.create_task(over())
        await asyncio.wait((stopping, ending), return_when=asyncio.FIRST_COMPLETED)
        for task in (stopping, ending):
            task.cancel()
    return slot.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
