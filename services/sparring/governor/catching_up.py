"""A brain that lacks committed episodes catches up: a fold over them, it comes to the same bits again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import aclosing

from sparring.experiment.run import Phase
from sparring.governor.phase_book import PhaseBook
from sparring.governor.plans import learning_of
from sparring.governor.ports import BrainSession, RunStore
from sparring.types.episode import EpisodeKey
from sparring.types.learning import Learn, Learned, Learning

_log = logging.getLogger(__name__)


class CatchingUp:
    """Feeds one brain what is committed and not in its state, in learning order.

    Where brains learn in rounds, it is told to learn from every round that was complete; what is committed of the round
    that is being played waits at the brain, as it did before.

    Args:
        run: The run.
        phase: The phase.
        agent: Whose brain it is.
        book: What is committed.
        store: Has the experience.
        session: The brain, just started from its state.
    """

    def __init__(
        self, run: str, phase: Phase, agent: str, book: PhaseBook, store: RunStore, session: BrainSession
    ) -> None:
        self._run, self._phase, self._agent = run, phase, agent
        self._book, self._store, self._session = book, store, session
        self._waiting: list[EpisodeKey] = []
        self._learned: Learned | None = None

    async def run(self, contained: Sequence[EpisodeKey]) -> Learned | None:
        """Feed it; `contained` is what its state has. Returns what came of the last round, if it learned from any.

        Raises:
            SparringError: As the session and the store.
        """
        learning, episodes = learning_of(self._phase), 0
        experience = self._store.experience(
            self._run, self._phase, self._agent, contained, as_committed=learning is Learning.ASYNC
        )
        try:
            async with aclosing(experience):
                async for given in experience:
                    if learning is Learning.EPISODE and self._waiting and self._round_of(given.key) > self._round:
                        await self._learn()
                    await self._session.give(given)
                    if given.ended:
                        self._waiting.append(given.key)
                        episodes += 1
            if learning is Learning.EPISODE and self._waiting and self._book.closed(self._round):
                await self._learn()
        finally:
            await self._session.given()
        if episodes:
            _log.info("run %s: the brain of agent %r caught up on %d episodes", self._run, self._agent, episodes)
        return self._learned

    @property
    def _round(self) -> int:
        return self._round_of(self._waiting[0])

    def _round_of(self, key: EpisodeKey) -> int:
        return key.episode // self._phase.lanes

    async def _learn(self) -> None:
        self._learned = await self._session.learn(Learn(self._round, tuple(self._waiting)))
        self._waiting = []
