"""The rows of the table of obligations (RFC 7/MDP, 18/MDP), in short, and what shows that each is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BOTH: Final = frozenset({"machine", "wire"})
WIRE: Final = frozenset({"wire"})


@dataclass(frozen=True)
class Row:
    """One obligation.

    Attributes:
        text: the obligation, in short.
        shown: where a test must show it: on the rules alone (`machine`), over real gRPC (`wire`).
        noticed: for a row that states a design: the test or lint that would notice a violation.
    """

    text: str
    shown: frozenset[str] = BOTH
    noticed: str = ""


ROWS: Final = {
    1: Row(
        "clients and workers do not see each other; replies are routed by request id",
        noticed="test_the_rules_know_clients_and_workers_by_numbers_alone",
    ),
    2: Row(
        "one port for workers, clients and managers",
        WIRE,
        noticed="test_workers_clients_and_managers_use_one_port",
    ),
    3: Row("a worker opens a stream; its first message is Ready"),
    4: Row("one live stream per worker; a later one supersedes it"),
    5: Row("one worker is one service; a service has many workers"),
    6: Row("no second Ready"),
    7: Row("Welcome answers Ready and announces the rates"),
    8: Row(
        "a new stream is a new conversation: nothing stale arrives, the version is checked",
        noticed="test_another_major_version_is_refused_naming_both, "
        "test_what_follows_an_unexpected_message_is_not_heard",
    ),
    9: Row("a worker may leave at any time; then it is sent nothing"),
    10: Row("the broker may say goodbye: draining, shutdown, superseded"),
    11: Row("valid but unexpected: Disconnect, then nothing"),
    12: Row("invalid: this stream ends; no input ends the broker"),
    13: Row("a worker that was told to go comes back on another stream, no earlier than asked"),
    14: Row("at most as many requests at once as the worker said; the next only after a final"),
    15: Row("partial replies, then exactly one final"),
    16: Row("a request has the broker's id, headers, deadline, attempt, and the body as it came"),
    17: Row("after the final reply nothing"),
    18: Row("heartbeats go on while a request is handled"),
    19: Row("any message renews the lease"),
    20: Row("no heartbeat while other messages are sent"),
    21: Row("both sides beat; who is silent for three intervals is lost, idle or busy"),
    22: Row("a worker that loses the broker begins a new conversation"),
    23: Row("a broker that loses a worker stops sending and frees what it had"),
    24: Row("a lost request goes to the head as the next attempt; step_key = session token and sequence number; fence"),
    25: Row(
        "not every call may be repeated: ABORTED unless retry-safe; a step is answered from the cache",
        noticed="test_a_call_that_is_not_retry_safe_fails_with_aborted, test_a_request_is_carried_out_once",
    ),
    26: Row(
        "a queue per service, made by Ready or by a call",
        noticed="test_calls_of_a_service_wait_in_the_order_they_came",
    ),
    27: Row("clients are served in turn"),
    28: Row("the least recently used worker is next"),
    29: Row("calls wait for their service, and expire"),
    30: Row("bounds per client and per service, with the time to come back"),
    31: Row("a call sent again is handled once; a client that goes cancels"),
    32: Row("no state in the broker that matters; nothing on disk; all come back"),
    33: Row("a token decides Ready, Call and queries", WIRE),
    34: Row("no message ends a process, only SIGTERM does"),
}


def place(path: str) -> str:
    """Return what a test at this path shows a row on."""
    return "machine" if "/unit/broker/" in path.replace("\\", "/") else "wire"


def lacking(found: dict[int, set[str]]) -> list[str]:
    """Return what is not shown.

    Args:
        found: the places of the tests of each row.
    """
    missing = [f"row {row}: no test on the {each}" for row in ROWS for each in ROWS[row].shown - found.get(row, set())]
    return sorted(missing) + [f"row {row} is not in the table" for row in sorted(found.keys() - ROWS.keys())]
