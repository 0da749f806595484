"""The grammar of a RecordEpisodes stream: what may come next, and whether the counts agree. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sparring.store.episodes import LateRewards
from sparring.types.declaration import Declaration
from sparring.types.episode import EpisodeSummary, StepRows
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError
from sparring.types.record import RowLayout

MOST_OPEN: Final = 4096
"""Episodes that one stream may have open at once: one per lane."""


@dataclass(frozen=True, slots=True)
class OpenEpisode:
    """An episode that has begun and not ended.

    Attributes:
        episode: its number.
        layout: of its next row.
        rows: how many have come.
        late: rewards declared during it.
    """

    episode: int
    layout: RowLayout
    rows: int = 0
    late: tuple[LateRewards, ...] = ()

    def with_rewards(self, environment: int, declarations: Sequence[Declaration]) -> OpenEpisode:
        """Return the episode after more rewards of one environment were declared.

        Raises:
            InvalidArgumentError: FRAME_MALFORMED, there is no such environment.
        """
        if environment >= len(self.layout.environments):
            raise malformed(f"rewards were declared for environment {environment}, which does not exist")
        late = LateRewards(self.rows, environment, tuple(declarations))
        return replace(self, layout=self.layout.with_rewards(environment, declarations), late=(*self.late, late))

    def with_rows(self, steps: StepRows) -> OpenEpisode:
        """Return the episode after more rows.

        Raises:
            FailedPreconditionError: COUNT_MISMATCH, rows are missing before these, or came twice.
            InvalidArgumentError: FRAME_MALFORMED, bytes or texts are more or fewer than the declared fields take.
        """
        if steps.first_step != self.rows:
            raise mismatch(
                f"Row {steps.first_step} of episode {self.episode} came where row {self.rows} was expected.",
                episode=self.episode,
                expected=self.rows,
                found=steps.first_step,
            )
        expected = steps.steps * self.layout.size, steps.steps * self.layout.text_count
        found = len(steps.rows), len(steps.texts)
        if found != expected:
            raise malformed(
                f"{steps.steps} rows of episode {self.episode} have {found[0]} bytes and {found[1]} texts, "
                f"the declared fields take {expected[0]} and {expected[1]}"
            )
        return replace(self, rows=self.rows + steps.steps)

    def check_end(self, summary: EpisodeSummary, rows: int) -> None:
        """Compare what was announced with what came.

        Raises:
            FailedPreconditionError: COUNT_MISMATCH.
        """
        if rows != self.rows or summary.steps != self.rows - 1:
            raise mismatch(
                f"Episode {self.episode} ends with {rows} rows and {summary.steps} steps announced, "
                f"but {self.rows} rows came (row 0 is the beginning, so that there is one more than steps).",
                episode=self.episode,
                announced=rows,
                received=self.rows,
            )


class Grammar:
    """The open episodes of one stream.

    Every method raises FailedPreconditionError GRAMMAR_VIOLATED where its frame may not come.
    """

    def __init__(self, layout: RowLayout) -> None:
        self._layout = layout
        self._open: dict[int, OpenEpisode] = {}

    def begin(self, episode: int) -> None:
        """An episode begins."""
        if episode in self._open:
            raise violated(f"Episode {episode} was begun twice", episode)
        if len(self._open) >= MOST_OPEN:
            raise violated(f"More than {MOST_OPEN} episodes are open; end one before episode {episode} begins", episode)
        self._open[episode] = OpenEpisode(episode, self._layout)

    def declare(self, episode: int, environment: int, declarations: Sequence[Declaration]) -> None:
        """Rewards were announced."""
        self._open[episode] = self._found(episode, "Rewards").with_rewards(environment, declarations)

    def add(self, steps: StepRows) -> None:
        """Rows came."""
        self._open[steps.episode] = self._found(steps.episode, "Steps").with_rows(steps)

    def commit(self, summary: EpisodeSummary, rows: int) -> OpenEpisode:
        """An episode ends; returns it."""
        episode = summary.key.episode
        found = self._found(episode, "A commit")
        found.check_end(summary, rows)
        return self._open.pop(episode)

    def drop(self, episode: int) -> None:
        """An episode is forgotten; one that is not open is forgotten already."""
        self._open.pop(episode, None)

    def _found(self, episode: int, what: str) -> OpenEpisode:
        if episode not in self._open:
            raise violated(f"{what} came for episode {episode}, which was not begun", episode)
        return self._open[episode]


def violated(what: str, episode: int | None = None) -> FailedPreconditionError:
    """Say which frame may not come here."""
    named = {} if episode is None else {"episode": episode}
    return FailedPreconditionError("GRAMMAR_VIOLATED", f"{what}.", **named)


def malformed(what: str) -> InvalidArgumentError:
    """Say what is wrong within a frame."""
    return InvalidArgumentError("FRAME_MALFORMED", f"Malformed frame: {what}.")


def mismatch(what: str, **metadata: object) -> FailedPreconditionError:
    """Say which counts differ."""
    return FailedPreconditionError("COUNT_MISMATCH", what, **metadata)
