"""One rollout worker as the control stream sees it: what it has to tell waits here until a governor listens."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.simulation.control import Decision, Outcome, RolloutControl, RolloutGauge, RolloutListener
from sparring.simulation.server.run_frames import (
    encode_attached,
    encode_ended,
    encode_episode_ended,
    encode_progress,
    encode_started,
)
from sparring.types.episode import EpisodeSummary
from sparring.types.errors import FailedPreconditionError
from sparring.types.plan import RolloutPlan

PROGRESS_EVERY_S = 1.0
OUTBOX = 4096
"""So many frames wait for a governor that does not read; then the step loop does."""
KEPT = 1024
"""So many frames are told again to a governor that comes back."""


class RolloutSession(RolloutListener):
    """Joins the step loop (it tells) and the control stream (it listens); survives the loss of the stream.

    Attributes:
        heard: Set when somebody has listened to the last frame.
    """

    def __init__(self, token: str, plan: RolloutPlan, decision: Decision) -> None:
        self.token = token
        self.plan = plan
        self.epoch = plan.epoch
        self.control = RolloutControl(decision, plan.orphan_s)
        self.gauge = RolloutGauge()
        self._outbox: queue.Queue[pb.RunResponse] = queue.Queue(OUTBOX)
        self._told: deque[pb.RunResponse] = deque(maxlen=KEPT)
        self._ended: pb.RunResponse | None = None
        self._listening = threading.Lock()
        self._generation = 0
        self.heard = threading.Event()

    def started(self, took_s: float) -> None:
        """Tell that everything is up."""
        self._tell(encode_started(took_s))

    def episode_committed(self, summary: EpisodeSummary) -> None:
        """Tell that an episode is committed; kept for a governor that takes over."""
        self._tell(encode_episode_ended(summary))

    def paused(self) -> None:
        """Tell that it holds."""
        self._tell(pb.RunResponse(paused=pb.Paused()))

    def resumed(self) -> None:
        """Tell that it goes on."""
        self._tell(pb.RunResponse(resumed=pb.Resumed()))

    def ended(self, outcome: Outcome) -> None:
        """Tell how it ended: the last frame."""
        self._tell(encode_ended(outcome))

    def check_epoch(self, epoch: int) -> None:
        """Refuse a governor that somebody else has replaced.

        Raises:
            FailedPreconditionError: EPOCH_STALE.
        """
        if epoch < self.epoch:
            raise FailedPreconditionError(
                "EPOCH_STALE",
                f"The frame has epoch {epoch}, but epoch {self.epoch} was seen: another governor owns the run.",
                found=epoch,
                expected=self.epoch,
            )
        self.epoch = epoch

    def attach(self) -> None:
        """Let a new stream listen; the newest of what was told before is told again, the rest is in the store."""
        with self._listening:
            self._generation += 1
            while not self._outbox.empty():
                self._outbox.get_nowait()
            again = [encode_attached(len(self._told)), *self._told]
            for frame in again:
                self._outbox.put_nowait(frame)
        self.control.governor_back()

    def frames(self) -> Iterator[pb.RunResponse]:
        """Yield what there is to tell, progress in between, until the last frame or until another stream listens."""
        generation = self._generation
        before, played = time.monotonic(), 0
        while generation == self._generation:
            try:
                frame = self._outbox.get(timeout=PROGRESS_EVERY_S)
            except queue.Empty:
                frame = None
            if generation != self._generation:
                return
            if frame is not None:
                yield frame
                if frame.HasField("ended"):
                    self.heard.set()
                    return
            now = time.monotonic()
            if now - before >= PROGRESS_EVERY_S:
                rate = (self.gauge.steps_played - played) / (now - before)
                before, played = now, self.gauge.steps_played
                yield encode_progress(self.gauge, rate)

    def _tell(self, frame: pb.RunResponse) -> None:
        with self._listening:
            self._told.append(frame)
            generation = self._generation
        while generation == self._generation:
            try:
                self._outbox.put(frame, timeout=1.0)
                return
            except queue.Full:
                continue
