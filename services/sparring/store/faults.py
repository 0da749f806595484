"""The faults that struck: each is kept before it strikes, so that one that kills does so once."""

from __future__ import annotations

from collections.abc import Callable

from sparring.store.ports import Tables
from sparring.store.readers import Readers
from sparring.store.writer import Writer
from sparring.types.faults import StruckFault


class Faults:
    """Faults of runs."""

    def __init__(self, writer: Writer, readers: Readers, clock_ns: Callable[[], int]) -> None:
        self._writer = writer
        self._readers = readers
        self._clock_ns = clock_ns

    async def record(self, run: str, epoch: int, attempt: str, fault: StruckFault) -> bool:
        """Keep that a fault strikes.

        Args:
            run: the run.
            epoch: of its owner.
            attempt: who asks; asking again gives the same answer.
            fault: what strikes.

        Returns:
            Whether what is kept is this attempt's; False if the fault struck in an earlier one.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: EPOCH_STALE.
            UnavailableError: STORE_FULL or STORE_BUSY.
        """
        now_ns = self._clock_ns()

        def work(tables: Tables) -> bool:
            tables.runs.find(run).check_epoch(epoch)
            return tables.faults.put(run, attempt, fault, now_ns) == attempt

        return await self._writer.write(work)

    async def list(self, name: str) -> list[StruckFault]:
        """Return the faults that struck in a run.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        return await self._readers.read(lambda tables: tables.faults.list(tables.runs.find(name).run))
