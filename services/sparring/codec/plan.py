"""Grants and rollout plans between plain values and the wire."""

from __future__ import annotations

from sparring.api.broker.v1 import grant_pb2
from sparring.api.simulation.v1 import plan_pb2 as pb
from sparring.codec.declaration import (
    decode_component,
    decode_components,
    decode_mode,
    decode_origin,
    decode_timeouts,
    encode_component,
    encode_components,
    encode_mode,
    encode_origin,
    encode_timeouts,
)
from sparring.codec.episode import decode_learning, encode_learning
from sparring.codec.faults import decode_fault, encode_fault
from sparring.types.errors import InvalidArgumentError
from sparring.types.plan import AgentPlan, EnvironmentPlan, FixedAddress, Grant, Inline, Place, RolloutPlan


def encode_grant(grant: Grant) -> grant_pb2.Grant:
    """Write a grant."""
    endpoint = grant_pb2.Endpoint(
        address=grant.address, relay=grant.relay, authority=grant.authority, relays=grant.relays
    )
    message = grant_pb2.Grant(token=grant.token, worker_id=grant.worker_id, service=grant.service, endpoint=endpoint)
    message.expires.FromNanoseconds(round(grant.expires_s * 1e9))
    return message


def decode_grant(message: grant_pb2.Grant) -> Grant:
    """Read a grant."""
    endpoint = message.endpoint
    expires_s = message.expires.ToNanoseconds() / 1e9
    return Grant(
        message.token,
        message.worker_id,
        message.service,
        endpoint.address,
        endpoint.relay,
        expires_s,
        endpoint.authority,
        tuple(endpoint.relays),
    )


def encode_plan(plan: RolloutPlan) -> pb.RolloutPlan:
    """Write a plan. The epoch travels in the frame, not in the plan."""
    message = pb.RolloutPlan(
        origin=encode_origin(plan.origin),
        phase_name=plan.phase_name,
        mode=encode_mode(plan.mode),
        controller=encode_component(plan.controller),
        environments=[_encode_environment(environment) for environment in plan.environments],
        agents=[_encode_agent(agent) for agent in plan.agents],
        conditions=encode_components(plan.conditions),
        timeouts=encode_timeouts(plan.timeouts),
        learning=encode_learning(plan.learning),
        lanes=plan.lanes,
        run_seed=plan.run_seed,
        first_attempt=plan.first_attempt,
        first_episode=plan.first_episode,
        episode_retries=plan.episode_retries,
        store=encode_grant(plan.store),
        faults=[encode_fault(fault) for fault in plan.faults],
    )
    message.orphan.FromNanoseconds(round(plan.orphan_s * 1e9))
    return message


def decode_plan(message: pb.RolloutPlan, epoch: int) -> RolloutPlan:
    """Read a plan.

    Raises:
        InvalidArgumentError: PLAN_INVALID, something has no place; PARAMETERS_INVALID.
    """
    return RolloutPlan(
        origin=decode_origin(message.origin),
        phase_name=message.phase_name,
        mode=decode_mode(message.mode),
        controller=decode_component(message.controller),
        environments=tuple(_decode_environment(environment) for environment in message.environments),
        agents=tuple(_decode_agent(agent) for agent in message.agents),
        run_seed=message.run_seed,
        store=decode_grant(message.store),
        learning=decode_learning(message.learning),
        conditions=decode_components(message.conditions),
        timeouts=decode_timeouts(message.timeouts),
        lanes=message.lanes or 1,
        first_attempt=message.first_attempt or 1,
        first_episode=message.first_episode,
        episode_retries=message.episode_retries,
        orphan_s=message.orphan.ToNanoseconds() / 1e9 if message.HasField("orphan") else 60.0,
        epoch=epoch,
        faults=tuple(decode_fault(fault) for fault in message.faults),
    )


def _encode_place(place: Place) -> pb.Place:
    match place:
        case Inline():
            return pb.Place(inline=pb.Place.Inline())
        case Grant():
            return pb.Place(grant=encode_grant(place))
        case FixedAddress():
            return pb.Place(address=place.address)


def _decode_place(message: pb.Place, of: str) -> Place:
    kind = message.WhichOneof("kind")
    if kind == "inline":
        return Inline()
    if kind == "grant":
        return decode_grant(message.grant)
    if kind == "address":
        return FixedAddress(message.address)
    raise InvalidArgumentError("PLAN_INVALID", f"The plan says nowhere where {of} runs.", component=of)


def _encode_environment(plan: EnvironmentPlan) -> pb.EnvironmentPlan:
    return pb.EnvironmentPlan(
        uid=plan.uid,
        environment=encode_component(plan.environment),
        reward=encode_component(plan.reward),
        state_transformer=encode_component(plan.state_transformer),
        recreate_each_episode=plan.recreate_each_episode,
        place=_encode_place(plan.place),
    )


def _decode_environment(message: pb.EnvironmentPlan) -> EnvironmentPlan:
    return EnvironmentPlan(
        uid=message.uid,
        environment=decode_component(message.environment),
        place=_decode_place(message.place, f"environment {message.uid!r}"),
        reward=decode_component(message.reward) if message.HasField("reward") else None,
        state_transformer=decode_component(message.state_transformer)
        if message.HasField("state_transformer")
        else None,
        recreate_each_episode=message.recreate_each_episode,
    )


def _encode_agent(plan: AgentPlan) -> pb.AgentPlan:
    return pb.AgentPlan(
        name=plan.name,
        muscle=encode_component(plan.muscle),
        filters=encode_components(plan.filters),
        sensors=plan.sensors,
        actuators=plan.actuators,
        place=_encode_place(plan.place),
        brain=None if plan.brain is None else encode_grant(plan.brain),
        brain_learns=plan.brain_learns,
    )


def _decode_agent(message: pb.AgentPlan) -> AgentPlan:
    return AgentPlan(
        name=message.name,
        muscle=decode_component(message.muscle),
        place=_decode_place(message.place, f"the muscle of agent {message.name!r}"),
        sensors=tuple(message.sensors),
        actuators=tuple(message.actuators),
        brain=decode_grant(message.brain) if message.HasField("brain") else None,
        brain_learns=message.brain_learns,
        filters=decode_components(message.filters),
    )
