"""What a brain was given, made again from the rows of committed episodes: the inverse of what a controller tells it.

A row holds the readings after a step, the setpoints and rewards of it, and whether the agent acted. The experience of a
step is the readings of the row before, what the agent proposed, the rewards of all environments, and the ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sparring.store.declared import Declared
from sparring.store.episodes import LateRewards
from sparring.store.segments.frames import damaged
from sparring.store.steps import Piece
from sparring.types.declaration import Declaration
from sparring.types.episode import AgentRows, EpisodeKey
from sparring.types.errors import NotFoundError
from sparring.types.layout import Layout
from sparring.types.learning import EpisodeEnd, ExperienceBatch, ExperienceStep
from sparring.types.record import PartLayout, RowLayout
from sparring.types.routing import Gather
from sparring.types.values import Values

BATCH_BYTES: Final = 1 << 20
_TERMINATED, _TRUNCATED = 16, 17
"""Places of the flags behind an environment's `end_offset`."""
_ENDED: Final = (True,)
_GOES_ON: Final[tuple[bool, ...]] = ()


class AgentExperience:
    """Reads the experience of one agent.

    Args:
        declared: what a rollout worker declared.
        agent: name of the agent.

    Raises:
        NotFoundError: AGENT_UNKNOWN.
        FailedPreconditionError: DATA_DAMAGED.
    """

    def __init__(self, declared: Declared, agent: str) -> None:
        if agent not in declared.assignments:
            known = ", ".join(declared.agents) or "none"
            raise NotFoundError("AGENT_UNKNOWN", f"There is no agent {agent!r}; there are: {known}.", known=known)
        self._declared = declared
        self._number = declared.agents.index(agent)
        sensors, actuators = declared.assignments[agent]
        self._readings = self._gather(sensors, 0)
        self._setpoints = self._gather(actuators, 1)

    def episode(self, key: EpisodeKey, pieces: Iterable[Piece]) -> Iterator[ExperienceBatch | EpisodeEnd]:
        """Yield an episode's experience: batches, then its end.

        Args:
            key: of the episode.
            pieces: all of its rows, in order, with what agents added.
        """
        batch = _Batch(key.episode)
        rewards = _Rewards(self._declared)
        before: Values | None = None
        for piece in pieces:
            layout = self._declared.layout_with(piece.late) if piece.late else self._declared.layout
            rewards.hear(piece.late)
            added = next((one for one in piece.steps.agents if one.agent == self._number), AgentRows(self._number))
            proposed = dict(added.proposed)
            for place, row in enumerate(_rows(layout, piece)):
                if before is not None and (added.acted[place] if added.acted else True):
                    step = proposed.get(piece.steps.first_step + place) or self._setpoints.gather(row.parts(1))
                    told = added.data[place] if added.data else None
                    experience = ExperienceStep(before, step, rewards.gather(row.parts(2)), *row.ends, told)
                    experience.declared_rewards = rewards.news()
                    yield from batch.add(experience)
                before = self._readings.gather(row.parts(0))
        if before is None:
            raise damaged(f"episode {key.episode} has no rows")
        yield from batch.rest()
        yield EpisodeEnd(key, 0, batch.steps, before)

    def _gather(self, uids: Sequence[str], part: int) -> Gather:
        environments = self._declared.environments
        places = {
            f"{environment.uid}.{one.uid}": (number, at)
            for number, environment in enumerate(environments)
            for at, one in enumerate((environment.sensors, environment.actuators)[part])
        }
        try:
            picks = [places[uid] for uid in uids]
        except KeyError as error:
            raise damaged(f"an agent has {error.args[0]}, which no environment declares") from error
        return Gather([tuple(row.layouts)[part] for row in self._declared.layout.environments], picks)


