"""What every state of a run governor is: work to be done, and the state that follows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from sparring.governor.run_record import StateName

if TYPE_CHECKING:
    from sparring.governor.run_governor import RunGovernor


class State(ABC):
    """One state. An object of it is made when the state is entered, and forgotten when it is left.

    Attributes:
        name: As the store and users know it.
        on_error: The state that follows when `run` raises.
        interruptible: Whether `run` may be stopped in the middle when the user cancels the run.
    """

    name: ClassVar[StateName]
    on_error: ClassVar[StateName] = StateName.ERROR_HANDLING_TRANSCEIVING
    interruptible: ClassVar[bool] = True

    def __init__(self, governor: RunGovernor) -> None:
        self.governor = governor

    @property
    def message(self) -> str:
        """What is recorded with the transition into this state, for people."""
        return ""

    @abstractmethod
    async def run(self) -> None:
        """Do what this state is for."""

    @abstractmethod
    def next_state(self) -> StateName:
        """Return the state that follows; asked once `run` has returned."""

    def __repr__(self) -> str:
        return f"<state {self.name}>"
