"""What a rule sees of a document: one phase, and where its values are written."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.experiment.class_names import VANILLA_RUN_GOVERNOR, canonical
from sparring.experiment.problems import Problem
from sparring.experiment.schema.document import DocumentSchema
from sparring.experiment.schema.phase import PhaseSchema
from sparring.experiment.tree import Path
from sparring.experiment.validation import UNKNOWN, Validated


@dataclass(frozen=True)
class PhaseView:
    """One phase of a document. Paths given to its methods begin in the phase: `("agents", 0, "name")`."""

    validated: Validated
    document: DocumentSchema
    number: int

    @property
    def name(self) -> str:
        """Return the phase's name."""
        return next(iter(self.document.schedule[self.number]))

    @property
    def before(self) -> PhaseView | None:
        """Return the phase before."""
        return PhaseView(self.validated, self.document, self.number - 1) if self.number else None

    @property
    def phase(self) -> PhaseSchema:
        """Return the phase, written out in full."""
        return self.document.schedule[self.number][self.name]

    @property
    def controller(self) -> str:
        """Return our name of the simulation controller's class."""
        return canonical(self.phase.simulation.name)

    @property
    def run_condition(self) -> str:
        """Return our name of the run's condition's class."""
        condition = self.document.run_config.condition
        return VANILLA_RUN_GOVERNOR if condition is None else canonical(condition.name)

    @property
    def environments(self) -> list[str] | None:
        """Return the uids of the phase's environments; None if they are not all known."""
        uids = [each.environment.uid for each in self.phase.environments]
        return uids if self.complete("environments") and UNKNOWN not in uids else None

    @property
    def agents(self) -> list[str] | None:
        """Return the names of the phase's agents; None if they are not all known."""
        names = [each.name for each in self.phase.agents]
        return names if self.complete("agents") and UNKNOWN not in names else None

    def path(self, *steps: str | int) -> Path:
        """Return the path in the document of something in the phase."""
        return ("schedule", self.number, self.name, *steps)

    def problem(self, steps: Path, found: str, expected: str, message: str = "", *, key: bool = False) -> Problem:
        """Build a problem about something in the phase."""
        return self.validated.places.problem(self.path(*steps), found, expected, message, key=key)

    def line(self, *steps: str | int) -> int:
        """Return the line of something in the phase."""
        return self.validated.places.line(self.path(*steps))

    def written(self, *steps: str | int) -> bool:
        """Whether this phase or one before says anything there."""
        return self.validated.places.written(self.path(*steps))

    def complete(self, *steps: str | int) -> bool:
        """Whether nothing unusable was taken out of this list or mapping."""
        return self.validated.complete(self.path(*steps))
