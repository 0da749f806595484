"""Who reads and sets what: an agent's sensors and actuators found among the environments, prepared once per session."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sparring.types.declaration import Declaration
from sparring.types.errors import FailedPreconditionError
from sparring.types.frames import EnvironmentStarted
from sparring.types.layout import Layout
from sparring.types.plan import AgentPlan, EnvironmentPlan
from sparring.types.routing import Gather, Scatter


@dataclass(frozen=True, slots=True)
class AgentWiring:
    """One agent's declarations (`environment.uid`) and how its readings are gathered."""

    sensors: tuple[Declaration, ...]
    actuators: tuple[Declaration, ...]
    setpoints: Layout
    readings: Gather


@dataclass(frozen=True, slots=True)
class Wiring:
    """All agents, and how the setpoints of each environment are put together from theirs."""

    agents: tuple[AgentWiring, ...]
    setpoints: tuple[Scatter, ...]


def wire(
    environments: Sequence[EnvironmentPlan],
    started: Sequence[EnvironmentStarted],
    agents: Sequence[AgentPlan],
    lanes: int,
) -> Wiring:
    """Find every sensor and actuator of every agent.

    Raises:
        FailedPreconditionError: ASSIGNMENT_IMPOSSIBLE, naming the agent, what it wants, and the nearest thing there is.
    """
    sensors = _positions(environments, [one.sensors for one in started])
    actuators = _positions(environments, [one.actuators for one in started])
    sensor_layouts = [Layout([one.space for one in each.sensors], lanes) for each in started]
    actuator_layouts = [Layout([one.space for one in each.actuators], lanes) for each in started]
    wired = []
    set_by: list[list[tuple[int, int, int]]] = [[] for _ in environments]
    for number, agent in enumerate(agents):
        reads = [_find(sensors, uid, agent.name, "sensor") for uid in agent.sensors]
        sets = [_find(actuators, uid, agent.name, "actuator") for uid in agent.actuators]
        for field, (environment, target) in enumerate(sets):
            set_by[environment].append((target, number, field))
        declared = tuple(
            replace(started[env].actuators[at], uid=uid) for uid, (env, at) in zip(agent.actuators, sets, strict=True)
        )
        wired.append(
            AgentWiring(
                tuple(
                    replace(started[env].sensors[at], uid=uid)
                    for uid, (env, at) in zip(agent.sensors, reads, strict=True)
                ),
                declared,
                Layout([one.space for one in declared], lanes),
                Gather(sensor_layouts, reads),
            )
        )
    sources = [agent.setpoints for agent in wired]
    return Wiring(
        tuple(wired),
        tuple(Scatter(layout, sources, picks) for layout, picks in zip(actuator_layouts, set_by, strict=True)),
    )


def agent_rewards(
    environments: Sequence[EnvironmentPlan], declared: Sequence[Iterable[Declaration]]
) -> tuple[Declaration, ...]:
    """All rewards of all environments, as agents see them: `environment.reward`."""
    return tuple(
        replace(reward, uid=f"{environment.uid}.{reward.uid}")
        for environment, rewards in zip(environments, declared, strict=True)
        for reward in rewards
    )


def _positions(
    environments: Sequence[EnvironmentPlan], declared: Sequence[Sequence[Declaration]]
) -> dict[str, tuple[int, int]]:
    return {
        f"{plan.uid}.{one.uid}": (number, at)
        for number, (plan, all_of) in enumerate(zip(environments, declared, strict=True))
        for at, one in enumerate(all_of)
    }


def _find(positions: dict[str, tuple[int, int]], uid: str, agent: str, kind: str) -> tuple[int, int]:
    if uid in positions:
        return positions[uid]
    near = difflib.get_close_matches(uid, positions, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" There are: {', '.join(list(positions)[:20]) or 'none'}."
    raise FailedPreconditionError(
        "ASSIGNMENT_IMPOSSIBLE",
        f"Agent {agent!r} wants the {kind} {uid!r}, which no environment has.{hint}",
        agent=agent,
        uid=uid,
    )
