"""The lease of a run: its owner says that it lives, and hears what users ask for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sparring.governor.limits import Limits
from sparring.governor.ports import RunStore
from sparring.governor.run_record import Run
from sparring.types.errors import SparringError

_log = logging.getLogger(__name__)


async def keep_lease(
    store: RunStore,
    governor: str,
    owned: Run,
    limits: Limits,
    *,
    heard: Callable[[Run], None],
    lost: Callable[[], None],
) -> None:
    """Renew a lease until it is lost.

    While the store cannot be reached nothing is given up: epochs keep a run from having two owners, not clocks.

    Args:
        store: Keeps leases.
        governor: The owner's name.
        owned: The run.
        limits: How long a lease is, and how often it is renewed.
        heard: Told how the run stands, with its users' wishes.
        lost: Told when the run has got another owner.
    """
    while True:
        await asyncio.sleep(limits.renew_s)
        try:
            renewal = await store.renew(governor, {owned.run: owned.epoch}, limits.lease_s)
        except SparringError as error:
            _log.warning("run %s: its lease was not renewed: %s", owned.run, error)
            continue
        if owned.run in renewal.lost:
            lost()
            return
        for run in renewal.runs:
            if run.run == owned.run:
                heard(run)
