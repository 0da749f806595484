"""The states of a run in words, and what ends each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from sparring.cli.showing.numbers import duration
from sparring.experiment.run import TimeoutsSpec
from sparring.governor.limits import DEFAULT_LIMITS


class Words(NamedTuple):
    """What a state is.

    Attributes:
        now: what is being done.
        then: what comes next.
        limit_s: how long it may take by the phase's timeouts; None: as long as it takes.
    """

    now: str
    then: str
    limit_s: Callable[[TimeoutsSpec], float] | None = None


BUNDLE_S: Final = DEFAULT_LIMITS.bundle_s

_STATES: Final[Mapping[str, Words]] = {
    "PRISTINE": Words("nothing has happened yet", "its document is read"),
    "INITIALIZING": Words("its document is being read", "the first phase is prepared"),
    "STARTING_SETUP": Words(
        "the parts of the phase are being described and checked",
        "slots are asked for",
        lambda given: given.start_s,
    ),
    "STARTING_SIMULATION_CONTROLLERS": Words(
        "the slots of the phase's brains and of its first rollout worker are being waited for",
        "environments and agents are started",
        lambda _: BUNDLE_S,
    ),
    "STARTING_ENVIRONMENT_CONDUCTORS": Words("environments are being placed", "brains are started"),
    "STARTING_AGENT_CONDUCTORS": Words(
        "brains are being started", "rollout workers are started", lambda given: given.start_s
    ),
    "STARTING_RUN": Words(
        "rollout workers are starting environments and muscles",
        "episodes are played",
        lambda given: 2 * given.start_s + given.think_s + DEFAULT_LIMITS.started_s,
    ),
    "TRANSCEIVING": Words("episodes are being played", "the phase ends when all its episodes are committed"),
    "HANDLING_SIMULATION_CONTROLLER_TERMINATION": Words("a rollout worker has ended", "the others play on"),
    "HANDLING_DEAD_WORKERS": Words("something was lost", "what was lost is played again, with the same seed"),
    "ERROR_HANDLING_INITIALIZING": Words("an error in the document is being handled", "the run fails"),
    "ERROR_HANDLING_STARTING": Words("an error at the start is being handled", "the run fails"),
    "ERROR_HANDLING_TRANSCEIVING": Words("an error is being handled", "the run fails"),
    "STOPPING_SIMULATION": Words(
        "rollout workers are being ended", "brains are saved, and the phase is audited and sealed"
    ),
    "STOPPING_RUN": Words(
        "brains are being saved, and the phase is being audited and sealed",
        "the next phase begins, or the run ends",
        lambda given: given.think_s,
    ),
    "STOPPING_TRANSCEIVING": Words("what is still open is being closed", "the summary is written"),
    "FINALIZING": Words("the summary is being written", "the run has ended"),
    "DONE": Words("nothing more will happen", ""),
    "WAITING_FOR_GOVERNOR": Words("it is submitted, and no governor is there to take it", "a governor takes it"),
    "QUEUED": Words("it is submitted", "a governor takes it"),
}


def words_of(state: str) -> Words:
    """Return what a state is; of one that a newer version made up, its name."""
    return _STATES.get(state, Words(state.lower().replace("_", " "), "it goes on"))


def for_s(seconds: float) -> str:
    """Return "for 12 s"."""
    return f"for {duration(seconds)}"
