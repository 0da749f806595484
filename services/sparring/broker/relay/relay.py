"""The relay: lets whoever shows the token of a granted session through to its worker, and nobody to anywhere else."""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from sparring.api.broker.v1 import broker_service_pb2 as pb
from sparring.api.broker.v1 import grant_pb2, management_service_pb2
from sparring.broker.majordomo.messages import SessionState
from sparring.broker.majordomo.rules import Rules
from sparring.broker.majordomo.session import Session
from sparring.broker.majordomo.status import WorkerStatus
from sparring.broker.majordomo.worker import Worker
from sparring.broker.relay.keys import LeaseKeys
from sparring.broker.relay.spares import PER_WORKER, Spares
from sparring.rpc.relay.request import ACCEPTED, SPARE, Refusal, Request, encode_request
from sparring.rpc.relay.sockets import ask, dial, say
from sparring.rpc.relay.splicer import Splicer
from sparring.rpc.relay.tunnels import Tunnels

WORKER_S: Final = 2.0
"""How long a spare connection, or the relay of a worker, may take to answer."""
_TRIES: Final = 4
_SWEEP_S: Final = 0.25


@dataclass(frozen=True)
class Books:
    """What the rules know: sessions by token, workers by stream and by name."""

    rules: Rules
    session: Callable[[str], Session | None]
    worker: Callable[[int], Worker | None]
    worker_named: Callable[[str], Worker | None]


