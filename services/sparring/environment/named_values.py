"""Values that authors give by name, put in the order in which they were declared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sparring.types.author_code import sentence
from sparring.types.errors import AuthorError


class NamedValues:
    """Sorts information objects of sensors or rewards.

    Args:
        component: Whose they are, for messages: "environment 'grid'".
        environment: Its name: a uid may begin with it and a dot.
        kind: sensor or reward, for messages.
        uids: As declared, without the environment's name.
        information: The class of the objects.

    Attributes:
        index: Place of each uid.
    """

    def __init__(
        self, component: str, environment: str, kind: str, uids: Sequence[str], information: type[Any]
    ) -> None:
        self._component = component
        self._prefix = f"{environment}."
        self._kind = kind
        self._information = information
        self._uids = list(uids)
        self._absent: list[Any] = [None] * len(self._uids)
        self.index = {uid: place for place, uid in enumerate(self._uids)}

    def bare(self, uid: str) -> str:
        """Return a uid without the environment's name."""
        return uid if uid in self.index else uid.removeprefix(self._prefix)

    def sort(self, informations: Iterable[Any], step: int | None) -> list[Any]:
        """Return the values in declared order, None for those that are missing.

        Raises:
            AuthorError: SENSOR_UNKNOWN or REWARD_UNKNOWN, SENSOR_REPEATED or REWARD_REPEATED, or AUTHOR_CODE_FAILED for
                something that is no information object.
        """
        uids = self._uids
        try:
            if not isinstance(informations, Sequence):
                informations = list(informations)
            given = [each.uid for each in informations]
            if given == uids:
                return [each.value for each in informations]
        except (AttributeError, TypeError):
            raise self._no_information(informations, step) from None
        values = self._absent.copy()
        seen = set()
        for uid, each in zip(given, informations, strict=True):
            place = self.index.get(uid)
            if place is None:
                place = self.index.get(self.bare(uid))
            if place is None:
                known = ", ".join(uids) or "none"
                raise self._error("UNKNOWN", f"{self._kind} {uid!r}, which is not declared; known: {known}", uid, step)
            if place in seen:
                raise self._error("REPEATED", f"{self._kind} {uid!r} twice", uid, step)
            seen.add(place)
            values[place] = each.value
        return values

    def _error(self, reason: str, problem: str, uid: str, step: int | None) -> AuthorError:
        where = {} if step is None else {"step": step}
        return AuthorError(
            f"{self._kind.upper()}_{reason}",
            f"{sentence(self._component)} returned {problem}.",
            component=self._component,
            **{self._kind: uid},
            **where,
        )

    def _no_information(self, given: Any, step: int | None) -> AuthorError:
        wrong = given
        if isinstance(given, Sequence) and not isinstance(given, str):
            wrong = next((each for each in given if not isinstance(each, self._information)), given)
        name = type(wrong).__name__
        where = {} if step is None else {"step": step}
        return AuthorError(
            "AUTHOR_CODE_FAILED",
            f"{sentence(self._component)} returned {name} where a list of {self._information.__name__} is expected.",
            component=self._component,
            found=name,
            **where,
        )
