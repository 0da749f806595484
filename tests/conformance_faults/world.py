"""A little world for a server that has nothing of ours but the protos: three levels that drift, and are pushed."""

import random
from dataclasses import dataclass, field

from sparring.api.space.v1 import declaration_pb2, space_pb2

LENGTH = 12
"""Updates in an episode; even seeds terminate, odd ones are truncated."""
BONUS_AT = 2
FLOAT32, FLOAT64 = space_pb2.ELEMENT_TYPE_FLOAT32, space_pb2.ELEMENT_TYPE_FLOAT64


@dataclass
class World:
    """One lane."""

    seed: int
    start_tick: int = 0
    levels: list[float] = field(default_factory=lambda: [0.0, 1.0, -1.0])
    tick: int = 0
    over: bool = False

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.tick = self.start_tick
        self.levels = [level + self.chance.uniform(-0.5, 0.5) for level in self.levels]

    def move(self, push: tuple[float, ...] | None, gear: int | None) -> None:
        """Let one second pass; absent setpoints push nothing."""
        self.tick += 1
        for index, force in enumerate(push or (0.0, 0.0, 0.0)):
            drift = self.chance.uniform(-0.1, 0.1) + 0.01 * (gear or 0)
            self.levels[index] = min(9.0, max(-9.0, self.levels[index] + 0.1 * force + drift))
        self.over = self.tick >= LENGTH

    @property
    def terminated(self) -> bool:
        return self.over and self.seed % 2 == 0

    @property
    def truncated(self) -> bool:
        return self.over and self.seed % 2 == 1

    @property
    def calm(self) -> float:
        """The reward, -30 to 0."""
        return -sum(abs(level) for level in self.levels)


def box(kind: int, shape: list[int], low: bytes, high: bytes) -> space_pb2.Space:
    return space_pb2.Space(box=space_pb2.Box(element_type=kind, shape=shape, low=low, high=high))  # type: ignore[arg-type]


def declaration(uid: str, space: space_pb2.Space) -> declaration_pb2.Declaration:
    return declaration_pb2.Declaration(uid=uid, space=space, description=f"the {uid}")