class Relay:
    """Used by one event loop.

    Args:
        books: Knows sessions and workers.
        splicer: Moves the bytes.
        broker_id: Name of this broker's life; leases are named by it.
        port: Where the relay listens.
        news: Set whenever something has happened: sessions may have come, or gone.
        patience_s: How long after its start a broker may not know a session yet that its worker is about to tell.
    """

    def __init__(
        self, books: Books, splicer: Splicer, broker_id: str, port: int, news: asyncio.Event, patience_s: float
    ) -> None:
        self._books = books
        self._broker_id = broker_id
        self._port = port
        self._news = news
        self.refused: Counter[int] = Counter()
        """Refusals by status."""
        self._keys = LeaseKeys()
        self._tunnels = Tunnels(splicer)
        self._spares = Spares()
        self._learnt_at = asyncio.get_running_loop().time() + patience_s

    def invite(self, lease_id: str) -> pb.Relay:
        """Tell a worker how to keep spare connections."""
        key, advertised = self._keys.key(lease_id), self._books.rules.relay
        return pb.Relay(port=self._port, key=key, max_spares=PER_WORKER, advertised=advertised)

    def describe(self, status: WorkerStatus, message: management_service_pb2.WorkerStatus) -> None:
        """Write how a worker is reached through this relay."""
        rules, ready = self._books.rules, status.ready
        if ready.dial_out:
            message.endpoint.relay = rules.relay
        elif rules.relay_always and ready.slots:
            message.endpoint.CopyFrom(grant_pb2.Endpoint(relay=rules.relay))
        message.relayed = sum(self._tunnels.count(session.token) for session in status.sessions)
        worker = self._books.worker_named(ready.worker_id)
        message.spares = 0 if worker is None else self._spares.count(self._lease(worker.stream))

    def counts(self) -> dict[str, int]:
        """Return how many connections there are of each kind."""
        return {"session": len(self._tunnels), "spare": len(self._spares)}

    def connections(self) -> int:
        """Return how many connections there are, joined ones and spare ones."""
        return len(self._tunnels) + len(self._spares)

    async def serve(self, request: Request, connection: socket.socket) -> None:
        """Answer a request, and take its connection over.

        Raises:
            Refusal: It is refused.
        """
        if request.method == SPARE:
            await self._keep(request, connection)
            return
        session = await self._session(request)
        with self._tunnels.room(session.token):
            worker, early = await self._reach(session)
            try:
                self._open(session.token)  # it may be over by now
                await say(connection, ACCEPTED)
            except BaseException:
                worker.close()
                raise
            self._tunnels.join(session.token, connection, worker, early, request.early)
            self._news.set()  # it may be over since: the next sweep looks

    async def sweep(self) -> None:
        """Cut what leads to sessions that are over, and drop what workers have left behind; until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            for token in self._tunnels.sessions():
                if self._books.session(token) is None:
                    self._tunnels.cut(token)
            for lease_id in self._spares.leases():
                if self._holder(lease_id) is None:
                    self._spares.forget(lease_id)
            await asyncio.sleep(_SWEEP_S)

    def close(self) -> None:
        """Close the spare connections."""
        self._spares.close()

    async def _keep(self, request: Request, connection: socket.socket) -> None:
        lease_id = request.target
        if not self._keys.right(lease_id, request.password) or self._holder(lease_id) is None:
            raise Refusal(HTTPStatus.FORBIDDEN, "No worker is registered here under this lease with this key.")
        self._spares.check_room(lease_id)
        await say(connection, ACCEPTED)
        self._spares.keep(lease_id, connection)
        self._news.set()  # its worker may be gone since

    async def _session(self, request: Request) -> Session:
        """Find the session that a client may reach."""
        if not hmac.compare_digest(request.password, request.target):
            raise Refusal(HTTPStatus.FORBIDDEN, "The credential is not that of the session.")
        loop = asyncio.get_running_loop()
        session = self._books.session(request.target)
        while session is None and loop.time() < self._learnt_at:
            await asyncio.sleep(_SWEEP_S / 5)
            session = self._books.session(request.target)
        return self._open(request.target)

    def _open(self, token: str) -> Session:
        session = self._books.session(token)
        now = asyncio.get_running_loop().time()
        if session is None or not session.open or session.released or _lapsed(session, now):
            raise Refusal(HTTPStatus.NOT_FOUND, "There is no such session, or not any more.")
        return session

    async def _reach(self, session: Session) -> tuple[socket.socket, bytes]:
        """Connect to the worker of a session; return what it has said already, too."""
        endpoint = session.endpoint
        if endpoint is not None and endpoint.relay:
            worker = await dial(endpoint.relay)
            return worker, await _connect(worker, session.token)
        if endpoint is not None and endpoint.address.startswith("unix:"):
            raise Refusal(HTTPStatus.BAD_GATEWAY, "The session is reached on its worker's machine only.")
        if endpoint is not None and endpoint.address:
            return await dial(endpoint.address), b""
        return await self._reach_by_spare(session)

    async def _reach_by_spare(self, session: Session) -> tuple[socket.socket, bytes]:
        refusal = Refusal(HTTPStatus.BAD_GATEWAY, "Nobody says where this session is reached.")
        for _ in range(_TRIES):
            holder = None if session.stream is None else self._books.worker(session.stream)
            if holder is None or not holder.ready.dial_out:
                raise refusal
            worker = await self._spares.take(self._lease(holder.stream))
            try:
                return worker, await _connect(worker, session.token)
            except Refusal as error:  # it broke without a word, perhaps; another one may be good
                refusal = error
        raise refusal

    def _lease(self, stream: int) -> str:
        return f"{self._broker_id}-{stream}"

    def _holder(self, lease_id: str) -> Worker | None:
        broker_id, _, stream = lease_id.rpartition("-")
        known = broker_id == self._broker_id and stream.isascii() and stream.isdecimal()
        worker = self._books.worker(int(stream)) if known else None
        return worker if worker is not None and worker.ready.dial_out else None


def _lapsed(session: Session, now: float) -> bool:
    return session.state is SessionState.EXPECTED and session.reported and 0 < session.expires < now


async def _connect(worker: socket.socket, token: str) -> bytes:
    """Ask the other end of a connection for a session; it is closed where it refuses."""
    try:
        return await ask(worker, encode_request("CONNECT", token, "session", token), WORKER_S)
    except BaseException:
        worker.close()
        raise
