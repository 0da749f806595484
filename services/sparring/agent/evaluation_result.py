"""What a brain says of its policy after a round of evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EvaluationResult:
    """Returned by `Brain.evaluate_rollouts`.

    Attributes:
        metrics: Numbers by name; conditions refer to them.
        checkpoint_id: Which saved state they belong to, if any.
        checkpoint_hash: Its hash.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    checkpoint_id: str | None = None
    checkpoint_hash: str | None = None
