"""What a run came to: the last line of `--json`, and what the summary table is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sparring.cli.access.records import PhaseRecord, RunRecord
from sparring.types.errors import SparringError


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed, or was not started."""

    reason: str
    message: str

    @classmethod
    def of(cls, error: SparringError) -> Failure:
        """Take what an error says."""
        return cls(error.reason, error.message)


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run ended.

    Attributes:
        file: the document, as it was named; for a resumed run as it was named then.
        status: as in records, or `refused`: the document was not run.
        run: empty if there is none.
        seed: of the run; None if it was never started.
        digest: in hexadecimal; empty unless it finished.
        evaluation_digest: the same of evaluation episodes; empty if there are none.
        deterministic: False where learning was asynchronous.
        platform: fingerprint of what played it; empty if unknown.
        phases: what its phases came to.
        failure: why it failed.
        store: where it is kept, for people.
        reach: the option under which other commands find it, for people.
    """

    file: str
    status: str
    run: str = ""
    seed: int | None = None
    digest: str = ""
    evaluation_digest: str = ""
    deterministic: bool = True
    platform: str = ""
    phases: tuple[PhaseRecord, ...] = ()
    failure: Failure | None = None
    store: str = ""
    reach: str = ""

    @classmethod
    def of(
        cls,
        file: str,
        run: RunRecord,
        phases: Sequence[PhaseRecord],
        *,
        platform: str = "",
        store: str = "",
        reach: str = "",
    ) -> Summary:
        """Sum up a run that has ended."""
        failed = run.status == "failed"
        return cls(
            file=file,
            status=run.status,
            run=run.run,
            seed=run.seed,
            digest=run.digest,
            evaluation_digest=run.evaluation_digest,
            deterministic=run.deterministic,
            platform=platform,
            phases=tuple(phases),
            failure=Failure(run.error_reason, run.error_message) if failed else None,
            store=store,
            reach=reach,
        )

    @property
    def exit_code(self) -> int:
        """What `sparring run` answers with."""
        return {"finished": 0, "submitted": 0, "refused": 2, "cancelled": 130}.get(self.status, 1)

    def to_dict(self) -> dict[str, Any]:
        """Return what `--json` says of it."""
        content: dict[str, Any] = {
            "event": "summary",
            "file": self.file,
            "run": self.run or None,
            "status": self.status,
            "seed": self.seed,
            "digest": self.digest or None,
            "evaluation_digest": self.evaluation_digest or None,
            "deterministic": self.deterministic,
            "platform": self.platform or None,
            "store": self.store or None,
            "phases": [phase_to_dict(phase) for phase in self.phases],
        }
        if self.failure is not None:
            content["error"] = {"reason": self.failure.reason, "message": self.failure.message}
        return content


def phase_to_dict(phase: PhaseRecord) -> dict[str, Any]:
    """Return what JSON says of a phase."""
    return {
        "name": phase.name,
        "mode": phase.mode,
        "episodes": phase.episodes,
        "steps": phase.steps,
        "steps_per_second": finite(phase.steps_per_second),
        "mean_return": finite(phase.mean_return) if phase.episodes else None,
    }


def finite(number: float) -> float | None:
    """Return the number, or None where JSON has no word for it."""
    return number if math.isfinite(number) else None
