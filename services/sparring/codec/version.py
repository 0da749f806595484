"""The protocol version this code speaks, and the check that a peer speaks it too."""

from __future__ import annotations

from sparring.api.space.v1 import session_pb2 as pb
from sparring.types.errors import FailedPreconditionError

MAJOR = 1
MINOR = 0


def encode_version() -> pb.ProtocolVersion:
    """Write our version."""
    return pb.ProtocolVersion(major=MAJOR, minor=MINOR)


def check_version(message: pb.ProtocolVersion, peer: str) -> None:
    """Refuse a peer of another major version; other minor versions may run together.

    Raises:
        FailedPreconditionError: VERSION_MISMATCH, naming both versions.
    """
    if message.major != MAJOR:
        theirs, ours = f"{message.major}.{message.minor}", f"{MAJOR}.{MINOR}"
        raise FailedPreconditionError(
            "VERSION_MISMATCH",
            f"{peer} speaks protocol {theirs}, this side {ours}; the number before the dot must be the same. "
            "Upgrade the older one.",
            theirs=theirs,
            ours=ours,
        )
