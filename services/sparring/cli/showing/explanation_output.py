"""An explanation for people, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sparring.cli.showing.explanation import Explanation
from sparring.cli.showing.explanation_losses import lost_thing
from sparring.cli.showing.explanation_rollouts import Rollout
from sparring.cli.showing.explanation_words import words_of
from sparring.cli.showing.numbers import NOTHING, duration, rate

MOST_ROWS = 20
_DOING = {"done": "is done", "plays": "plays", "still": "stands still", "between": "waits", "unknown": NOTHING}


def print_explanation(console: Console, made: Explanation) -> None:
    """Print sentences, who waits for whom if there are several, where rollout workers are, and what happens next."""
    for sentence in made.sentences:
        console.print(Text(sentence))
    if len(made.waits) > 1:  # a single one is told by what happens next
        console.print(_waits(made))
    if any(one.progress is not None for one in made.rollouts):
        console.print(_rollouts(made))
    for sentence in made.following:
        console.print(Text(sentence, style="bold"))


def explanation_to_json(made: Explanation) -> str:
    """Return the same, and what it was made of, as one line of JSON."""
    standing = made.standing
    run, phase, last = standing.run, standing.phase, standing.last_commit
    content: dict[str, Any] = {
        "run": run.run,
        "status": run.status,
        "state": run.state,
        "state_words": words_of(run.state).now,
        "since": _iso(run.created if standing.entered is None else standing.entered.time),
        "message": standing.last.message if standing.last is not None else "",
        "phase": {"number": run.phase, "name": phase.name, "mode": phase.mode.value} if phase is not None else None,
        "rollouts": [_rollout(one) for one in made.rollouts],
        "last_commit": None
        if last is None
        else {"rollout": last.rollout, "episode": last.episode, "time": _iso(last.committed)},
        "losses": [{**asdict(each), "time": _iso(each.time), "what": lost_thing(each)} for each in standing.losses],
        "retries_left": made.retries_left,
        "owner": {
            "governor": run.governor,
            "epoch": run.epoch,
            "lease_until": _iso(run.lease_until),
            "lapsed": standing.lapsed_s is not None and standing.lapsed_s > 0,
        }
        if run.governor
        else None,
        "cancel_requested": run.cancel_requested,
        "pause_requested": run.pause_requested,
        "services": None if standing.services is None else [asdict(each) for each in standing.services],
        "sentences": list(made.sentences),
        "waits": [asdict(each) for each in made.waits],
        "next": list(made.following),
    }
    return json.dumps(content)


def _waits(made: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("who waits", "for"):
        table.add_column(heading, overflow="fold")
    table.add_column("since", justify="right")
    table.add_column("then", overflow="fold")
    for each in made.waits[:MOST_ROWS]:
        since = NOTHING if each.since_s is None else duration(each.since_s)
        table.add_row(Text(each.who), Text(each.what), since, Text(each.then))
    if len(made.waits) > MOST_ROWS:
        table.caption = f"and {len(made.waits) - MOST_ROWS} more: --json has all"
    return table


def _rollouts(made: Explanation) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("rollout worker", justify="right")
    table.add_column("")
    for heading in ("committed", "episode", "step", "steps/s", "not moved for"):
        table.add_column(heading, justify="right")
    for one in made.rollouts[:MOST_ROWS]:
        at, of = one.progress, "" if one.episodes is None else f" of {one.episodes}"
        where = [NOTHING] * 3 if at is None else [f"{at.episode}", f"{at.step}", rate(at.steps_per_second)]
        still = duration(one.still_s) if one.doing in ("still", "between") else NOTHING
        table.add_row(f"{one.rollout}", _DOING[one.doing], f"{one.committed}{of}", *where, still)
    if len(made.rollouts) > MOST_ROWS:
        table.caption = f"and {len(made.rollouts) - MOST_ROWS} more: --json has all"
    return table


def _rollout(one: Rollout) -> dict[str, Any]:
    at = one.progress
    return {
        "rollout": one.rollout,
        "committed": one.committed,
        "episodes": one.episodes,
        "doing": one.doing,
        "still_s": one.still_s,
        "episode": None if at is None else at.episode,
        "step": None if at is None else at.step,
        "steps_per_second": None if at is None else at.steps_per_second,
    }


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
