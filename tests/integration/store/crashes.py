"""A store that was stopped in the middle: its files as a crash may leave them, at a moment that is drawn."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sparring.api.store.v1 import run_pb2
from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.record import encode_rows
from sparring.store.checking import Difference
from sparring.store.composition import composed
from sparring.store.phases import RecordingKey
from sparring.store.places import DATABASE, Places
from sparring.store.recorder import EpisodeRecord
from sparring.store.servicer.recording import decode_opening
from sparring.store.servicer.service import StoreServicer
from sparring.store.verification import Verified
from sparring.types.mode import Mode
from tests.integration.store.served import opening
from tests.unit.store.builders import Played, play

ROLLOUTS = (0, 1)
EPISODES = 12
"""Of each rollout worker."""
UNTIL_FLUSHED_S = 60.0

Committed = dict[int, frozenset[int]]


@dataclass(frozen=True)
class Moment:
    """When everything that was committed so far had just been acknowledged.

    Attributes:
        acknowledged: numbers of the committed episodes, by rollout worker.
        log: bytes of the database's write-ahead log.
        segments: bytes of the segments, by rollout worker.
    """

    acknowledged: Committed
    log: int
    segments: Mapping[int, int]


@dataclass
class Story:
    """What was written to a store, in which order.

    Attributes:
        run: the run.
        digest: of the run, undisturbed.
        database: bytes of the database, as long as all is in its log.
        checkpointed: bytes of the database with all of the log in it.
        log: bytes of the log, at the end.
        segments: bytes of the segments at the end, by rollout worker.
        moments: after each group of commits, in order.
    """

    run: run_pb2.Run
    digest: bytes = b""
    database: bytes = b""
    checkpointed: bytes = b""
    log: bytes = b""
    segments: dict[int, bytes] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)

    def lay_out(self, directory: Path, log: bytes, segments: Mapping[int, bytes], database: bytes = b"") -> None:
        """Write these bytes as a store's files."""
        places = Places(directory)
        for rollout, data in segments.items():
            path = segment_of(places, self.run.run, rollout)
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
        (directory / DATABASE).write_bytes(database or self.database)
        (directory / f"{DATABASE}-wal").write_bytes(log)


def segment_of(places: Places, run: str, rollout: int) -> Path:
    """Return where the steps of a rollout worker lie."""
    return places.segment(RecordingKey(run, 0, Mode.TRAIN, rollout))


def crash(story: Story, number: int, rng: random.Random, directory: Path) -> None:
    """Leave a store as a crash after a moment may leave it: what was made durable is there, the rest as chance has it.

    It happens while steps are written, while the rows that commit them are, or before that is acknowledged. Steps are
    durable before the first of their rows is written.
    """
    before, after = story.moments[number], story.moments[number + 1]
    written = {each: (after.segments[each], len(story.segments[each])) for each in ROLLOUTS}
    match rng.choice(("steps", "rows", "acknowledgement")):
        case "steps":
            log = story.log[: before.log]
            written = {each: (before.segments[each], after.segments[each]) for each in ROLLOUTS}
        case "rows":
            log = torn(story.log, before.log, after.log, rng)
        case _:
            log = story.log[: after.log]
    story.lay_out(directory, log, {each: torn(story.segments[each], *written[each], rng) for each in ROLLOUTS})


def torn(data: bytes, durable: int, end: int, rng: random.Random) -> bytes:
    """Cut at a byte between what was durable and what was written; perhaps something else than that lies behind."""
    cut = rng.randint(durable, end)
    behind = end - cut
    return data[:cut] + rng.choice((b"", bytes(behind), rng.randbytes(behind)))


class Player:
    """A rollout worker of a store in the same process.

    Args:
        record: its record.
        rollout: its number.
    """

    def __init__(self, record: EpisodeRecord, rollout: int) -> None:
        self._record = record
        self._rollout = rollout

    @property
    def committed(self) -> frozenset[int]:
        """Episodes that are committed, as told when the record was opened."""
        return self._record.committed

    async def begin(self, episode: int) -> Played:
        """Send the steps of an episode."""
        played = play(episode, 3 + episode, rollout=self._rollout, mark=self._rollout)
        await self._record.begin(episode, pb.BeginEpisode(episode=episode).SerializeToString())
        for batch in played.batches:
            await self._record.add(batch, encode_rows(batch).SerializeToString())
        return played

    async def play(self, *episodes: int) -> None:
        """Play episodes, and wait until they are durable."""
        commits = []
        for episode in episodes:
            played = await self.begin(episode)
            commits.append(await self._record.commit(played.summary, played.rows))
        await (await self._record.flush())
        for commit in commits:
            await commit

    async def drop(self, episode: int) -> None:
        """Give up an episode."""
        await self._record.drop(episode)

    def close(self) -> None:
        """End the stream."""
        self._record.close()


async def opened(store: StoreServicer, run: run_pb2.Run, rollout: int) -> Player:
    """Open the record of a rollout worker."""
    frame = pb.RecordEpisodesRequest(open=opening(run, rollout=rollout))
    return Player(await store.recorder.open(decode_opening(frame)), rollout)


async def verified(store: StoreServicer, run: str) -> tuple[list[Difference], Verified]:
    """Verify a run; return what differs, and the result."""
    found = [each async for each in store.verification.verify(run)]
    differences = [each for each in found if isinstance(each, Difference)]
    [result] = [each for each in found if isinstance(each, Verified)]
    return differences, result


async def told(directory: Path, rng: random.Random) -> Story:
    """Let two rollout workers play all their episodes in groups of one to three, some of them given up."""
    places = Places(directory)
    async with composed(directory, group_s=UNTIL_FLUSHED_S) as store:
        await store.CreateRun(pb.CreateRunRequest(client_token="t", uid="dummy"), None)
        [run] = (await store.ClaimRuns(pb.ClaimRunsRequest(governor="gov", limit=1), None)).runs
        story = Story(run)
        players = {each: await opened(store, run, each) for each in ROLLOUTS}
        played = dict.fromkeys(ROLLOUTS, 0)
        story.moments.append(_moment(places, run.run, played))
        while open_ones := [each for each in ROLLOUTS if played[each] < EPISODES]:
            rollout = rng.choice(open_ones)
            first, last = played[rollout], min(EPISODES, played[rollout] + rng.randint(1, 3))
            if rng.random() < 0.3:
                await players[rollout].begin(first)
                await players[rollout].drop(first)
            await players[rollout].play(*range(first, last))
            played[rollout] = last
            story.moments.append(_moment(places, run.run, played))
        story.digest = (await verified(store, run.run))[1].digest
        story.database = (directory / DATABASE).read_bytes()
        story.log = _log(places).read_bytes()
        story.segments = {each: segment_of(places, run.run, each).read_bytes() for each in ROLLOUTS}
        with sqlite3.connect(directory / DATABASE) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        connection.close()
        story.checkpointed = (directory / DATABASE).read_bytes()
        for player in players.values():
            player.close()
    return story


def _log(places: Places) -> Path:
    return places.directory / f"{DATABASE}-wal"


def _moment(places: Places, run: str, played: Mapping[int, int]) -> Moment:
    acknowledged = {rollout: frozenset(range(count)) for rollout, count in played.items()}
    segments = {rollout: segment_of(places, run, rollout).stat().st_size for rollout in played}
    return Moment(acknowledged, _log(places).stat().st_size, segments)
