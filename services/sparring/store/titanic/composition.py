"""Builds Titanic beside a store: its servicer, then, at a broker, its workers and its dispatcher."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sparring.client.access import Access
from sparring.client.broker_channel import open_broker_channel
from sparring.client.connector import registered
from sparring.rpc.tasks import Tasks
from sparring.store.changes import Changes
from sparring.store.places import Places, make_durable_folder
from sparring.store.refusals import disk_refusal
from sparring.store.titanic.carrier import BrokerCarrier
from sparring.store.titanic.disk import Disk, on_disk
from sparring.store.titanic.dispatch import Dispatch
from sparring.store.titanic.dispatcher import Dispatcher
from sparring.store.titanic.envelope import answers
from sparring.store.titanic.jobs import Jobs
from sparring.store.titanic.orders import Quota
from sparring.store.titanic.servicer import TitanicServicer
from sparring.store.titanic.sql import SqlJobDatabase
from sparring.types.errors import SparringError

LEASE_S: Final = 6.0
"""A job whose dispatcher was killed is attempted again after so long."""
QUOTA: Final = Quota()
LOOK_EVERY_S: Final = 1.0
CALLS: Final = 16


@dataclass(frozen=True)
class Titanic:
    """What was built: the servicer is mounted, the rest is for `dispatching`."""

    servicer: TitanicServicer
    jobs: Jobs
    disk: Disk
    changes: Changes
    clock_ns: Callable[[], int] = field(repr=False)


@contextlib.asynccontextmanager
async def keeping(
    directory: Path,
    *,
    database: str = "",
    stop: asyncio.Event | None = None,
    quota: Quota = QUOTA,
    clock_ns: Callable[[], int] = time.time_ns,
) -> AsyncIterator[Titanic]:
    """Keep durable requests for the length of the block, in the store's own database.

    Args:
        directory: of the store.
        database: its URL, if it is not the SQLite file in the directory.
        stop: set when the service begins to stop.
        quota: how much is kept.
        clock_ns: wall time, nanoseconds since 1970 UTC.

    Raises:
        SparringError: as `store.composition.composed`.
    """
    places = Places(directory)

    def opening() -> SqlJobDatabase:
        try:
            make_durable_folder(places.runs)
        except OSError as error:
            raise disk_refusal(error) from error
        return SqlJobDatabase(database or places.database_url)

    async with on_disk(opening) as disk:
        changes = Changes()
        jobs = Jobs(disk, changes, quota, clock_ns)
        yield Titanic(TitanicServicer(jobs, stop or asyncio.Event()), jobs, disk, changes, clock_ns)


@contextlib.asynccontextmanager
async def dispatching(
    titanic: Titanic,
    *,
    broker: str,
    target: str,
    access: Access,
    lease_s: float = LEASE_S,
    look_every_s: float = LOOK_EVERY_S,
) -> AsyncIterator[None]:
    """Be registered as the three services of RFC 9 and carry jobs out, for the length of the block.

    Args:
        titanic: what is kept.
        broker: of the workers.
        target: host:port of the server that `titanic.servicer` is mounted at.
        access: token and TLS material.
        lease_s: see `LEASE_S`.
        look_every_s: how often to look whether a worker has come.
    """
    owner = secrets.token_hex(8)
    dispatch = Dispatch(titanic.disk, titanic.changes, owner, round(lease_s * 1e9), titanic.clock_ns)
    async with contextlib.AsyncExitStack() as stack:
        channel = open_broker_channel(broker, token=access.token, tls=access.tls, retries=False)
        await stack.enter_async_context(channel)
        for service, answer in answers(titanic.servicer).items():
            await stack.enter_async_context(
                registered(
                    broker=broker,
                    service=service,
                    target=target,
                    token=access.token,
                    tls=access.tls,
                    calls=CALLS,
                    answer=answer,
                )
            )
        stack.push_async_callback(_leave, dispatch)
        tasks = await stack.enter_async_context(Tasks())
        carrier = BrokerCarrier(channel)
        dispatcher = Dispatcher(dispatch, titanic.jobs, carrier, look_every_s=look_every_s, renew_every_s=lease_s / 3)
        tasks.start(dispatcher.run(), "titanic")
        yield


async def _leave(dispatch: Dispatch) -> None:
    """Let whoever comes next attempt again at once what is under way."""
    with contextlib.suppress(SparringError):  # then the lease lapses
        await dispatch.leave()
