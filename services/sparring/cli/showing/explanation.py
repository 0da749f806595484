"""Explains a run: who waits for whom, since when, and what happens next. Pure: from what was gathered to sentences."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.cli.access.standing import Standing
from sparring.cli.showing.advice import advice
from sparring.cli.showing.explanation_losses import losses_sentence, retries_left
from sparring.cli.showing.explanation_next import following
from sparring.cli.showing.explanation_rollouts import Rollout, rollouts_of
from sparring.cli.showing.explanation_waits import Wait, waits_of
from sparring.cli.showing.explanation_words import for_s, words_of
from sparring.cli.showing.numbers import ago, duration


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of a run.

    Attributes:
        standing: what it is made of.
        sentences: how it stands.
        rollouts: its rollout workers, in the phase that is being played.
        waits: who waits for whom.
        following: what happens next.
        retries_left: how often what was lost last may be lost again; None if nothing was.
    """

    standing: Standing
    sentences: tuple[str, ...]
    rollouts: tuple[Rollout, ...]
    waits: tuple[Wait, ...]
    following: tuple[str, ...]
    retries_left: int | None


def explain(standing: Standing) -> Explanation:
    """Explain a run."""
    rollouts = () if standing.run.over else rollouts_of(standing)
    waits = () if standing.run.over else waits_of(standing, rollouts)
    return Explanation(
        standing,
        tuple(_sentences(standing)),
        rollouts,
        waits,
        tuple(following(standing, waits)),
        retries_left(standing),
    )


def _sentences(standing: Standing) -> list[str]:
    made = [_headline(standing)]
    if standing.run.over:
        return [*made, *_commits(standing), *losses_sentence(standing), *standing.notes]
    made += [*_commits(standing), *_owner(standing), *_wishes(standing), *losses_sentence(standing), *standing.notes]
    return made


def _headline(standing: Standing) -> str:
    run, name = standing.run, standing.run.run
    if run.status == "failed":
        done = f" {advice(run.error_reason)}".rstrip()
        return f"{name} has failed: {run.error_message or run.error_reason} ({run.error_reason}).{done}"
    if run.over:
        when = "" if run.ended is None else f" {ago(run.ended, standing.now)}"
        return f"{name} is {run.status}{when}; nobody waits for anything."
    where = "" if run.seed is None else f", phase {run.phase}{_phase_name(standing)}"
    message = "" if standing.last is None else standing.last.message
    said = message.removeprefix(f"phase {run.phase}{_phase_name(standing)}").removeprefix(": ").rstrip(".")
    last = f"; it said: {said}" if said else ""
    since = for_s(standing.state_s)
    holds = run.status == "paused" and run.state in ("TRANSCEIVING", "STARTING_RUN")
    now = "its rollout workers hold at a step's end" if holds else words_of(run.state).now
    return f"{name} is {run.status}{where}: {now} ({run.state}, {since}{last})."


def _phase_name(standing: Standing) -> str:
    phase = standing.phase
    return "" if phase is None else f" ({phase.name})"


def _commits(standing: Standing) -> list[str]:
    last = standing.last_commit
    if last is None:
        return [] if standing.run.seed is None else ["No episode is committed yet."]
    of, phase = "", standing.phase
    done = sum(n for track, n in standing.committed.items() if track.phase == standing.run.phase)
    if phase is not None and phase.episodes is not None:
        of = f" of {phase.workers * phase.episodes:,}"
    when = "" if last.committed is None else f", {ago(last.committed, standing.now)}"
    return [
        f"{done:,}{of} episodes of the phase are committed; the last commit was episode {last.episode} of rollout "
        f"worker {last.rollout}{when}."
    ]


def _owner(standing: Standing) -> list[str]:
    run, lapsed_s = standing.run, standing.lapsed_s
    if lapsed_s is None:
        return ["Nobody owns it."]
    owner = f"{run.governor} (epoch {run.epoch})"
    if lapsed_s > 0:
        return [f"Nobody owns it: its last owner, {owner}, has been silent; its lease lapsed {duration(lapsed_s)} ago."]
    return [f"It belongs to {owner}, whose lease lasts another {duration(-lapsed_s)} if it is not renewed."]


def _wishes(standing: Standing) -> list[str]:
    run = standing.run
    made = []
    if run.cancel_requested:
        made.append("A user has asked to cancel it.")
    if run.pause_requested:
        made.append("A user has asked to pause it.")
    return made
