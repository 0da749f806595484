"""How far a run has come: its document in full, what was found out about it, and the phase that is being played."""

from __future__ import annotations

from sparring.experiment.run import ExperimentRun, Phase
from sparring.governor.active_phase import ActivePhase
from sparring.governor.brains import PhaseBrains
from sparring.governor.conditions import Judge
from sparring.governor.limits import Limits
from sparring.governor.losses import LossBudget
from sparring.governor.phase_book import PhaseBook
from sparring.governor.phase_course import PhaseCourse
from sparring.governor.placement import Placement
from sparring.governor.plans import Planner
from sparring.governor.ports import Ports
from sparring.governor.progress_board import ProgressBoard
from sparring.governor.run_record import Run
from sparring.governor.setup import Descriptions
from sparring.types.errors import InternalError


class RunCourse:
    """What the states of a run governor work on.

    Args:
        owned: The run, as it was claimed.
        run: Its document in full.
        placement: Takes the place of the document's; empty does not.
        judge: Asks the run's condition.
        ports: Everybody else.
        limits: How long to wait.
        board: Takes progress.

    Attributes:
        descriptions: What environments offer; there from STARTING_SETUP on.
        placements: Where things run, by phase; there from STARTING_SETUP on.
        budget: How often something may be lost.
    """

    def __init__(
        self,
        owned: Run,
        run: ExperimentRun,
        placement: str,
        judge: Judge,
        *,
        ports: Ports,
        limits: Limits,
        board: ProgressBoard,
    ) -> None:
        self.run, self.placement, self.judge = run, placement, judge
        self.descriptions = Descriptions({})
        self.placements: list[Placement] = []
        self.budget = LossBudget(run.episode_retries)
        self._owned, self._ports, self._limits, self._board = owned, ports, limits, board
        self._number = min(owned.phase, len(run.phases) - 1)
        self._active: ActivePhase | None = None

    @property
    def phase(self) -> Phase:
        """The phase that the run is in."""
        return self.run.phases[self._number]

    @property
    def active(self) -> ActivePhase:
        """The phase that is being played."""
        if self._active is None:
            raise InternalError("NO_PHASE", "No phase is open in this state.")
        return self._active

    @property
    def is_open(self) -> bool:
        """Whether a phase is being played."""
        return self._active is not None

    @property
    def paused(self) -> bool:
        """Whether the phase holds."""
        return self._active is not None and self._active.paused

    async def open_phase(self) -> ActivePhase:
        """Open the phase that the run is in, with what is committed of it already."""
        owned, phase = self._owned, self.phase
        planner = Planner(
            run=owned.run,
            epoch=owned.epoch,
            seed=self.run.seed,
            retries=self.run.episode_retries,
            orphan_s=self._limits.orphan_s,
            phase=phase,
            placement=self.placements[phase.number],
        )
        book = PhaseBook(phase, self.judge.condition.results_needed)
        brains = PhaseBrains(planner, book, self._ports.brains, self._ports.store)
        self._board.begin_phase()
        active = ActivePhase(
            planner,
            PhaseCourse(book, self.judge, brains),
            brains,
            ports=self._ports,
            limits=self._limits,
            board=self._board,
            budget=self.budget,
        )
        await active.look_up()
        self._active = active
        return active

    def leave_phase(self) -> bool:
        """Forget the phase, which is sealed, and go on to the next; False if there is none, or none is wanted."""
        ends_run, self._active = self.active.course.ends_run, None
        if ends_run or self._number + 1 >= len(self.run.phases):
            return False
        self._number += 1
        return True

    async def close_phase(self) -> None:
        """End what is still open, in good order as far as that goes quickly."""
        active, self._active = self._active, None
        if active is None:
            return
        try:
            await active.close()
        except BaseException:  # cancelled, for the run has got another owner; or a bug
            await active.abort()
            raise

    async def abort_phase(self) -> None:
        """Drop what is open without a word to anybody."""
        active, self._active = self._active, None
        if active is not None:
            await active.abort()

    async def hand_over_phase(self) -> None:
        """End what is open, brains saved, for somebody else to go on with."""
        active, self._active = self._active, None
        if active is not None:
            await active.hand_over()

    def nudge(self) -> None:
        """Wake up who waits for events of the phase."""
        if self._active is not None:
            self._active.nudge()
