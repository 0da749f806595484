"""What was said to the store and is not yet durable: kept, so that it can be said again after a break. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from sparring.types.errors import LostError

KEEP_BYTES: Final = 256 << 20


@dataclass(frozen=True, slots=True)
class _Frame:
    """One message; `episode` is None for a Flush."""

    episode: int | None
    data: bytes
    once: bool


class RecordLog:
    """Frames in the order in which they were said: those that were sent, then those that were not.

    Frames of an episode go when it is durable or dropped. Where more than `keep_bytes` have been sent, the episode that
    is being sent is not kept any longer: should the stream break then, it has to be played again.

    Attributes:
        unsent_bytes: What waits to be sent.
    """

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        self.unsent_bytes = 0
        self._keep_bytes = keep_bytes
        self._sent: list[_Frame] = []
        self._sent_bytes = 0
        self._unsent: deque[_Frame] = deque()
        self._unkept: set[int] = set()

    @property
    def has_unsent(self) -> bool:
        """Whether something waits to be sent."""
        return bool(self._unsent)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to be sent, or to be answered."""
        return not (self._sent or self._unsent or self._unkept)

    def add(self, episode: int | None, data: bytes, *, once: bool = False) -> None:
        """Say something.

        Args:
            episode: Of which episode; None is a Flush.
            data: The message.
            once: It need not be said again.
        """
        self._unsent.append(_Frame(episode, data, once))
        self.unsent_bytes += len(data)

    def take(self) -> bytes:
        """Return the next message to be sent; there must be one."""
        frame = self._unsent.popleft()
        size = len(frame.data)
        self.unsent_bytes -= size
        if frame.episode in self._unkept or frame.once:
            return frame.data
        self._sent.append(frame)
        self._sent_bytes += size
        if self._sent_bytes > self._keep_bytes and frame.episode is not None:
            self._forget_sent(frame.episode)
            self._unkept.add(frame.episode)
        return frame.data

    def rewind(self) -> None:
        """Everything has to be sent again, on another stream.

        Raises:
            LostError: RECORD_NOT_KEPT, for an episode too large to be kept.
        """
        if self._unkept:
            episode = min(self._unkept)
            raise LostError(
                "RECORD_NOT_KEPT",
                f"The stream to the store broke within episode {episode}, of which more than {self._keep_bytes} bytes "
                "were sent: too much to be kept. It is played again.",
                episode=episode,
            )
        self._unsent.extendleft(reversed(self._sent))
        self.unsent_bytes += self._sent_bytes
        self._sent, self._sent_bytes = [], 0

    def settle(self, episode: int) -> bool:
        """Forget an episode that is durable or dropped; returns whether any of it was sent."""
        began = episode in self._unkept or any(frame.episode == episode for frame in self._sent)
        self._unkept.discard(episode)
        self._forget_sent(episode)
        if any(frame.episode == episode for frame in self._unsent):
            self._unsent = deque(frame for frame in self._unsent if frame.episode != episode)
            self.unsent_bytes = sum(len(frame.data) for frame in self._unsent)
        return began

    def flushed(self) -> None:
        """Forget the oldest Flush that was sent."""
        for index, frame in enumerate(self._sent):
            if frame.episode is None:
                del self._sent[index]
                self._sent_bytes -= len(frame.data)
                return

    def _forget_sent(self, episode: int) -> None:
        self._sent = [frame for frame in self._sent if frame.episode != episode]
        self._sent_bytes = sum(len(frame.data) for frame in self._sent)
