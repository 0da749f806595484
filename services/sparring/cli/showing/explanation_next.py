"""What happens next to a run, and what its user can do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sparring.cli.access.standing import Standing
from sparring.cli.showing.advice import advice
from sparring.cli.showing.explanation_waits import Wait
from sparring.cli.showing.explanation_words import words_of
from sparring.cli.showing.numbers import duration

FULL_BYTES: Final = 16 * 2**20
"""A store on a disk with less than this is as good as full."""


def following(standing: Standing, waits: Sequence[Wait]) -> Iterator[str]:
    """Yield sentences; what keeps everything else from happening comes first."""
    run = standing.run
    if run.over:
        if run.status == "failed":
            yield "Nothing more will happen. `sparring run FILE` plays the document anew."
        else:
            yield f"Nothing more will happen. {standing.command('runs', 'show')} has what it came to."
        return
    if standing.free_bytes is not None and standing.free_bytes < FULL_BYTES:
        yield (
            f"The disk of the store has {standing.free_bytes / 2**20:.1f} MiB left: it takes nothing (STORE_FULL) "
            f"until there is room, and whoever plays waits. {advice('STORE_FULL')}"
        )
    unowned = list(_unowned(standing))
    if unowned:
        yield from unowned
        return
    if run.cancel_requested:
        yield "It ends as cancelled at its next step; what is committed is kept."
        return
    if run.status == "paused":
        yield f"It is paused by a user, and keeps what it holds: {standing.command('runs', 'resume')} goes on."
        return
    if run.pause_requested:
        yield "It holds at its next step, and keeps what it holds."
    yield from _by_state(standing, waits)


def _unowned(standing: Standing) -> Iterator[str]:
    """Yield what happens to a run that nobody carries out."""
    run, lapsed_s = standing.run, standing.lapsed_s
    if lapsed_s is not None and lapsed_s <= 0:
        if standing.services is not None and not standing.registered("governor"):
            yield (
                f"No governor is registered: it may be starting again. In {duration(-lapsed_s)} the lease of "
                f"{run.governor} lapses; then the next governor that comes goes on at the last commit."
            )
        return
    never = not run.governor
    if standing.services is None:
        how = "plays it" if never else "goes on at the last commit"
        yield f"Nobody plays it: {standing.command('run', '--resume')} {how}."
    elif not standing.registered("governor"):
        what = "It is started" if never else "It goes on at the last commit"
        yield f"{what} when a governor comes; none is registered. `sparring serve governor` starts one."
    else:
        what = "starts it" if never else "takes it over and goes on at the last commit"
        yield f"A registered governor {what} within seconds, unless it governs as many runs as it may."


def _by_state(standing: Standing, waits: Sequence[Wait]) -> Iterator[str]:
    """Yield what follows the state; waits have said already what becomes of them."""
    words, phase = words_of(standing.run.state), standing.phase
    limit = "" if phase is None or words.limit_s is None else f" within {duration(words.limit_s(phase.timeouts))}"
    first = waits[0] if waits else None
    if first is not None:
        yield f"{first}"
    if words.then and (first is None or standing.run.state != "STARTING_SIMULATION_CONTROLLERS"):
        yield f"Then{limit}: {words.then}." if first is not None else f"Next{limit}: {words.then}."
    lapsed_s = standing.lapsed_s
    if standing.services is None and lapsed_s is not None:
        yield (
            f"Should its process have died, that shows within {duration(-lapsed_s)}, when its lease lapses; then "
            f"{standing.command('run', '--resume')} goes on at the last commit."
        )
