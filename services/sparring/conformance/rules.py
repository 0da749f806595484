"""The rules that findings cite: what is required of an environment server, at which level, and where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PAGE: Final = "docs/reference/environment-protocol.md"
LEVELS: Final = ("core", "resume", "lanes", "time")
"""All but the first are capabilities that a server declares."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement.

    Attributes:
        uid: Stable name, and heading of its place on the page.
        level: One of `LEVELS`.
        text: What a server does.
    """

    uid: str
    level: str
    text: str

    @property
    def place(self) -> str:
        """Where it is written."""
        return f"{PAGE}#{self.uid.lower()}"


_CORE: Final = {
    "ENV-HLT-1": "The server serves grpc.health.v1 and says SERVING for the empty service name.",
    "ENV-RFL-1": "A server that offers reflection lists sparring.api.environment.v1.EnvironmentService.",
    "ENV-DSC-1": "Describe of a name that the server does not offer ends with NOT_FOUND.",
    "ENV-DSC-2": "Describe declares the same sensors, actuators, rewards and tick_ns as Started.",
    "ENV-DSC-3": "Describe takes no slot: it is answered while all slots are taken.",
    "ENV-DSC-4": "DescribeResponse.capacity is the number of sessions that the server holds at once, at least 1.",
    "ENV-VER-1": "A Start of another major version ends with FAILED_PRECONDITION, naming both versions.",
    "ENV-VER-2": "A higher minor version and unknown capabilities are ignored.",
    "ENV-VER-3": "DescribeResponse and Started carry the version of the server, of the same major number.",
    "ENV-PAR-1": "Parameters that are not a JSON object end with INVALID_ARGUMENT.",
    "ENV-DCL-1": "The uids of sensors, of actuators and of rewards are not empty and unique among their kind.",
    "ENV-DCL-2": "Every declared space is of a known kind and holds together: shape, bounds, counts.",
    "ENV-PCK-1": "Packed data has exactly the bytes that the declarations give it, each array at a multiple of 8.",
    "ENV-PCK-2": "Bytes between arrays, and those of absent values, are zero.",
    "ENV-PCK-3": "`present` is empty or has one bit per field and lane; texts are one per Text leaf and lane.",
    "ENV-VAL-1": "Every present reading and reward is inside its declared space.",
    "ENV-SET-1": "Setpoints may be absent, one or all of them.",
    "ENV-SET-2": "A setpoint outside its space is refused with the Error frame SETPOINT_OUT_OF_SPACE.",
    "ENV-SET-3": "A request answered with an Error frame has not moved the world.",
    "ENV-SET-4": "Setpoints of the wrong number of bytes are refused: an Error frame, or INVALID_ARGUMENT.",
    "ENV-RWD-1": "Rewards announced by Updated are new in this episode; `rewards` has all declared by then.",
    "ENV-SEED-1": "Two sessions that get the same Start and the same requests give the same answers.",
    "ENV-SEED-2": "A Reset leaves nothing behind: it equals a fresh Start with its seeds.",
    "ENV-GRM-1": "Every request is answered once, by the frame that belongs to it, under its number.",
    "ENV-GRM-2": "A session begins with Start, numbered 1, or Attach; anything else ends with FAILED_PRECONDITION.",
    "ENV-GRM-3": "A second Start ends the session with FAILED_PRECONDITION.",
    "ENV-GRM-4": "Shutdown is answered with ShutDown, and then the stream ends with OK.",
    "ENV-SEQ-1": "A request under the number of the last one is never applied a second time.",
    "ENV-SEQ-2": "Any other number out of turn ends the session with FAILED_PRECONDITION.",
    "ENV-END-1": "A lane that has ended answers Update with the Error frame EPISODE_OVER until its Reset.",
    "ENV-END-2": "A lane is never terminated and truncated at once.",
    "ENV-END-3": "terminated and truncated are empty or have one entry per lane.",
    "ENV-ERR-1": "An Error frame has a reason in UPPER_SNAKE and a message.",
    "ENV-ERR-2": "A status that is not OK has a message.",
    "ENV-TIM-1": "Lists of times are empty or have one entry per lane; time never runs backwards in an episode.",
    "ENV-SES-1": "At least one session is held; one beyond the capacity ends with RESOURCE_EXHAUSTED.",
    "ENV-SES-2": "The slot of a session that was shut down is free again, for one that comes within five seconds.",
    "ENV-SES-3": "A cancelled stream ends its session (with `resume`: suspends it until Attach, or linger is over).",
    "ENV-SES-4": "A stream that the client half-closes without Shutdown ends, and so does its session.",
    "ENV-SES-5": "Concurrent sessions do not influence each other.",
    "ENV-SES-6": "Attach at a server without `resume`, or to an unknown session, is refused.",
    "ENV-SES-7": "A server without `lanes` refuses a session of more than one lane.",
    "ENV-FRM-1": "Unknown fields are ignored.",
    "ENV-FRM-2": "Bytes that are no message end their stream, not with OK; the server goes on.",
    "ENV-FRM-3": "A request of no kind ends the session with INVALID_ARGUMENT or FAILED_PRECONDITION.",
    "ENV-FRM-4": "A message above 64 MiB ends its stream, not with OK; the server goes on.",
    "ENV-DDL-1": "A request is answered, or ended with DEADLINE_EXCEEDED, within the deadline that Start names for it.",
    "ENV-DDL-2": "A stream whose gRPC deadline passes ends its session as if it were cancelled.",
}
_MORE: Final = {
    "ENV-RES-1": "Attach on a new stream is answered with Attached and the number of the last applied request.",
    "ENV-RES-2": "The last request, sent again under its number, is answered from the cache and not applied again.",
    "ENV-RES-3": "After Attach the session goes on as if the stream had never broken.",
    "ENV-RES-4": "Attach with an unknown token ends with NOT_FOUND.",
    "ENV-RES-5": "A session that was shut down cannot be attached: NOT_FOUND.",
    "ENV-LAN-1": "A session may have from one to max_lanes lanes.",
    "ENV-LAN-2": "More lanes than max_lanes are refused.",
    "ENV-LAN-3": "A lane equals the same episode alone.",
    "ENV-LAN-4": "Lanes that a mask leaves out keep their state.",
    "ENV-LAN-5": "Values of lanes that a mask leaves out are absent in the answer.",
    "ENV-LAN-6": "A Reset begins new episodes in the lanes of its mask only.",
    "ENV-LAN-7": "A mask, or seeds, of another number than the lanes is refused with the Error frame LANES_MISMATCH.",
    "ENV-TIM-2": "A server with `time` says in every answer what time it is, in ticks or timestamps.",
    "ENV-TIM-3": "next_update is in the terms of `time`, has one entry per lane, and is not before `time`.",
}


def _level(uid: str) -> str:
    return {"ENV-RES": "resume", "ENV-LAN": "lanes", "ENV-TIM": "time"}[uid[:7]]


RULES: Final = {uid: Rule(uid, "core", text) for uid, text in _CORE.items()} | {
    uid: Rule(uid, _level(uid), text) for uid, text in _MORE.items()
}
