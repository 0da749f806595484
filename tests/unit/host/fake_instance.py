"""An instance whose answers a test gives."""

from typing import Any

from sparring.types.errors import SparringError
from sparring.types.frames import Shutdown


class FakeInstance:
    """Answers with what is next in `answers`; errors are raised.

    Attributes:
        asked: What it was asked.
        closed: How often it was closed.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []
        self.closed = 0

    def send(self, request: Any) -> None:
        self.asked.append(request)

    def receive(self, timeout_s: float) -> Any:
        answer = self.answers.pop(0) if self.answers else SparringError("NOTHING_LEFT", "Nothing is left.")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed += 1

    @property
    def shut_down(self) -> bool:
        return Shutdown() in self.asked
