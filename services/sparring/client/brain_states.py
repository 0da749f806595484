"""Brain states on their way to the store and back: a header, then the bytes in pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sparring.api.store.v1 import store_service_pb2 as pb
from sparring.codec.episode import decode_key, encode_key
from sparring.codec.values import CHUNK_BYTES
from sparring.types.declaration import FreeValue
from sparring.types.errors import InternalError
from sparring.types.learning import Saved


def brain_state_messages(
    run: str, epoch: int, phase: int, agent: str, tag: str, saved: Saved
) -> list[pb.SaveBrainStateRequest]:
    """Write a brain state."""
    data = saved.state.data
    header = pb.BrainStateHeader(
        run=run,
        epoch=epoch,
        phase=phase,
        agent=agent,
        tag=tag,
        contains=[encode_key(key) for key in saved.contains],
        policy_version=saved.policy_version,
        content_type=saved.state.content_type,
        size_bytes=len(data),
        digest=hashlib.sha256(data).digest(),
    )
    pieces = [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
    return [pb.SaveBrainStateRequest(header=header), *(pb.SaveBrainStateRequest(data=piece) for piece in pieces)]


def brain_state_of(messages: Sequence[pb.LoadBrainStateResponse]) -> Saved:
    """Read a brain state.

    Raises:
        InternalError: BRAIN_STATE_DAMAGED, bytes are missing or others than were saved.
    """
    header = messages[0].header if messages else pb.BrainStateHeader()
    data = b"".join(message.data for message in messages[1:])
    if len(data) != header.size_bytes or hashlib.sha256(data).digest() != header.digest:
        raise InternalError(
            "BRAIN_STATE_DAMAGED",
            f"The state of agent {header.agent!r} came with {len(data)} bytes; those are not the {header.size_bytes} "
            "that were saved.",
        )
    contains = tuple(decode_key(key) for key in header.contains)
    return Saved(FreeValue(header.content_type, data), contains, header.policy_version)
