"""One bundle on its way: several slots, wanted all together or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparring.broker.majordomo.rules import Rules, reserved_service_name, valid_service_name
from sparring.broker.majordomo.session import Session
from sparring.types.errors import InvalidArgumentError


@dataclass(frozen=True, slots=True)
class Want:
    """One slot of a bundle: the client's label for it, the service, and the component (empty means any worker)."""

    label: str
    service: str
    component: str = ""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """A bundle as a client asks for it.

    Attributes:
        asker: the peer to whom the effects go.
        client_id: who asks; the queue is fair over clients.
        wants: the slots.
        run: on whose behalf, for people.
        at_head: it goes before all that are not.
        grant_s: how long the grants are good before they are used; None means as the rules say.
        deadline: when the client stops waiting; None means never.
    """

    asker: int
    client_id: str
    wants: tuple[Want, ...]
    run: str = ""
    at_head: bool = False
    grant_s: float | None = None
    deadline: float | None = None

    def check(self, rules: Rules) -> None:
        """Refuse what can never be granted.

        Raises:
            InvalidArgumentError: BUNDLE_INVALID.
        """
        labels = [want.label for want in self.wants]
        names = [want.service for want in self.wants]
        wrong = ""
        if not self.wants:
            wrong = "it asks for no slot"
        elif len(self.wants) > rules.max_bundle_slots:
            wrong = f"it asks for {len(self.wants)} slots, and {rules.max_bundle_slots} is the most"
        elif "" in labels or len(set(labels)) < len(labels):
            wrong = "every slot needs a label of its own"
        elif bad := [name for name in names if not valid_service_name(name) or reserved_service_name(name)]:
            wrong = f"{bad[0]!r} is not the name of a service with slots"
        elif self.grant_s is not None and not 0 < self.grant_s <= rules.max_grant_s:
            wrong = f"a grant lifetime of {self.grant_s:g} s is not above 0 and at most {rules.max_grant_s:g} s"
        if wrong:
            raise InvalidArgumentError("BUNDLE_INVALID", f"The bundle cannot be granted: {wrong}.")


@dataclass(slots=True, eq=False)
class Bundle:
    """A bundle that waits, or whose slots are being offered.

    Attributes:
        number: the broker's own, in the order of arrival.
        asked: what the client asked for.
        arrived: when.
        placed: the offered slots by label, while they are offered: all of them or none.
        told: the position and the lack that the client was told last.
        possible: whether the workers of a revision of the directory could hold it if all were free.
    """

    number: int
    asked: Acquisition
    arrived: float
    placed: dict[str, Session] = field(default_factory=dict)
    told: tuple[int, tuple[str, ...]] | None = None
    possible: tuple[int, bool] = (-1, False)

    def wants_of(self, service: str) -> list[Want]:
        """Return the slots that it wants of one service."""
        return [want for want in self.asked.wants if want.service == service]

    @property
    def services(self) -> list[str]:
        """The services that it wants slots of."""
        return sorted({want.service for want in self.asked.wants})
