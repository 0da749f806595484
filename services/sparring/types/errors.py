"""The one tree of errors: each has a stable reason, a sentence that tells what to do, and its values as metadata."""

from __future__ import annotations

import re
from typing import Self

_REASON = re.compile(r"[A-Z][A-Z0-9_]{0,61}[A-Z0-9]")


class SparringError(Exception):
    """Base of everything that Sparring raises on purpose.

    ```
    SparringError
    ├── InvalidArgumentError      the request can never work
    │   └── OutOfSpaceError       a value that its space does not contain (also a ValueError)
    │       └── OutOfActionSpaceError   the same, of a setpoint
    ├── NotFoundError             what the request names does not exist
    ├── AlreadyExistsError        what the request would make exists
    ├── FailedPreconditionError   right request, wrong state
    ├── ExhaustedError            no capacity now; try later
    ├── AbortedError              lost a race; repeat the whole sequence
    ├── UnavailableError          nobody there now; repeat the same call
    ├── DeadlineError             the deadline that the message names has passed
    ├── UnauthenticatedError      no token, or a wrong one
    ├── PermissionDeniedError     known, but not allowed
    ├── InternalError             a bug of ours; its text does not leak to other processes
    ├── AuthorError               author code raised, hung or left its space: the run fails, never replayed
    ├── LostError                 the other side is gone: the episode is played again
    └── HungError                 a deadline passed while the other side was live: the run fails
    ```

    Attributes:
        reason: stable name of what happened, UPPER_SNAKE, 2 to 63 characters; documented under docs/errors.
        message: the sentence for people; also `str(error)`.
        metadata: the values that the message names, as text.
    """

    def __init__(self, reason: str, message: str, **metadata: object) -> None:
        if _REASON.fullmatch(reason) is None:
            raise ValueError(f"The reason of an error is UPPER_SNAKE of 2 to 63 characters, not {reason!r}.")
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata: dict[str, str] = {name: str(value) for name, value in metadata.items()}

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        values = "".join(f", {name}={value!r}" for name, value in self.metadata.items())
        return f"{type(self).__name__}({self.reason!r}, {self.message!r}{values})"

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.reason, self.message, self.metadata)

    def with_values(self, **metadata: object) -> Self:
        """Return the same error with more metadata, for a caller that knows more (which component, which step)."""
        return type(self)(self.reason, self.message, **{**self.metadata, **metadata})


def _restore(kind: type[SparringError], reason: str, message: str, metadata: dict[str, str]) -> SparringError:
    """Rebuild an error from a pickle."""
    return kind(reason, message, **metadata)


class InvalidArgumentError(SparringError):
    """The request can never work, whatever the state of the system."""


class OutOfSpaceError(InvalidArgumentError, ValueError):
    """A value that its space does not contain: shape, kind, bounds or length. Reason VALUE_OUT_OF_SPACE."""


class OutOfActionSpaceError(OutOfSpaceError):
    """A setpoint that the actuator's space does not contain."""


class NotFoundError(SparringError):
    """What the request names does not exist."""


class AlreadyExistsError(SparringError):
    """What the request would make exists already."""


class FailedPreconditionError(SparringError):
    """The request is right, the state is wrong: another call must come first."""


class ExhaustedError(SparringError):
    """There is no capacity now; metadata `retry_after_ms`, where present, says when to ask again."""


class AbortedError(SparringError):
    """A race was lost; repeat the whole sequence, not only the last call."""


class UnavailableError(SparringError):
    """Nobody answers now; repeat the same call."""


class DeadlineError(SparringError):
    """The deadline that the message names has passed."""


class UnauthenticatedError(SparringError):
    """The caller showed no token, or a wrong one."""


class PermissionDeniedError(SparringError):
    """The caller is known, and not allowed to do this."""


class InternalError(SparringError):
    """A bug of ours. Its text stays in the process where it happened."""


class AuthorError(SparringError):
    """Author code raised, hung or left its space. The run fails at once and is never replayed.

    Metadata names where: `component` (environment or agent), `step`, and what else is known (`uid`, `value`, `space`).
    """


class LostError(SparringError):
    """The other side of a session is gone (worker, process or stream). The episode is played again."""


class HungError(SparringError):
    """A deadline passed while worker and process were live. The run fails and names what hung."""
