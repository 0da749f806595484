"""`--json`: one JSON object per line on standard output, the summary last, and nothing else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from sparring.cli.access.records import EventRecord, ProgressRecord, RunRecord
from sparring.cli.playing.scoreboard import PlannedPhase
from sparring.cli.playing.summary import Summary, finite
from sparring.experiment.problems import Problem


class JsonLines:
    """See `Reporter`. Every line has `event`, and `run` once there is one.

    Args:
        out: where lines go, each flushed.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._run: str | None = None

    def refused(self, problems: Sequence[Problem]) -> None:
        """One `problem` for each."""
        for each in problems:
            self._say(
                "problem",
                file=each.file,
                line=each.line,
                column=each.column,
                path=each.path,
                found=each.found,
                expected=each.expected,
                message=each.message,
            )

    @contextlib.contextmanager
    def watching(self, run: RunRecord, planned: Sequence[PlannedPhase], *, file: str, store: str) -> Iterator[None]:
        """`started`."""
        self._run = run.run
        phases = [
            {
                "number": each.number,
                "name": each.name,
                "mode": each.mode,
                "rollouts": each.workers,
                "episodes": each.episodes,
            }
            for each in planned
        ]
        self._say("started", uid=run.uid, file=file, seed=run.seed, store=store, phases=phases)
        yield
        self._run = None

    def event(self, event: EventRecord) -> None:
        """`episode` for a commit, `state` for everything else."""
        at = event.time.isoformat()
        episode = event.episode
        if episode is None:
            self._say(
                "state",
                revision=event.revision,
                time=at,
                state=event.run.state,
                status=event.run.status,
                phase=event.run.phase,
                message=event.message,
            )
            return
        self._say(
            "episode",
            revision=event.revision,
            time=at,
            phase=episode.phase,
            name=episode.phase_name,
            mode=episode.mode,
            rollout=episode.rollout,
            episode=episode.episode,
            steps=episode.steps,
            episode_return=finite(episode.episode_return),
            attempts=episode.attempts,
            digest=episode.digest,
        )

    def progress(self, progress: ProgressRecord) -> None:
        """`progress`."""
        self._say(
            "progress",
            phase=progress.phase,
            name=progress.phase_name,
            rollout=progress.rollout,
            episodes=progress.episodes or None,
            episode=progress.episode,
            step=progress.step,
            steps_per_second=finite(progress.steps_per_second),
            episode_return=finite(progress.episode_return),
            waiting=progress.waiting or None,
        )

    def notice(self, text: str) -> None:
        """`notice`."""
        self._say("notice", message=text)

    def ended(self, summary: Summary) -> None:
        """`summary`."""
        self._write(summary.to_dict())

    async def afterwards(self) -> None:
        """Nothing: the summary is the last line, and programs draw for themselves."""

    def _say(self, event: str, **content: Any) -> None:
        run = {} if self._run is None else {"run": self._run}
        self._write({"event": event, **run, **content})

    def _write(self, line: dict[str, Any]) -> None:
        self._out.write(json.dumps(line, allow_nan=False) + "\n")
        self._out.flush()
