"""Who waits for whom, since when, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sparring.cli.access.standing import ServiceRecord, Standing, Track, WorkerRecord
from sparring.cli.showing.explanation_losses import losses_of
from sparring.cli.showing.explanation_rollouts import Rollout
from sparring.cli.showing.explanation_words import BUNDLE_S
from sparring.cli.showing.numbers import count, duration

ACQUIRING: Final = "STARTING_SIMULATION_CONTROLLERS"
_SEVERAL: Final = "rollout workers"
_ROOM: Final = "it keeps what is not durable, and goes on when there is room; asked for an hour"
_LINGER: Final = "lost after `linger_s` (10 s) without a stream; then the episode is played again"


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody waits.

    Attributes:
        who: it.
        what: for whom, or what.
        since_s: for how long; None if nobody knows.
        then: what becomes of it.
    """

    who: str
    what: str
    since_s: float | None
    then: str

    def __str__(self) -> str:
        """Return a sentence."""
        several = self.who.startswith(_SEVERAL)
        waits = "waits" if self.since_s is None else f"{'have' if several else 'has'} waited {duration(self.since_s)}"
        return f"{self.who[:1].upper()}{self.who[1:]} {waits} for {self.what}: {self.then}."


def waits_of(standing: Standing, rollouts: Sequence[Rollout]) -> tuple[Wait, ...]:
    """Return who waits for whom, the most telling first."""
    return (*_silent(standing), *_suspended(standing), *_for_slots(standing, rollouts), *_played(standing, rollouts))


def _silent(standing: Standing) -> Iterator[Wait]:
    """Yield workers that hold sessions of the run and have missed more than half of their lease."""
    for service in standing.services or ():
        for worker in service.workers:
            held = [each for each in worker.sessions if each.run == standing.run.run]
            if held and worker.silent_s > worker.lease_left_s:
                parts = ", ".join(sorted({each.component for each in held if each.component}))
                what = f"{count(len(held), 'session')}{f': {parts}' if parts else ''}"
                yield Wait(
                    "the run",
                    f"{service.service} host {_named(worker)} to be heard of again ({what})",
                    worker.silent_s,
                    f"lost in {duration(worker.lease_left_s)}; then {_again(standing, service.service)}",
                )


def _again(standing: Standing, service: str) -> str:
    """Say what is played again when a worker of a service is lost."""
    phase, plan = standing.phase, standing.plan
    if service == "store":
        return "everybody waits for a store, and sends again what was not acknowledged"
    if phase is None or plan is None or phase.workers > 1:
        return "the episode that it takes part in is played again"
    episode = standing.committed.get(Track(phase.number, 0), 0)
    lost = losses_of(standing, phase.number, 0, episode)
    if lost >= plan.episode_retries:
        return "the run fails with RETRIES_EXHAUSTED"
    return f"episode {episode} of rollout worker 0 is played again (attempt {lost + 2} of {plan.episode_retries + 1})"


def _suspended(standing: Standing) -> Iterator[Wait]:
    for service in standing.services or ():
        for worker in service.workers:
            for each in worker.sessions:
                if each.run == standing.run.run and each.state == "suspended":
                    what = each.component or f"a session of {service.service}"
                    yield Wait(what, f"its stream, which broke, at {_named(worker)}", None, _LINGER)


def _for_slots(standing: Standing, rollouts: Sequence[Rollout]) -> Iterator[Wait]:
    first = standing.run.state == ACQUIRING
    if standing.services is None:
        if first:
            yield Wait("the phase", "the slots of its first bundle", standing.state_s, _asked(standing.state_s))
        return
    wanted = [one for one in standing.services if one.queued_bundles]
    lacking = [one for one in wanted if not any(each.free or each.slots is None for each in one.workers)]
    who, then = "the phase", _asked(standing.state_s)
    if not first:
        short = _without_slots(standing, rollouts)
        if not short:
            return
        who, then = _rollout_names(short), "it plays when a whole bundle is free; rollout workers take turns"
    for service in lacking or wanted:
        yield Wait(who, _slots(service), standing.state_s if first else service.oldest_wait_s, then)


def _asked(waited_s: float) -> str:
    left_s = BUNDLE_S - waited_s
    if left_s <= 0:
        return "it fails with BUNDLE_UNAVAILABLE now"
    return f"it begins when they are free; asked until {duration(BUNDLE_S)} are over ({duration(left_s)} left)"


def _without_slots(standing: Standing, rollouts: Sequence[Rollout]) -> list[Rollout]:
    """Return rollout workers that tell nothing, if the run holds fewer simulation sessions than it has to play with."""
    found = standing.service("simulation")
    workers = () if found is None else found.workers
    held = sum(each.run == standing.run.run for worker in workers for each in worker.sessions)
    unfinished = [one for one in rollouts if one.doing != "done"]
    quiet = [one for one in unfinished if one.doing in ("unknown", "between")]
    return quiet if held < len(unfinished) else []


def _slots(service: ServiceRecord) -> str:
    if not service.workers:
        return f"a worker of service {service.service}: none is registered"
    total = sum(worker.slots or 0 for worker in service.workers)
    free = sum(worker.free for worker in service.workers)
    if free:
        return f"more slots of service {service.service}: {free} of {total} are free"
    holders = Counter(each.run or "somebody" for worker in service.workers for each in worker.sessions)
    taken = sum(holders.values())
    names = ", ".join(f"{run} ({held})" for run, held in sorted(holders.items()))
    one = next(iter(holders)) if len(holders) == 1 else names
    are = "is" if taken == 1 else "are"
    return f"a slot of service {service.service}: {taken} of {total} {are} taken by run{'s' * (len(holders) > 1)} {one}"


def _played(standing: Standing, rollouts: Sequence[Rollout]) -> Iterator[Wait]:
    """Yield rollout workers that stand still in a step, and those that have played and wait for others."""
    phase = standing.phase
    if phase is None or standing.run.status == "paused":
        return
    slowest = [one for one in rollouts if one.doing in ("plays", "still", "unknown")]
    for one in rollouts:
        at = one.progress
        if at is not None and at.waiting:
            yield Wait(f"rollout worker {one.rollout}", f"the store ({at.waiting})", None, _ROOM)
        elif one.doing == "still" and at is not None:
            limit_s, what = (phase.timeouts.step_s, "a step") if at.step else (phase.timeouts.reset_s, "a reset")
            where = f"episode {at.episode}, step {at.step} to end" if at.step else f"episode {at.episode} to begin"
            brains = f" ({duration(phase.timeouts.think_s)} where it waits for a brain)" * (phase.learning == "step")
            then = f"{what} may take {duration(limit_s)}{brains}; then its process is killed and the run fails"
            yield Wait(f"rollout worker {one.rollout}", where, one.still_s, then)
        elif one.doing == "between":
            others = _rollout_names(slowest) if slowest else "the governor, which decides after each round"
            yield Wait(f"rollout worker {one.rollout}", others, one.still_s, "it plays on when the round is complete")


def _rollout_names(found: Sequence[Rollout]) -> str:
    return f"rollout worker{'s' * (len(found) > 1)} {', '.join(str(one.rollout) for one in found)}"


def _named(worker: WorkerRecord) -> str:
    return f"{worker.worker[:8]} ({worker.place})" if worker.place else worker.worker
