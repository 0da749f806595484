"""Rewards of an update, put in the order in which they were declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sparring.environment.named_values import NamedValues
from sparring.types.author_code import sentence, value_error
from sparring.types.declaration import Declaration
from sparring.types.errors import AuthorError, InvalidArgumentError, OutOfSpaceError
from sparring.types.information import RewardInformation
from sparring.types.layout import Layout
from sparring.types.space import Space, equal_spaces
from sparring.types.values import Values

_REMEMBERED = 64


class OrderedRewards:
    """Rewards given by place, all declared at the start."""

    def __init__(self, component: str, declared: tuple[Declaration, ...]) -> None:
        self._component = component
        self.declared = declared
        self.layout = Layout([each.space for each in declared])

    def admit(self, rewards: Sequence[Any]) -> tuple[Declaration, ...]:
        """Return nothing."""
        return ()

    def pack(self, rewards: Sequence[Any], step: int) -> Values:
        """Pack and check.

        Raises:
            AuthorError: VALUE_OUT_OF_SPACE; AUTHOR_CODE_FAILED, for more or fewer values than rewards.
        """
        try:
            values = self.layout.pack(rewards)
        except OutOfSpaceError as wrong:
            raise self._outside(int(wrong.metadata["field"]), step, wrong) from wrong
        except (InvalidArgumentError, TypeError) as wrong:
            raise AuthorError(
                "AUTHOR_CODE_FAILED",
                f"{sentence(self._component)} returned rewards that are not one per reward "
                f"({len(self.declared)}) in step {step}: {wrong}",
                component=self._component,
                step=step,
            ) from wrong
        violation = self.layout.check(values)
        if violation is not None:
            raise self._outside(violation.field, step, violation)
        return values

    def forget(self) -> None:
        """Do nothing."""

    def _outside(self, field: int, step: int, wrong: Any) -> Exception:
        uid = self.declared[field].uid
        return value_error(self._component, "reward", uid, step, wrong, "VALUE_OUT_OF_SPACE")


class NamedRewards(OrderedRewards):
    """Rewards given as RewardInformation; those not declared at the start are declared when first seen."""

    def __init__(self, component: str, environment: str, declared: tuple[Declaration, ...]) -> None:
        self._environment = environment
        self._at_start = declared
        self._seen: dict[str, Declaration] = {}
        self._known: dict[tuple[str, ...], tuple[tuple[Declaration, ...], Layout, NamedValues]] = {}
        super().__init__(component, declared)
        self._names = self._named()

    def admit(self, rewards: Sequence[Any]) -> tuple[Declaration, ...]:
        """Declare what is new."""
        index = self._names.index
        fresh: dict[str, Declaration] = {}
        for reward in rewards:
            if isinstance(reward, RewardInformation):
                uid = self._names.bare(reward.uid)
                if uid not in index and uid not in fresh:
                    fresh[uid] = self._declaration(uid, reward.space)
        if not fresh:
            return ()
        late = tuple(fresh.values())
        self._use((*self.declared, *late))
        return late

    def pack(self, rewards: Sequence[Any], step: int) -> Values:
        """Pack by name; rewards that are missing are absent."""
        return super().pack(self._names.sort(rewards, step), step)

    def forget(self) -> None:
        """Return to what was declared at the start."""
        if self.declared is not self._at_start:
            self._use(self._at_start)

    def _declaration(self, uid: str, space: Space[Any]) -> Declaration:
        """Return the declaration of an earlier episode if it is the same, so that its layout is not made again."""
        seen = self._seen.get(uid)
        if seen is None or not equal_spaces(seen.space, space):
            self._known.clear()
            seen = self._seen[uid] = Declaration(uid, space)
        return seen

    def _use(self, declared: tuple[Declaration, ...]) -> None:
        key = tuple([each.uid for each in declared])
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self.declared, self.layout = declared, Layout([each.space for each in declared])
            found = self._known[key] = (declared, self.layout, self._named())
        self.declared, self.layout, self._names = found

    def _named(self) -> NamedValues:
        uids = [each.uid for each in self.declared]
        return NamedValues(self._component, self._environment, "reward", uids, RewardInformation)
