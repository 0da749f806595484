"""DummyBrain: thinks nothing; for agents whose muscle needs no brain."""

from __future__ import annotations

from typing import Any

from sparring.agent.brain import Brain


class DummyBrain(Brain):
    """Looks at every step and changes nothing."""

    learns = False

    def thinking(self, muscle_id: str, data_from_muscle: Any) -> Any:
        """Return nothing new."""
        return None
