"""The watch over brains: what the broker says of their sessions becomes an event of the phase."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from sparring.governor.phase_events import STALE, BrainOver, PhaseEvent
from sparring.governor.ports import SlotBroker
from sparring.types.errors import AuthorError, FailedPreconditionError, HungError, LostError, SparringError
from sparring.types.holding import SessionEvent, SessionEventKind
from sparring.types.plan import Grant

_GONE = frozenset({"", "LINGER_OVER"})
"""Reasons with which a session ends that nobody is to blame for."""


async def watch_brains(
    broker: SlotBroker, brains: Mapping[str, Grant], tell: Callable[[PhaseEvent], Awaitable[None]]
) -> None:
    """Tell when a brain is gone or hangs. Those at fixed addresses are unknown to the broker: only their streams tell.

    Args:
        broker: Knows the sessions.
        brains: By agent.
        tell: Takes events.
    """
    agents = {grant.token: agent for agent, grant in brains.items() if grant.worker_id}
    if not agents:
        return
    async for event in broker.watch(list(agents)):
        if event.kind is not SessionEventKind.OPEN:
            agent = agents[event.token]
            await tell(BrainOver(agent, _meaning(event, agent)))


def _meaning(event: SessionEvent, agent: str) -> SparringError:
    component = f"the brain of agent {agent!r}"
    text = f"{component}: {event.message or 'its session is over'}"
    if event.kind is SessionEventKind.HUNG:
        return HungError(event.reason or "DEADLINE_PASSED", text, component=component)
    if event.kind is SessionEventKind.LOST or event.reason in _GONE:
        return LostError(event.reason or "SESSION_ENDED", text, component=component)
    if event.reason == STALE:
        return FailedPreconditionError(STALE, text)
    return AuthorError(event.reason, text, component=component)
