"""Reads an agent's experience back in learning order: from segments while a phase is played, later from Parquet."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sparring.store.episodes import CommittedEpisode
from sparring.store.experience import AgentExperience
from sparring.store.phases import Recording
from sparring.store.places import Places
from sparring.store.ports import Database
from sparring.store.readers import Readers
from sparring.store.reading import committed_episodes, declared, late_rewards, open_segment
from sparring.store.segments.frames import damaged
from sparring.store.segments.reading import read_episode
from sparring.store.steps import Piece
from sparring.types.episode import EpisodeKey
from sparring.types.learning import EpisodeEnd, ExperienceBatch
from sparring.types.mode import Mode

Part = tuple[EpisodeKey, ExperienceBatch | EpisodeEnd]


class LearningOrder(enum.Enum):
    """In which order episodes come."""

    ROUNDS = "rounds"
    COMMITS = "commits"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose experience is read; fields as in ReadExperienceRequest."""

    run: str
    phase: int
    mode: Mode
    agent: str
    contained: tuple[EpisodeKey, ...] = ()
    order: LearningOrder = LearningOrder.ROUNDS
    lanes: int = 1


class ExperienceReading:
    """Reads experience beside the event loop."""

    def __init__(self, readers: Readers, database: Database, places: Places) -> None:
        self._readers = readers
        self._database = database
        self._places = places

    def read(self, wanted: Wanted) -> AsyncGenerator[Part]:
        """Yield batches and ends of the committed episodes that are not contained yet.

        Raises:
            NotFoundError: RUN_UNKNOWN, AGENT_UNKNOWN.
            FailedPreconditionError: DATA_DAMAGED.
        """
        return self._readers.each(lambda: read_experience(self._database, self._places, wanted))


def read_experience(database: Database, places: Places, wanted: Wanted) -> Iterator[Part]:
    """See `ExperienceReading.read`. Blocks."""
    run = database.read(lambda tables: tables.runs.find(wanted.run)).run
    every = database.read(lambda tables: tables.phases.recordings(run))
    part = (wanted.phase, wanted.mode)
    recordings = [each for each in every if (each.key.phase, each.key.mode) == part]
    known = {key.rollout: key.episode for key in wanted.contained if (key.phase, key.mode) == part}
    with contextlib.ExitStack() as opened:
        sources = {each.key.rollout: _Source(database, places, each, wanted.agent, opened) for each in recordings}
        episodes = [
            episode
            for each in recordings
            for episode in committed_episodes(database, each.key)
            if episode.summary.key.episode > known.get(each.key.rollout, -1)
        ]
        for episode in _in_order(episodes, wanted):
            key = episode.summary.key
            for found in sources[key.rollout].read(episode):
                yield key, found


def _in_order(episodes: Sequence[CommittedEpisode], wanted: Wanted) -> list[CommittedEpisode]:
    if wanted.order is LearningOrder.COMMITS:
        return sorted(episodes, key=lambda one: one.revision)
    lanes = max(1, wanted.lanes)

    def place(one: CommittedEpisode) -> tuple[int, int, int]:
        key = one.summary.key
        return key.episode // lanes, key.rollout, key.episode % lanes

    return sorted(episodes, key=place)


class _Source:
    """The rows of one rollout worker, episode by episode; a file is opened when it is first needed."""

    def __init__(
        self, database: Database, places: Places, recording: Recording, agent: str, opened: contextlib.ExitStack
    ) -> None:
        self._database = database
        self._places = places
        self._recording = recording
        self._agent = agent
        self._opened = opened
        self._experience: AgentExperience | None = None
        self._segment: BinaryIO | None = None
        self._parquet: Iterator[Piece] | None = None
        self._piece: Piece | None = None

    def read(self, episode: CommittedEpisode) -> Iterator[ExperienceBatch | EpisodeEnd]:
        """Yield the experience of an episode; episodes are asked for in ascending order."""
        if self._experience is None:
            self._experience = AgentExperience(declared(self._recording), self._agent)
            self._open()
        try:
            yield from self._experience.episode(episode.summary.key, self._pieces(episode))
        except OSError as error:
            raise damaged(f"episode {episode.summary.key.episode}: {error}") from error

    def _open(self) -> None:
        segment = open_segment(self._database, self._places, self._recording.key)
        if segment is not None:
            self._segment = self._opened.enter_context(segment)
            return
        # Imported here: pyarrow takes 0.2 s, which feeding a brain in the middle of a phase does not pay.
        from sparring.store.parquet.columns import RecordColumns
        from sparring.store.parquet.files import read_parquet

        late = late_rewards(self._database, self._recording.key)
        columns = RecordColumns(declared(self._recording), (each for some in late.values() for each in some))
        self._parquet = read_parquet(self._places.parquet(self._recording.key), columns, late, agents=True)

    def _pieces(self, episode: CommittedEpisode) -> Iterator[Piece]:
        if self._segment is not None:
            yield from read_episode(self._segment, episode)
            return
        assert self._parquet is not None
        number = episode.summary.key.episode
        piece = self._piece or next(self._parquet, None)
        while piece is not None and piece.steps.episode < number:
            piece = next(self._parquet, None)
        while piece is not None and piece.steps.episode == number:
            yield piece
            piece = next(self._parquet, None)
        self._piece = piece
