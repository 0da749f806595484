"""What Titanic needs of a database: one table of jobs, and transactions over it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from sparring.store.titanic.job import Job
from sparring.store.titanic.orders import Load

Result = TypeVar("Result")


class JobStore(Protocol):
    """Jobs in one transaction."""

    def insert(self, job: Job, body: bytes) -> None:
        """Keep a new job."""

    def find(self, job: str) -> Job | None:
        """Return a job, closed ones too; within `write` nobody else changes it before the end."""

    def with_token(self, client_token: str) -> Job | None:
        """Return the job that was submitted under this token, closed ones too."""

    def load(self) -> Load:
        """Return how much is kept."""

    def body(self, job: str) -> bytes:
        """Return the request of a job that is there."""

    def reply(self, job: str) -> bytes:
        """Return the reply of a job that is there; empty if it has none."""

    def save(self, job: Job, *, reply: bytes | None = None) -> None:
        """Keep a changed job, with its reply if there is one now. A closed one loses request and reply."""

    def delete(self, job: str) -> None:
        """Forget a job."""

    def page(self, service: str, ended: bool, limit: int) -> Sequence[Job]:
        """Return jobs that are not closed, newest first; of any service if that is empty; `ended` ones if wanted."""

    def due_services(self, now_ns: int) -> Collection[str]:
        """Return the services of jobs that may be dispatched now."""

    def due(self, service: str, now_ns: int, limit: int) -> Sequence[Job]:
        """Return jobs of a service that may be dispatched now, oldest first; those that run elsewhere are not."""

    def renew(self, owner: str, lease_until_ns: int, jobs: Collection[str] | None = None) -> None:
        """Set the end of the leases of jobs that an owner runs; None: of all of them."""

    def expired(self, now_ns: int, limit: int) -> Sequence[Job]:
        """Return jobs whose time is over and that do not run."""


class JobDatabase(Protocol):
    """Transactions. What leaves `write` without an exception is durable. Calls block, and come from one thread."""

    def write(self, work: Callable[[JobStore], Result]) -> Result:
        """Run `work` in a transaction that excludes other writers; undone if it raises.

        Raises:
            UnavailableError: STORE_BUSY or STORE_FULL.
        """

    def read(self, work: Callable[[JobStore], Result]) -> Result:
        """Run `work` on what is durable.

        Raises:
            UnavailableError: STORE_BUSY.
        """

    def close(self) -> None:
        """Release everything."""
