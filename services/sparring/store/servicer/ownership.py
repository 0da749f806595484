"""Methods for the owners of runs: governors."""

from __future__ import annotations

from typing import Any

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.declaration import decode_mode
from sparring.store.encoding.runs import decode_lease_ns, decode_transition, encode_phase, encode_run
from sparring.store.ownership import Ownership
from sparring.store.phases import Count
from sparring.store.sealing import Sealing


class OwnershipMethods:
    """ClaimRuns, RenewRuns, RecordTransition, SealPhase."""

    ownership: Ownership
    sealing: Sealing

    async def ClaimRuns(self, request: pb.ClaimRunsRequest, context: Any) -> pb.ClaimRunsResponse:
        """Give runs to a governor."""
        lease_ns = decode_lease_ns(request.lease if request.HasField("lease") else None)
        runs = await self.ownership.claim(request.governor, request.limit, lease_ns, list(request.runs))
        return pb.ClaimRunsResponse(runs=map(encode_run, runs))

    async def RenewRuns(self, request: pb.RenewRunsRequest, context: Any) -> pb.RenewRunsResponse:
        """Prolong leases."""
        lease_ns = decode_lease_ns(request.lease if request.HasField("lease") else None)
        runs, lost = await self.ownership.renew(dict(request.epochs), lease_ns)
        return pb.RenewRunsResponse(runs=map(encode_run, runs), lost=lost)

    async def RecordTransition(self, request: pb.RecordTransitionRequest, context: Any) -> pb.RecordTransitionResponse:
        """Make a transition durable."""
        run = await self.ownership.enter(request.run, decode_transition(request))
        return pb.RecordTransitionResponse(run=encode_run(run))

    async def SealPhase(self, request: pb.SealPhaseRequest, context: Any) -> pb.SealPhaseResponse:
        """Audit and seal a phase."""
        sent = {each.rollout: Count(each.episodes, each.steps) for each in request.sent}
        phase = await self.sealing.seal(request.run, request.epoch, request.phase, decode_mode(request.mode), sent)
        return pb.SealPhaseResponse(phase=encode_phase(phase))
