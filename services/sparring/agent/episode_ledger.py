"""Which episodes a brain has heard of, keeps aside, and contains."""

from __future__ import annotations

from collections.abc import Sequence

from sparring.agent.attempt import Attempt
from sparring.types.episode import EpisodeKey
from sparring.types.errors import FailedPreconditionError
from sparring.types.mode import Mode


class EpisodeLedger:
    """The episodes of one brain session.

    Args:
        agent: The agent's name, for messages.
        keeps: Steps are kept aside until their episode is committed; otherwise they are learned from at once.
        final: What was learned from a step cannot be taken back, and matters: learning `step`.
        contains: What the state contains that the brain went on from.
    """

    def __init__(self, agent: str, keeps: bool, final: bool, contains: Sequence[EpisodeKey] = ()) -> None:
        self._agent = agent
        self._keeps = keeps
        self._final = final
        self._aside: dict[tuple[int, int], Attempt] = {}
        self._contains: dict[int, EpisodeKey] = {key.rollout: key for key in contains}
        self._unfinished: set[tuple[int, int]] = set()

    @property
    def contains(self) -> tuple[EpisodeKey, ...]:
        """The last episode of each rollout worker that was learned from."""
        return tuple(key for _, key in sorted(self._contains.items()))

    def has(self, key: EpisodeKey) -> bool:
        """Tell whether an episode was learned from."""
        last = self._contains.get(key.rollout)
        return last is not None and key.episode <= last.episode

    def begin(self, rollout: int, attempt: Attempt) -> None:
        """Take in a new attempt; an earlier one at the same episode is forgotten.

        Raises:
            FailedPreconditionError: EPISODE_THOUGHT_ALREADY.
        """
        key = (rollout, attempt.episode)
        last = self._contains.get(rollout)
        if self._final and (key in self._unfinished or (last is not None and attempt.episode <= last.episode)):
            raise self._contaminated("EPISODE_THOUGHT_ALREADY", *key, "and it begins again")
        if self._keeps:
            self._aside[key] = attempt

    def thought(self, rollout: int, attempt: Attempt) -> None:
        """Note that a step of a running episode was learned from."""
        if self._final:
            self._unfinished.add((rollout, attempt.episode))

    def ended(self, key: EpisodeKey) -> None:
        """Note that a running episode has ended."""
        if not self._keeps:
            self._unfinished.discard((key.rollout, key.episode))
            if key.mode is not Mode.EVALUATE:
                self._contains[key.rollout] = key

    def learned(self, key: EpisodeKey) -> None:
        """Note that an episode was learned from as a whole."""
        self._contains[key.rollout] = key

    def forget(self, rollout: int, attempts: Sequence[Attempt | None]) -> None:
        """Forget attempts that did not end, unless their episode was begun anew meanwhile."""
        for attempt in attempts:
            if attempt is not None and not attempt.ended and self._aside.get((rollout, attempt.episode)) is attempt:
                del self._aside[rollout, attempt.episode]

    def discard(self, key: EpisodeKey) -> None:
        """Forget an episode that will not be committed."""
        self._aside.pop((key.rollout, key.episode), None)
        if self._final and self.has(key):
            self._unfinished.add((key.rollout, key.episode))

    def take(self, keys: Sequence[EpisodeKey]) -> list[tuple[EpisodeKey, Attempt]]:
        """Return what was kept aside of these episodes, in their order, without those that were learned from already.

        Raises:
            FailedPreconditionError: EXPERIENCE_MISSING. Nothing was taken.
        """
        fresh = [key for key in keys if not self.has(key)]
        for key in fresh:
            attempt = self._aside.get((key.rollout, key.episode))
            if attempt is None or not attempt.ended:
                problem = "it is not here" if attempt is None else "it has not ended"
                raise FailedPreconditionError(
                    "EXPERIENCE_MISSING",
                    f"Episode {key.episode} of rollout worker {key.rollout} cannot be learned from: {problem}.",
                    agent=self._agent,
                    rollout=key.rollout,
                    episode=key.episode,
                )
        return [(key, self._aside.pop((key.rollout, key.episode))) for key in fresh]

    def require_whole(self) -> None:
        """Refuse if steps were learned from that belong to no episode that was played to its end.

        Raises:
            FailedPreconditionError: EPISODE_IN_PROGRESS.
        """
        if self._unfinished:
            raise self._contaminated("EPISODE_IN_PROGRESS", *min(self._unfinished), "which has not ended, or was lost")

    def clear(self) -> None:
        """Forget what is kept aside."""
        self._aside.clear()

    def _contaminated(self, reason: str, rollout: int, episode: int, problem: str) -> FailedPreconditionError:
        return FailedPreconditionError(
            reason,
            f"The brain of agent {self._agent!r} has learned from steps of episode {episode} of rollout worker "
            f"{rollout}, {problem}; load a saved state and learn from what is committed.",
            agent=self._agent,
            rollout=rollout,
            episode=episode,
        )