class _Rewards:
    """The rewards of all environments in the order in which agents hear of them, and which are news."""

    def __init__(self, declared: Declared) -> None:
        self._environments = [environment.uid for environment in declared.environments]
        self._known = [list(environment.rewards) for environment in declared.environments]
        self._order = [(number, at) for number, rewards in enumerate(self._known) for at in range(len(rewards))]
        self._heard = 0
        self._news = [self._named(number, reward) for number, rewards in enumerate(self._known) for reward in rewards]
        self._prepare()

    def hear(self, late: Sequence[LateRewards]) -> None:
        """Take in rewards that were declared late: all of the episode so far."""
        for each in late[self._heard :]:
            known = self._known[each.environment]
            self._order += [(each.environment, len(known) + at) for at in range(len(each.declarations))]
            known += each.declarations
            self._news += [self._named(each.environment, one) for one in each.declarations]
            self._prepare()
        self._heard = max(self._heard, len(late))

    def gather(self, rewards: Sequence[Values]) -> Values:
        """Put them together."""
        return self._gather.gather(rewards)

    def news(self) -> tuple[Declaration, ...]:
        """Return the rewards that the agent has not heard of yet."""
        news, self._news = tuple(self._news), []
        return news

    def _named(self, environment: int, reward: Declaration) -> Declaration:
        uid = f"{self._environments[environment]}.{reward.uid}"
        return Declaration(uid, reward.space, reward.unit, reward.description)

    def _prepare(self) -> None:
        self._gather = Gather([Layout([one.space for one in rewards]) for rewards in self._known], self._order)


class _Batch:
    """Consecutive steps of one episode, up to a size; a step that declares rewards begins a new one."""

    def __init__(self, episode: int) -> None:
        self._episode = episode
        self._steps: list[ExperienceStep] = []
        self._bytes = 0
        self.steps = 0

    def add(self, step: ExperienceStep) -> Iterator[ExperienceBatch]:
        """Take a step; yields the batch before if it is complete."""
        if self._steps and (step.declared_rewards or self._bytes >= BATCH_BYTES):
            yield from self.rest()
        self._steps.append(step)
        self._bytes += len(step.readings.data) + len(step.setpoints.data) + len(step.rewards.data)
        self._bytes += 0 if step.data is None else len(step.data.data)

    def rest(self) -> Iterator[ExperienceBatch]:
        """Yield what is left."""
        if self._steps:
            yield ExperienceBatch((self._episode,), self.steps, tuple(self._steps))
        self.steps += len(self._steps)
        self._steps, self._bytes = [], 0


class _Row:
    """One row, cut into values when they are asked for."""

    def __init__(self, layout: RowLayout, data: memoryview, texts: Sequence[str]) -> None:
        self._layout = layout
        self._data = data
        self._texts = texts

    @property
    def ends(self) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
        """Whether the episode terminated, or was only cut short, in this step."""
        at = [row.end_offset for row in self._layout.environments]
        terminated = any(self._data[place + _TERMINATED] for place in at)
        truncated = any(self._data[place + _TRUNCATED] for place in at)
        if not terminated and not truncated:
            return _GOES_ON, _GOES_ON
        return (terminated,), (not terminated,)

    def parts(self, part: int) -> list[Values]:
        """Return readings (0), setpoints (1) or rewards (2) of all environments."""
        found = []
        texts = 0
        for row in self._layout.environments:
            counts = [one.layout.text_count for one in row.parts]
            first = texts + sum(counts[:part])
            found.append(self._values(row.parts[part], tuple(self._texts[first : first + counts[part]])))
            texts += row.text_count
        return found

    def _values(self, part: PartLayout, texts: tuple[str, ...]) -> Values:
        full = part.layout.full_present
        present = bytes(self._data[part.present_offset : part.present_offset + len(full)])
        data = bytes(self._data[part.offset : part.offset + part.layout.size])
        return Values(data, b"" if present == full else present, texts)


def _rows(layout: RowLayout, piece: Piece) -> Iterator[_Row]:
    steps = piece.steps
    if len(steps.rows) != steps.steps * layout.size or len(steps.texts) != steps.steps * layout.text_count:
        raise damaged(f"rows of episode {steps.episode} have another size than was declared")
    data = memoryview(steps.rows)
    for number in range(steps.steps):
        start, texts = number * layout.size, number * layout.text_count
        yield _Row(layout, data[start : start + layout.size], steps.texts[texts : texts + layout.text_count])
