"""Reads what a run left in its store, and proves that nothing was lost, doubled or changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparring.store.experience_reading import Wanted, read_experience
from sparring.store.places import Places
from sparring.store.runs import Status
from sparring.store.sql.database import SqlDatabase
from sparring.store.verification import Verified, verify
from sparring.types.episode import EpisodeKey, EpisodeSummary
from sparring.types.learning import EpisodeEnd
from sparring.types.mode import Mode
from sparring.types.seeds import Seeds


@dataclass(frozen=True)
class Plan:
    """What the document asks for.

    Attributes:
        seed: of the run.
        environment: uid of its environment.
        agent: its learning agent.
        phases: mode, rollout workers and episodes of each.
    """

    seed: int
    environment: str
    agent: str
    phases: tuple[tuple[Mode, int, int], ...]

    def keys(self) -> set[EpisodeKey]:
        """Return the key of every episode that must be there."""
        return {
            EpisodeKey(phase, mode, rollout, episode)
            for phase, (mode, rollouts, episodes) in enumerate(self.phases)
            for rollout in range(rollouts)
            for episode in range(episodes)
        }


@dataclass(frozen=True)
class History:
    """What is kept of a run.

    Attributes:
        status: how it ended.
        digest: of the run.
        episodes: rows by key.
        brains: digests of the states at phase ends, by phase and agent.
        committed_ns: when episodes were committed, ascending.
    """

    status: Status
    digest: bytes
    episodes: dict[EpisodeKey, EpisodeSummary]
    brains: dict[tuple[int, str], bytes]
    committed_ns: tuple[int, ...]


def read_history(directory: Path, run: str) -> History:
    """Read what is durable of a run."""
    database = SqlDatabase(Places(directory).database_url, create=False)
    try:
        found = database.read(lambda tables: tables.runs.find(run))
        rows = database.read(lambda tables: tables.episodes.page(run, None, None, 1_000_000))
        states = database.read(lambda tables: tables.brain_states.list(run))
    finally:
        database.close()
    assert len({row.summary.key for row in rows}) == len(rows), "an episode is there twice"
    return History(
        status=found.status,
        digest=found.digest,
        episodes={row.summary.key: row.summary for row in rows},
        brains={(state.phase, state.agent): state.digest for state in states if state.tag == "phase-end"},
        committed_ns=tuple(sorted(row.committed_ns for row in rows)),
    )


def check_history(directory: Path, run: str, plan: Plan, undisturbed: History) -> History:
    """Prove that a disturbed run left what the undisturbed one did; returns what it left."""
    found = read_history(directory, run)
    assert found.status is Status.FINISHED, found.status
    assert set(found.episodes) == plan.keys()
    seeds = Seeds(plan.seed)
    for key, summary in found.episodes.items():
        seed = seeds.environment_episode(key.phase, key.mode, key.rollout, plan.environment, key.episode)
        assert dict(summary.seeds) == {plan.environment: seed}, key
        same = undisturbed.episodes[key]
        assert summary.digest == same.digest, key
        assert (summary.steps, summary.episode_return) == (same.steps, same.episode_return), key
        assert dict(summary.objectives) == dict(same.objectives), key
    assert found.digest == undisturbed.digest
    assert found.brains == undisturbed.brains
    _check_steps(directory, run, found)
    _check_experience(directory, run, plan)
    return found


def _check_steps(directory: Path, run: str, found: History) -> None:
    """Prove that the stored steps are what was committed."""
    places = Places(directory)
    database = SqlDatabase(places.database_url, create=False)
    try:
        *differences, verified = verify(database, places, run)
    finally:
        database.close()
    assert differences == []
    assert isinstance(verified, Verified)
    assert verified.equal
    assert verified.digest == found.digest
    assert verified.steps == sum(summary.steps for summary in found.episodes.values())


def _check_experience(directory: Path, run: str, plan: Plan) -> None:
    """Prove that what brains learned from is there to the last step, in learning order."""
    places = Places(directory)
    database = SqlDatabase(places.database_url, create=False)
    try:
        wanted = plan.keys()
        for phase, (mode, _, _) in enumerate(plan.phases):
            parts = list(read_experience(database, places, Wanted(run, phase, mode, plan.agent)))
            ended = [key for key, part in parts if isinstance(part, EpisodeEnd)]
            assert ended == sorted(ended, key=lambda key: (key.episode, key.rollout))
            assert set(ended) == {key for key in wanted if key.phase == phase}
    finally:
        database.close()
