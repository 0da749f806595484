"""What a run has lost, how often, and how often it may lose it again."""

from __future__ import annotations

from sparring.cli.access.standing import LossRecord, Standing, Track
from sparring.cli.showing.numbers import ago, count


def losses_sentence(standing: Standing) -> list[str]:
    """Return a sentence about what was lost; none if nothing was."""
    if not standing.losses:
        return []
    last, left = standing.losses[-1], retries_left(standing)
    made = (
        f"Lost so far: {count(len(standing.losses), 'time')}; the last one {ago(last.time, standing.now)}, "
        f"{lost_thing(last)}: {last.message.rstrip('.')}."
    )
    return [made if left is None else f"{made} Retries left: {left}."]


def lost_thing(loss: LossRecord) -> str:
    """Return what was lost."""
    if loss.rollout is None:
        return f"the brain of agent {loss.agent}"
    return f"episode {loss.episode} of rollout worker {loss.rollout}"


def losses_of(standing: Standing, phase: int, rollout: int, episode: int) -> int:
    """Count losses of an episode under the present owner; one before it took its count to the grave."""
    key = (standing.run.epoch, phase, rollout, episode)
    return sum((each.epoch, each.phase, each.rollout, each.episode) == key for each in standing.losses)


def retries_left(standing: Standing) -> int | None:
    """Return how often the episode that was lost last may be lost again; None once it is committed, and for brains."""
    if not standing.losses or standing.plan is None or standing.run.over:
        return None
    last = standing.losses[-1]
    if last.rollout is None or standing.committed.get(Track(last.phase, last.rollout), 0) > last.episode:
        return None
    lost = losses_of(standing, last.phase, last.rollout, last.episode)
    return max(standing.plan.episode_retries - lost, 0)
