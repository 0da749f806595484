"""What users ask of runs: to begin, to end, to hold, to go on. Any governor can be asked about any run."""

from __future__ import annotations

from sparring.governor.fleet import Fleet
from sparring.governor.ports import Ports
from sparring.governor.run_record import Wish
from sparring.governor.submission import check_announced, read_submission


class Desk:
    """Makes wishes durable, then sees to it that who governs the run here hears of them at once.

    Args:
        ports: Broker and store.
        fleet: The runs that are governed here.
    """

    def __init__(self, ports: Ports, fleet: Fleet) -> None:
        self._ports = ports
        self._fleet = fleet

    async def start(
        self, document: bytes, *, client_token: str, file_name: str, seed: int | None, placement: str
    ) -> str:
        """Make a document a run, which is durable when this returns; returns its name.

        Arguments as `read_submission`; the same `client_token` never makes a second run.

        Raises:
            DocumentError: DOCUMENT_INVALID, with every problem.
            NotFoundError: COMPONENT_UNKNOWN.
            InvalidArgumentError: PLACEMENT_UNKNOWN.
        """
        submission, run = read_submission(
            document, client_token=client_token, file_name=file_name, seed=seed, placement=placement
        )
        check_announced(run, await self._ports.broker.announced())
        created = await self._ports.store.create(submission)
        self._fleet.look(created.run)
        return created.run

    async def wish(self, run: str, wish: Wish) -> str:
        """Note what a user wishes of a run; returns its name.

        Raises:
            NotFoundError: RUN_UNKNOWN.
            FailedPreconditionError: RUN_ALREADY_TERMINAL.
        """
        noted = await self._ports.store.request(run, wish)
        self._fleet.heed(noted)
        return noted.run
