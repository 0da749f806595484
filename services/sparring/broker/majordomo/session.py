"""One session as the broker knows it: soft state, corrected by what its worker says."""

from __future__ import annotations

from dataclasses import dataclass

from sparring.broker.majordomo.messages import Endpoint, OpenSession, SessionState


@dataclass(slots=True, eq=False)
class Session:
    """A session from its offer to its end.

    Attributes:
        token: its name and secret.
        service: the service of its worker.
        worker_id: its worker.
        stream: the worker's conversation; None while the worker is away and its lease runs.
        component: what runs in it, for people.
        run: on whose behalf, for people.
        state: what the worker said last; None while the offer is not answered.
        endpoint: where it is reached.
        expires: until when it must have been started.
        bundle: the acquisition it belongs to until the whole bundle is granted.
        reported: the worker lists it in its heartbeats; false for workers with unlimited slots.
        missed: how many of the worker's last lists did not name it.
        released: its holder has given it back; the worker has still to confirm.
    """

    token: str
    service: str
    worker_id: str
    stream: int | None
    component: str
    run: str
    state: SessionState | None = None
    endpoint: Endpoint | None = None
    expires: float = 0.0
    bundle: int | None = None
    reported: bool = True
    missed: int = 0
    released: bool = False

    @property
    def open(self) -> bool:
        """Whether a holder may know of it: its whole bundle was granted."""
        return self.bundle is None

    def listed(self) -> OpenSession:
        """Return it as a worker would list it."""
        return OpenSession(self.token, self.state or SessionState.EXPECTED, self.component, self.run)
