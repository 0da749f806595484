"""Sessions with `Trouble`, as a rollout worker holds them."""

from pathlib import Path
from typing import Any, TypeAlias

from sparring.client.stream_session import StreamSession, open_environment
from sparring.rpc.retry import Backoff
from sparring.types.declaration import Component, Timeouts
from sparring.types.frames import EnvironmentStarted, Origin, ShutDown, Shutdown, StartEnvironment, Update, Updated
from sparring.types.layout import Layout
from sparring.types.plan import Grant, Place
from sparring.types.space import Discrete
from tests.integration.hosts.authors import COUNT
from tests.integration.hosts.host_thread import SOON_S

Session: TypeAlias = StreamSession[Any, Any]

TROUBLE = "tests.integration.hosts.authors:Trouble"
UNTOUCHED = Update(Layout([Discrete(2)]).pack([None]))


QUICK = Backoff(attempts=20, first_s=0.02, most_s=0.1, budget_s=2.0)
"""How long a session tries to come back, where nobody tells it that there is nothing to come back to."""


def start(
    timeouts: Timeouts | None = None, *, name: str = TROUBLE, token: str = "", **parameters: Any
) -> StartEnvironment:
    """The first frame of a session."""
    plain = {key: str(value) if isinstance(value, Path) else value for key, value in parameters.items()}
    return StartEnvironment(
        Component(name, plain),
        "grid",
        session_seed=1,
        episode_seeds=(2,),
        token=token,
        timeouts=timeouts or Timeouts(),
        origin=Origin("run-1"),
    )


def begun(place: Place, timeouts: Timeouts | None = None, **parameters: Any) -> Session:
    """Open a session and start it."""
    session = open_environment(place, "grid", reconnecting=QUICK)
    try:
        session.send(start(timeouts, **parameters))
        assert isinstance(session.receive(SOON_S), EnvironmentStarted)
    except BaseException:
        session.close()
        raise
    return session


def update(session: Session, within_s: float = SOON_S) -> int:
    """Update once; return what `Trouble` has counted."""
    session.send(UNTOUCHED)
    updated = session.receive(within_s)
    assert isinstance(updated, Updated)
    (count,) = Layout([COUNT]).unpack(updated.readings)
    return int(count)


def shut_down(session: Session) -> None:
    """End a session in good order."""
    session.send(Shutdown())
    assert session.receive(SOON_S) == ShutDown()
    session.close()


def via(grant: Grant, address: str) -> Grant:
    """The same session, reached by another address."""
    return Grant(grant.token, grant.worker_id, grant.service, address)
