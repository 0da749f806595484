"""Episode keys, policies and learning modes between plain values and the wire."""

from __future__ import annotations

from typing import overload

from sparring.api.agent.v1 import brain_service_pb2, muscle_service_pb2
from sparring.api.space.v1 import episode_pb2 as pb
from sparring.codec.declaration import decode_mode, encode_mode
from sparring.codec.values import Chunks, decode_free_value, encode_free_value
from sparring.types.declaration import FreeValue
from sparring.types.episode import EpisodeKey
from sparring.types.frames import Policy
from sparring.types.learning import Learning

_LEARNING = {
    Learning.STEP: brain_service_pb2.LEARNING_STEP,
    Learning.EPISODE: brain_service_pb2.LEARNING_EPISODE,
    Learning.ASYNC: brain_service_pb2.LEARNING_ASYNC,
    Learning.NONE: brain_service_pb2.LEARNING_NONE,
}
_LEARNING_BACK = {number: learning for learning, number in _LEARNING.items()}


def encode_key(key: EpisodeKey) -> pb.EpisodeKey:
    """Write an episode's key."""
    return pb.EpisodeKey(phase=key.phase, mode=encode_mode(key.mode), rollout=key.rollout, episode=key.episode)


def decode_key(message: pb.EpisodeKey) -> EpisodeKey:
    """Read an episode's key."""
    return EpisodeKey(message.phase, decode_mode(message.mode), message.rollout, message.episode)


@overload
def encode_policy(policy: Policy, chunks: list[bytes] | None = None) -> muscle_service_pb2.Policy: ...
@overload
def encode_policy(policy: None, chunks: list[bytes] | None = None) -> None: ...
def encode_policy(policy: Policy | None, chunks: list[bytes] | None = None) -> muscle_service_pb2.Policy | None:
    """Write a policy."""
    if policy is None:
        return None
    return muscle_service_pb2.Policy(version=policy.version, snapshot=encode_free_value(policy.snapshot, chunks))


def decode_policy(message: muscle_service_pb2.Policy, chunks: Chunks | None = None) -> Policy:
    """Read a policy."""
    return Policy(message.version, decode_free_value(message.snapshot, chunks) or FreeValue("", b""))


def encode_learning(learning: Learning) -> brain_service_pb2.Learning:
    """Write a learning mode."""
    return _LEARNING[learning]


def decode_learning(number: brain_service_pb2.Learning) -> Learning:
    """Read a learning mode; unspecified is none."""
    return _LEARNING_BACK.get(number, Learning.NONE)
