"""What verifying a run found, a line each."""

from __future__ import annotations

import json

from sparring.cli.access.records import DifferenceRecord, RunRecord, VerifiedRecord
from sparring.cli.showing.numbers import count


def line(run: RunRecord, found: DifferenceRecord | VerifiedRecord) -> str:
    """Return a line for people."""
    if isinstance(found, DifferenceRecord):
        where = f"phase {found.phase} ({found.phase_name}, {found.mode}), rollout {found.rollout}"
        return f"{run.run}: {where}, episode {found.episode}: {found.message}"
    what = f"{count(found.episodes, 'episode')}, {count(found.steps, 'step')}"
    if not found.equal:
        return f"{run.run}: differs ({what}); recorded digest {run.digest or 'none'}, recomputed {found.digest}"
    note = "" if run.digest else f"; the run is {run.status} and has no digest of its own yet"
    return f"{run.run}: ok ({what}), digest {found.digest}{note}"


def json_line(run: RunRecord, found: DifferenceRecord | VerifiedRecord) -> str:
    """Return a line for programs."""
    if isinstance(found, DifferenceRecord):
        content = {
            "event": "difference",
            "run": run.run,
            "phase": found.phase,
            "name": found.phase_name,
            "mode": found.mode,
            "rollout": found.rollout,
            "episode": found.episode,
            "message": found.message,
        }
    else:
        content = {
            "event": "summary",
            "run": run.run,
            "status": run.status,
            "equal": found.equal,
            "episodes": found.episodes,
            "steps": found.steps,
            "recorded": run.digest or None,
            "digest": found.digest or None,
            "evaluation_digest": found.evaluation_digest or None,
        }
    return json.dumps(content)
