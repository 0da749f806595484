"""Requests of a rollout worker's control stream, as the governor writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sparring.api.simulation.v1 import simulation_service_pb2 as pb
from sparring.codec.declaration import encode_flow
from sparring.codec.plan import encode_plan
from sparring.codec.session import Attach, encode_attach
from sparring.codec.version import encode_version
from sparring.types.flow import SimulationFlowControl
from sparring.types.plan import RolloutPlan


class Decision(Protocol):
    """How a rollout worker goes on."""

    @property
    def flow_control(self) -> SimulationFlowControl:
        """Play on, restart, or end after the running episode."""

    @property
    def episodes_below(self) -> int:
        """Play episodes below this number without asking; counted over the whole phase."""

    @property
    def policy_versions(self) -> Mapping[str, int]:
        """The next episode begins with at least these, by agent."""


def encode_start_rollout(token: str, plan: RolloutPlan, decision: Decision, epoch: int) -> pb.RunRequest:
    """Write the beginning."""
    start = pb.StartRollout(version=encode_version(), token=token, plan=encode_plan(plan), decision=_decision(decision))
    return pb.RunRequest(epoch=epoch, start=start)


def encode_attach_rollout(token: str, epoch: int) -> pb.RunRequest:
    """Write that a governor takes over."""
    return pb.RunRequest(epoch=epoch, attach=encode_attach(Attach(token, 0)))


def encode_decision(decision: Decision, epoch: int) -> pb.RunRequest:
    """Write how it goes on."""
    return pb.RunRequest(epoch=epoch, decision=_decision(decision))


def encode_pause(epoch: int) -> pb.RunRequest:
    """Write that it shall hold."""
    return pb.RunRequest(epoch=epoch, pause=pb.Pause())


def encode_resume(epoch: int) -> pb.RunRequest:
    """Write that it shall go on."""
    return pb.RunRequest(epoch=epoch, resume=pb.Resume())


def encode_cancel(epoch: int) -> pb.RunRequest:
    """Write that it shall stop."""
    return pb.RunRequest(epoch=epoch, cancel=pb.Cancel())


def encode_session_lost(token: str, reason: str, message: str, epoch: int) -> pb.RunRequest:
    """Write that a session is lost."""
    return pb.RunRequest(epoch=epoch, session_lost=pb.SessionLost(token=token, reason=reason, message=message))


def _decision(decision: Decision) -> pb.Decision:
    return pb.Decision(
        flow_control=encode_flow(decision.flow_control),
        episodes_below=decision.episodes_below,
        policy_versions=dict(decision.policy_versions),
    )
