"""Recomputes the digests of a rollout worker's episodes from their stored steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from sparring.store.declared import Declared
from sparring.store.episodes import CommittedEpisode
from sparring.store.segments.frames import damaged
from sparring.store.segments.reading import read_episode
from sparring.store.steps import Piece
from sparring.types.digest import EpisodeDigest
from sparring.types.errors import SparringError


@dataclass(frozen=True, slots=True)
class Difference:
    """An episode whose stored steps are not what was committed.

    Attributes:
        episode: its row.
        found: the digest of what is stored; empty if that cannot be read.
        message: a sentence.
    """

    episode: CommittedEpisode
    found: bytes
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """An episode that was read: its row, the digest of its steps, and what is wrong, if anything."""

    episode: CommittedEpisode
    digest: bytes
    difference: Difference | None


class EpisodeCheck:
    """Digests one episode piece by piece."""

    def __init__(self, declared: Declared, episode: CommittedEpisode) -> None:
        self._episode = episode
        self._digest: EpisodeDigest = declared.digest(episode.summary.key)
        self._late = 0
        self._terminated = False
        self._failure = ""

    def add(self, piece: Piece) -> None:
        """Take the next rows."""
        if piece.steps.first_step != self._digest.count:
            self._failure = f"row {self._digest.count} is missing"
        for each in piece.late[self._late :]:
            self._digest.declare_rewards(each.environment, each.declarations)
        self._late = max(self._late, len(piece.late))
        try:
            self._digest.rows(piece.steps.rows)
        except SparringError as error:
            self._failure = str(error)
        self._digest.texts(piece.steps.texts)
        if not self._failure and piece.steps.steps:
            ends = [environment.terminated for environment in self._digest.layout.columns(piece.steps.rows)]
            self._terminated |= any(flags.any() for flags in ends)

    def result(self) -> Checked:
        """Say what came out."""
        summary = self._episode.summary
        rows = self._digest.count
        for each in self._episode.late[self._late :]:  # declared, but no row followed
            self._digest.declare_rewards(each.environment, each.declarations)
        found = self._digest.digest()
        if self._failure:
            return unreadable(self._episode, self._failure)
        if rows != summary.steps + 1:
            return self._wrong(found, f"it has {rows} stored rows, expected {summary.steps + 1}")
        if found != summary.digest:
            return self._wrong(found, "a stored value differs from what was committed")
        if self._terminated is not summary.terminated:
            return self._wrong(found, f"its row says terminated={summary.terminated}, its steps say otherwise")
        return Checked(self._episode, found, None)

    def _wrong(self, found: bytes, what: str) -> Checked:
        return Checked(self._episode, found, Difference(self._episode, found, _sentence(self._episode, what)))


def unreadable(episode: CommittedEpisode, what: str) -> Checked:
    """Say that an episode cannot be read."""
    return Checked(episode, b"", Difference(episode, b"", _sentence(episode, what)))


def check_pieces(
    declared: Declared, episodes: Iterable[CommittedEpisode], pieces: Iterator[Piece]
) -> Iterator[Checked]:
    """Check episodes whose pieces come one after the other, both in order.

    Once reading fails, the episodes that are left count as unreadable.
    """
    failure = ""
    piece: Piece | None = None
    for episode in episodes:
        check = EpisodeCheck(declared, episode)
        number = episode.summary.key.episode
        try:
            piece = piece or next(pieces, None)
            while not failure and piece is not None and piece.steps.episode < number:
                piece = next(pieces, None)  # of an episode that was never committed
            while not failure and piece is not None and piece.steps.episode == number:
                check.add(piece)
                piece = next(pieces, None)
        except SparringError as error:
            failure = str(error)
        yield unreadable(episode, failure) if failure else check.result()


def check_segment(declared: Declared, episodes: Iterable[CommittedEpisode], file: BinaryIO) -> Iterator[Checked]:
    """Check episodes in a segment, each on its own: a damaged one says nothing of the others."""
    for episode in episodes:
        check = EpisodeCheck(declared, episode)
        try:
            for piece in read_episode(file, episode):
                check.add(piece)
        except SparringError as error:
            yield unreadable(episode, str(error))
        else:
            yield check.result()


def refuse_differences(checked: Iterable[Checked]) -> None:
    """Go through all.

    Raises:
        FailedPreconditionError: DATA_DAMAGED, naming the first that differs.
    """
    for each in checked:
        if each.difference is not None:
            raise damaged(each.difference.message)


def _sentence(episode: CommittedEpisode, what: str) -> str:
    key = episode.summary.key
    phase = f"{key.phase} ({episode.phase_name})" if episode.phase_name else str(key.phase)
    return f"Phase {phase}, {key.mode}, rollout {key.rollout}, episode {key.episode}: {what}."
