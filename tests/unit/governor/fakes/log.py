"""What happened, in its order, over all fakes: one line each."""

from __future__ import annotations


class Log(list[str]):
    """Lines such as `record TRANSCEIVING` or `rollout 0: start 0`."""

    def of(self, *beginnings: str) -> list[str]:
        return [line for line in self if line.startswith(beginnings)]

    def states(self) -> list[str]:
        return [line.split()[1] for line in self.of("record ")]

    def first(self, beginning: str) -> int:
        return next(number for number, line in enumerate(self) if line.startswith(beginning))
