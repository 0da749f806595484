"""Filter: changes what goes into an agent and what comes out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparring.agent.brain import Brain
    from sparring.agent.muscle import Muscle
    from sparring.types.information import ActuatorInformation, SensorInformation

Sensors = Sequence["SensorInformation"]
Actuators = Sequence["ActuatorInformation"]


class Filter:
    """Stands between an agent and the rest; several are stacked: A, B, C on the way in, C, B, A on the way out.

    One object stands beside each muscle, another beside the brain. They share nothing but what the brain's half puts
    into policies (`brain_post_process`) and the muscle's half takes out of them (`muscle_update`). What a filter
    remembers of an episode, `reset` makes it forget.

    Attributes:
        muscle: The muscle it stands beside, or None.
        brain: The brain it stands beside, or None.
    """

    muscle: Muscle | None = None
    brain: Brain | None = None

    def setup(self) -> None:
        """Prepare; calls `setup_brain` or `setup_muscle`."""
        if self.brain is not None:
            self.setup_brain()
        if self.muscle is not None:
            self.setup_muscle()

    def setup_brain(self) -> None:
        """Prepare beside a brain. By default `brain.sensors` and `brain.actuators` become what its muscles see."""
        if self.brain is not None:
            self._show(self.brain)

    def setup_muscle(self) -> None:
        """Prepare beside a muscle. By default `muscle.sensors` and `muscle.actuators` become what it will see."""
        if self.muscle is not None:
            self._show(self.muscle)

    def _show(self, half: Brain | Muscle) -> None:
        sensors, actuators = self.muscle_pre_process(list(half.sensors), list(half.actuators))
        half.sensors, half.actuators = list(sensors), list(actuators)
        self.reset()

    def reset(self) -> None:
        """Forget the episode; called beside a muscle at the beginning of each."""

    def muscle_pre_process(self, sensors: Sensors, actuators_available: Actuators) -> tuple[Sensors, Actuators]:
        """Return what the muscle sees instead. The objects may be changed and used again."""
        return sensors, actuators_available

    def muscle_post_process(self, setpoints: Actuators, data_for_brain: Any) -> tuple[Actuators, Any]:
        """Return what is set, and told the brain, instead."""
        return setpoints, data_for_brain

    def muscle_update(self, update: Any) -> Any:
        """Return what `Muscle.update` gets instead: the inverse of `brain_post_process`."""
        return update

    def brain_pre_process(self, muscle_id: str, data_from_muscle: Any) -> tuple[str, Any]:
        """Return what `Brain.thinking` gets instead."""
        return muscle_id, data_from_muscle

    def brain_post_process(self, potential_update: Any) -> Any:
        """Return the policy instead of what `Brain.thinking` returned; None: no new one."""
        return potential_update

    def save_state(self) -> Any:
        """Return what the filter beside a brain has learned, as `Brain.save_state`; None if nothing."""
        return None

    def load_state(self, state: Any) -> None:
        """Go on from what `save_state` returned."""
