"""Who carries a run out: claims, leases, transitions. Every write of an owner carries its epoch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sparring.store.changes import Changes
from sparring.store.ports import Tables
from sparring.store.runs import Run, Status, Transition
from sparring.store.writer import Writer
from sparring.types.digest import run_digest
from sparring.types.errors import NotFoundError
from sparring.types.mode import Mode


class Ownership:
    """Runs and their governors.

    Args:
        writer: makes it durable.
        changes: tells those who watch.
        clock_ns: wall time, nanoseconds since 1970 UTC.
        ended: told which run has ended.
    """

    def __init__(
        self, writer: Writer, changes: Changes, clock_ns: Callable[[], int], ended: Callable[[str], None]
    ) -> None:
        self._writer = writer
        self._changes = changes
        self._clock_ns = clock_ns
        self._ended = ended

    async def claim(self, governor: str, limit: int, lease_ns: int, names: Sequence[str]) -> list[Run]:
        """Give a governor runs that nobody owns any more, oldest first, at most `limit`; of `names` only, if any."""
        now_ns = self._clock_ns()

        def work(tables: Tables) -> list[Run]:
            return [
                tables.runs.save(
                    run.claimed(governor, now_ns, lease_ns),
                    f"{governor} took over from {run.governor}." if run.governor else f"{governor} took it.",
                    now_ns,
                )
                for run in tables.runs.claimable(now_ns, names, limit)
            ]

        runs = await self._writer.write(work)
        self._changes.tell(frozenset(run.run for run in runs))
        return runs

    async def renew(self, epochs: Mapping[str, int], lease_ns: int) -> tuple[list[Run], list[str]]:
        """Prolong leases; returns the runs still owned, and the names of those that somebody else has now."""
        now_ns = self._clock_ns()

        def work(tables: Tables) -> tuple[list[Run], list[str]]:
            owned, lost = [], []
            for name, epoch in sorted(epochs.items()):
                try:
                    run = tables.runs.find(name)
                except NotFoundError:
                    lost.append(name)
                    continue
                if run.epoch != epoch:
                    lost.append(name)
                    continue
                renewed = run.renewed(now_ns, lease_ns)
                tables.runs.renew(renewed)
                owned.append(renewed)
            return owned, lost

        return await self._writer.write(work)

    async def enter(self, name: str, transition: Transition) -> Run:
        """Make a transition durable. One that ends the run as finished gets its digests.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: EPOCH_STALE, ORDINAL_SKIPPED, RUN_ALREADY_TERMINAL.
        """
        now_ns = self._clock_ns()

        def work(tables: Tables) -> Run:
            before = tables.runs.find(name)
            after = before.entered(transition, now_ns)
            if after is before:
                return before
            if transition.phase_name:
                tables.phases.begin(name, transition.phase, transition.mode, transition.phase_name)
            if after.status is Status.FINISHED and before.status is not Status.FINISHED:
                after = _with_digests(tables, after)
            return tables.runs.save(after, transition.message, now_ns)

        run = await self._writer.write(work)
        self._changes.tell(frozenset({name}))
        if run.status.terminal:
            self._ended(name)
        return run


def _with_digests(tables: Tables, run: Run) -> Run:
    digests = tables.episodes.digests(run.run)
    return replace(
        run,
        digest=run_digest(each for each in digests if each[0].mode is not Mode.EVALUATE),
        evaluation_digest=run_digest(each for each in digests if each[0].mode is Mode.EVALUATE),
    )
