"""Makes records, episodes and runs for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gymnasium.spaces import Box, Discrete, Text

from sparring.store.declared import Declared
from sparring.store.episodes import CommittedEpisode, LateRewards, Place
from sparring.store.runs import Submission
from sparring.types.declaration import Declaration
from sparring.types.episode import AgentRows, EpisodeKey, EpisodeSummary, StepRows
from sparring.types.mode import Mode
from sparring.types.record import EnvironmentDeclarations, RowLayout
from sparring.types.values import Values

RUN = "dummy-1"

PLANT = EnvironmentDeclarations(
    "plant",
    (Declaration("level", Discrete(10)), Declaration("power", Box(0.0, 1.0, (2,)))),
    (Declaration("valve", Discrete(3)),),
    (Declaration("profit", Box(-1.0, 1.0, ())),),
)
TALK = EnvironmentDeclarations("talk", (Declaration("heard", Text(8)),), (Declaration("say", Text(8)),), ())
DECLARED = Declared([PLANT], ["operator"])
BONUS = Declaration("bonus", Discrete(5))


def submission(token: str = "token", uid: str = "dummy") -> Submission:
    return Submission(token, uid, b"uid: dummy", "dummy.yml", seed=7)


def committed(
    episode: int = 0, *, run: str = RUN, phase: int = 0, mode: Mode = Mode.TRAIN, rollout: int = 0, steps: int = 3
) -> CommittedEpisode:
    """Return a row as a rollout worker's stream makes it."""
    summary = EpisodeSummary(
        key=EpisodeKey(phase, mode, rollout, episode),
        steps=steps,
        episode_return=float(episode),
        objectives={"operator": 0.5},
        terminated=True,
        truncated=False,
        digest=bytes([episode % 256]) * 32,
        seeds={"plant": 2**31 - 1},
        duration_s=0.25,
    )
    return CommittedEpisode(run, summary, 1, 1000 + episode, Place(8 + episode, 9 + episode))


def numbered(episode: CommittedEpisode, revision: int, late: tuple[LateRewards, ...] = ()) -> CommittedEpisode:
    return replace(episode, revision=revision, late=late)


@dataclass
class Played:
    """An episode as a rollout worker has it: its rows, and the summary that commits it."""

    summary: EpisodeSummary
    batches: list[StepRows]
    late: tuple[LateRewards, ...] = ()

    @property
    def rows(self) -> int:
        return self.summary.steps + 1


def play(
    episode: int,
    steps: int = 4,
    *,
    phase: int = 0,
    mode: Mode = Mode.TRAIN,
    rollout: int = 0,
    declared: Declared = DECLARED,
    batch: int = 3,
    late_at: int | None = None,
    mark: int = 0,
) -> Played:
    """Play an episode of the plant: its level is the step, its power and profit count up, it ends by terminating.

    Args:
        episode: its number.
        steps: how many.
        phase: of its key.
        mode: of its key.
        rollout: of its key.
        declared: what it declared; the plant is its first environment.
        batch: rows at a time.
        late_at: the row from which on there is a bonus.
        mark: added to every level, to tell episodes apart.
    """
    key = EpisodeKey(phase, mode, rollout, episode)
    digest = declared.digest(key)
    layout: RowLayout = declared.layout
    late: tuple[LateRewards, ...] = ()
    batches: list[StepRows] = []
    first = 0
    while first <= steps:
        if first == late_at:
            late = (LateRewards(first, 0, (BONUS,)),)
            layout = layout.with_rewards(0, [BONUS])
            digest.declare_rewards(0, [BONUS])
        last = min(first + batch, steps + 1, late_at if late_at is not None and first < late_at else steps + 1)
        rows = b"".join(row(layout, step, steps, mark) for step in range(first, last))
        texts = texts_of(layout, last - first)
        digest.rows(rows)
        digest.texts(texts)
        agents = (AgentRows(0, tuple(0.5 * step for step in range(first, last))),)
        batches.append(StepRows(episode, first, last - first, rows, texts, agents=agents))
        first = last
    summary = EpisodeSummary(key, steps, 1.5, {"operator": 2.0}, True, False, digest.digest(), {"plant": 3})
    return Played(summary, batches, late)


def row(layout: RowLayout, step: int, steps: int, mark: int) -> bytes:
    parts = []
    for number, environment in enumerate(layout.environments):
        sensors, actuators, rewards = environment.layouts
        readings = sensors.absent._replace(present=b"", data=_counted(sensors.size, step + mark))
        setpoints = Values(_counted(actuators.size, step)) if step else None
        given = Values(_counted(rewards.size, step)) if step else None
        parts.append(environment.encode(readings, setpoints, given, step, None, step == steps, False, step > 0))
        assert number < 2
    return layout.row(parts)


def texts_of(layout: RowLayout, rows: int) -> tuple[str, ...]:
    return tuple(f"t{number % layout.text_count}" for number in range(layout.text_count * rows))


def _counted(size: int, value: int) -> bytes:
    return value.to_bytes(8, "little") * (size // 8)


def late_rewards(row_number: int, *declarations: Declaration) -> tuple[LateRewards, ...]:
    return (LateRewards(row_number, 0, tuple(declarations)),)


def keys(episodes: Sequence[CommittedEpisode]) -> list[EpisodeKey]:
    return [episode.summary.key for episode in episodes]
