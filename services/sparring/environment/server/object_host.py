"""The host of one object: a slot that is another process already, and answers descriptions itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.api.environment.v1 import environment_service_pb2_grpc as pb_grpc
from sparring.environment.server.object_worker import HUNG_STATUS
from sparring.environment.server.servicer import sessions
from sparring.host.gauge import SharedGauge
from sparring.host.handing_on import HandingOn
from sparring.host.inquiry import USUAL_S
from sparring.host.plugin_modules import allowed
from sparring.host.pool import SlotPool
from sparring.host.service import hosting
from sparring.host.settings import HostSettings
from sparring.host.slot_process import SlotProcess
from sparring.rpc.channels import open_channel
from sparring.rpc.mounts import mount
from sparring.types.errors import UnavailableError

READY_S: Final = 30.0


class CallingSlot:
    """The process that started us; see `SlotProcess`. It is not ours to kill: we only turn away from it.

    Attributes:
        status: Exit status of this process, as the owner reads it.
    """

    def __init__(self, pid: int, pipe: socket.socket, gauge: SharedGauge) -> None:
        self.pid = pid
        self.pipe = pipe
        self.gauge = gauge
        self.status = 0
        self._over = asyncio.Event()

    async def wait(self) -> int | None:
        """Wait until it has hung up, or until we turn away."""
        await self._over.wait()
        return 0

    def kill(self) -> None:
        """Turn away: it hangs, is stopped, or has ended."""
        if not self._over.is_set() and self.gauge.read().overdue_s:
            self.status = HUNG_STATUS
        self._over.set()
        with contextlib.suppress(OSError):
            self.pipe.shutdown(socket.SHUT_RDWR)

    def is_stopped(self) -> bool:
        """Ask the system, where it says so."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state == "T"

    def show_stack(self) -> None:
        """Leave its signals alone."""

    def hung_up(self) -> None:
        """It has ended, or wants no more."""
        self._over.set()


class ObjectServicer(pb_grpc.EnvironmentServiceServicer):
    """Hands everything on to the object's own thread."""

    def __init__(self, pool: SlotPool, handing_on: HandingOn[pb.SessionResponse], settings: HostSettings) -> None:
        self._pool = pool
        self._sessions = handing_on
        self._settings = settings

    async def Describe(self, request: pb.DescribeRequest, context: Any) -> pb.DescribeResponse:
        """Let the object describe itself."""
        address = await self._pool.ready(READY_S)
        if address is None:
            raise UnavailableError("SLOT_STARTING", "The object's process is not ready yet; ask again.")
        async with open_channel(address, token=self._settings.token, tls=self._settings.tls) as channel:
            stub: Any = pb_grpc.EnvironmentServiceStub(channel)
            response: pb.DescribeResponse = await stub.Describe(request, timeout=request.timeout_s or USUAL_S)
            return response

    async def Session(
        self, request_iterator: AsyncIterator[pb.SessionRequest], context: Any
    ) -> AsyncIterator[pb.SessionResponse]:
        """Hand a session on."""
        async for response in self._sessions.serve(request_iterator):
            yield response


@asynccontextmanager
async def object_host(
    settings: HostSettings, service: str, component: str, slot: CallingSlot, stop: asyncio.Event
) -> AsyncIterator[Callable[[], Coroutine[Any, Any, None]]]:
    """Host an object for the length of the block; gives what waits for the end of its process.

    Args:
        settings: Of the environment service.
        service: Name at the broker.
        component: Name of the object's class.
        slot: The object's process.
        stop: See `rpc.server.running`.
    """

    async def spawn(name: str) -> SlotProcess:
        return slot

    settings = settings.model_copy(update={"plugins": allowed(settings.plugins)})
    configuration = settings.slot_configuration("")
    pool = SlotPool(configuration, 1, advertised=settings.slot_host, spawn=spawn, once=True)
    mounts = [mount(ObjectServicer(pool, sessions(pool, settings), settings))]
    async with pool.running(), hosting(service, settings, pool, mounts, [(component, "environment")], stop):
        yield pool.over
