"""Verifying a run: the digests of all committed episodes, made again from what is stored."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from sparring.store.checking import Checked, Difference, check_pieces, check_segment, unreadable
from sparring.store.declared import Declared
from sparring.store.episodes import CommittedEpisode
from sparring.store.phases import Recording, RecordingKey
from sparring.store.places import Places
from sparring.store.ports import Database
from sparring.store.readers import Readers
from sparring.store.reading import committed_episodes, declared, late_rewards, open_segment
from sparring.types.digest import run_digest
from sparring.types.episode import EpisodeKey
from sparring.types.errors import SparringError
from sparring.types.mode import Mode


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification came to; fields as in the proto."""

    episodes: int
    steps: int
    digest: bytes
    evaluation_digest: bytes
    equal: bool


class Verification:
    """Verifies runs."""

    def __init__(self, readers: Readers, database: Database, places: Places) -> None:
        self._readers = readers
        self._database = database
        self._places = places

    def verify(self, name: str) -> AsyncGenerator[Difference | Verified]:
        """Yield the episodes of a run that differ, then the result.

        Raises:
            NotFoundError: RUN_UNKNOWN.
        """
        return self._readers.each(lambda: verify(self._database, self._places, name))


def verify(database: Database, places: Places, name: str) -> Iterator[Difference | Verified]:
    """Yield the episodes that differ, then the result. Blocks: it reads everything.

    Raises:
        NotFoundError: RUN_UNKNOWN.
    """
    run = database.read(lambda tables: tables.runs.find(name))
    recordings = database.read(lambda tables: tables.phases.recordings(name))
    found: list[tuple[EpisodeKey, bytes]] = []
    episodes = steps = 0
    equal = True
    for recording in recordings:
        for checked in _checked(database, places, recording):
            episodes += 1
            steps += checked.episode.summary.steps
            found.append((checked.episode.summary.key, checked.digest))
            if checked.difference is not None:
                equal = False
                yield checked.difference
    digest = run_digest(each for each in found if each[0].mode is not Mode.EVALUATE)
    evaluation = run_digest(each for each in found if each[0].mode is Mode.EVALUATE)
    for kept, made in ((run.digest, digest), (run.evaluation_digest, evaluation)):
        equal = equal and (not kept or kept == made)
    yield Verified(episodes, steps, digest, evaluation, equal)


def _checked(database: Database, places: Places, recording: Recording) -> Iterator[Checked]:
    episodes = committed_episodes(database, recording.key)
    try:
        found = declared(recording)
        segment = open_segment(database, places, recording.key)
        if segment is None:
            yield from _check_parquet(database, places, recording.key, found, episodes)
        else:
            with segment:
                yield from check_segment(found, episodes, segment)
    except (SparringError, OSError) as error:
        for episode in episodes:
            yield unreadable(episode, str(error))


def _check_parquet(
    database: Database, places: Places, key: RecordingKey, found: Declared, episodes: Iterator[CommittedEpisode]
) -> Iterator[Checked]:
    # Imported here: pyarrow takes 0.2 s, which verifying an unsealed run does not pay.
    from sparring.store.parquet.columns import RecordColumns
    from sparring.store.parquet.files import read_parquet

    late = late_rewards(database, key)
    columns = RecordColumns(found, (each for rewards in late.values() for each in rewards))
    yield from check_pieces(found, episodes, read_parquet(places.parquet(key), columns, late))
