"""Changes to what an environment reports, plugged in by a document."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sparring.environment.environment_state import EnvironmentState


class EnvironmentStateTransformer(ABC):
    """Called with every state that `Environment.update` returns: to shrink or reshape what is recorded, for instance.

    Readings and rewards keep their declared uids and spaces.
    """

    @abstractmethod
    def __call__(self, state: EnvironmentState) -> EnvironmentState:
        """Return the state to be used instead; it may be the same object, changed."""
