"""What the end of a slot's process means to who holds its session."""

import signal

import pytest

from sparring.host.slot_end import describe, session_event
from sparring.host.verdict import Verdict
from sparring.types.holding import SessionEvent

PROCESS = "process 17 of slot 0"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (0, "ended with status 0"),
        (3, "ended with status 3"),
        (-signal.SIGKILL, "was killed by SIGKILL"),
        (-200, "was killed by signal 200"),
        (None, "could not be started"),
    ],
)
def test_an_end_is_described(status: int | None, text: str) -> None:
    assert describe(status) == text


def test_a_process_that_ends_by_itself_loses_its_session() -> None:
    assert session_event("t", PROCESS, -9, None, closing=False) == SessionEvent.lost(
        "t", "PROCESS_DIED", "Process 17 of slot 0 was killed by SIGKILL."
    )


def test_a_host_that_stops_says_so() -> None:
    event = session_event("t", PROCESS, 0, None, closing=True)
    assert event == SessionEvent.lost("t", "HOST_STOPPING", "The host is stopping, and with it process 17 of slot 0.")


def test_a_verdict_is_told() -> None:
    hung = Verdict(True, "DEADLINE_PASSED", "update of environment 'grid' did not return within 60 s")
    assert session_event("t", PROCESS, -9, hung, closing=False) == SessionEvent.hung(
        "t",
        "DEADLINE_PASSED",
        "Update of environment 'grid' did not return within 60 s; process 17 of slot 0 was killed.",
    )
    stopped = Verdict(False, "PROCESS_STOPPED", "its process was stopped for 1.0 s")
    assert session_event("t", PROCESS, -9, stopped, closing=True).reason == "PROCESS_STOPPED"
