"""For each row of the obligations a mutation of the rules under which its test fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from sparring.broker import serving
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.call import Outcome
from sparring.broker.majordomo.call_queues import CallQueues
from sparring.broker.majordomo.calls import Calls
from sparring.broker.majordomo.conversations import Conversations
from sparring.broker.majordomo.directory import Service
from sparring.broker.majordomo.effects import HangUp, Reply
from sparring.broker.majordomo.fair_queue import FairQueue
from sparring.broker.majordomo.messages import Alive, Beat, Ready, Request, Welcome
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.resends import Resends
from sparring.broker.majordomo.sessions import Sessions
from sparring.broker.majordomo.worker import Worker
from sparring.broker.management import ManagementServicer
from sparring.rpc import interceptors

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutation:
    """A change of one rule.

    Attributes:
        name: what the mutant does.
        test: file and name of a test of the row that must fail.
        patch: makes the change.
    """

    name: str
    test: str
    patch: Patch


def instead(owner: Any, method: str, mutant: Callable[..., Any]) -> Patch:
    """Return a patch that puts something else in a method's place."""
    return lambda patched: patched.setattr(owner, method, mutant)


def around(owner: Any, method: str, mutant: Callable[..., Any]) -> Patch:
    """Return a patch that puts a method's mutant around it; the mutant is given the method first."""

    def patch(patched: pytest.MonkeyPatch) -> None:
        original = getattr(owner, method)
        patched.setattr(owner, method, lambda *arguments, **named: mutant(original, *arguments, **named))

    return patch


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def _second_ready_is_fine(original: Any, self: Majordomo, *rest: Any, **named: Any) -> None:
    original(self, *rest, **named)
    self._on_message[Ready] = lambda worker, said, now: True


def _renewed_only_if(counts: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def received(original: Any, self: Majordomo, stream: int, message: Any, now: float) -> Any:
        worker = self._directory.workers.get(stream)
        before = worker.heard if worker is not None else now
        if worker is None or counts(worker, message):
            return original(self, stream, message, now)
        effects = original(self, stream, message, now)
        worker.heard = before
        return effects

    return received


def _goodbye_to_all(original: Any, self: Conversations, worker: Worker, reason: Any, now: float) -> None:
    original(self, worker, reason, now)
    self.stop(now)


def _without_welcome(original: Any, self: Outbox, worker: Worker, message: Any, now: float) -> None:
    if not isinstance(message, Welcome):
        original(self, worker, message, now)


def _without_headers(original: Any, self: Outbox, worker: Worker, message: Any, now: float) -> None:
    original(self, worker, replace(message, metadata=()) if isinstance(message, Request) else message, now)


def _beats_anyway(original: Any, self: Outbox, worker: Worker, message: Any, now: float) -> None:
    before = worker.told
    original(self, worker, message, now)
    if not isinstance(message, Beat | Welcome):
        worker.told = before


def _first_request_instead(original: Any, self: Calls, worker: Worker, request_id: str, *rest: Any) -> Any:
    return original(self, worker, next(iter(worker.busy), request_id), *rest)


def _dismissed_in_words_only(original: Any, self: Conversations, *rest: Any) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(self, "_take_off", nothing)
        original(self, *rest)


def _unmanaged(original: Any, servicer: object) -> Any:
    return original(servicer, nothing) if isinstance(servicer, ManagementServicer) else original(servicer)


U: Final = "tests/unit/broker/"
W: Final = "tests/integration/broker/"

MUTATIONS: Final = {
    1: Mutation(
        "replies go out in the order of the requests",
        f"{U}test_dispatch.py::test_replies_find_their_caller_whatever_their_order",
        around(Calls, "finished", _first_request_instead),
    ),
    2: Mutation(
        "management is not served at the broker's port",
        f"{W}test_calls.py::test_workers_clients_and_managers_use_one_port",
        around(serving, "mount", _unmanaged),
    ),
    3: Mutation(
        "patience for Ready never ends",
        f"{U}test_registration.py::test_a_stream_without_ready_ends_after_the_brokers_patience",
        instead(Conversations, "not_ready", nothing),
    ),
    4: Mutation(
        "streams of one worker live side by side",
        f"{U}test_registration.py::test_a_later_stream_of_a_worker_supersedes_the_first",
        instead(Conversations, "_supersedes", lambda *_: True),
    ),
    5: Mutation(
        "any worker serves any service",
        f"{U}test_registration.py::test_a_worker_gets_only_calls_of_its_own_service",
        around(
            Conversations,
            "_register",
            lambda original, self, stream, ready, now: original(self, stream, replace(ready, service="pears"), now),
        ),
    ),
    6: Mutation(
        "a second Ready is a heartbeat",
        f"{U}test_registration.py::test_a_second_ready_ends_the_conversation",
        around(Majordomo, "__init__", _second_ready_is_fine),
    ),
    7: Mutation(
        "there is no Welcome",
        f"{U}test_registration.py::test_ready_is_answered_by_welcome_first",
        around(Outbox, "tell", _without_welcome),
    ),
    8: Mutation(
        "a stream that was hung up is heard as before",
        f"{U}test_registration.py::test_what_follows_an_unexpected_message_is_not_heard",
        around(Conversations, "_dismiss", _dismissed_in_words_only),
    ),
    9: Mutation(
        "a worker that said goodbye stays on the lists",
        f"{U}test_registration.py::test_nothing_is_sent_to_a_worker_that_said_goodbye",
        instead(
            Conversations, "said_goodbye", lambda self, worker, reason, now: self._outbox.add(HangUp(worker.stream))
        ),
    ),
    10: Mutation(
        "workers are not told of the shutdown",
        f"{U}test_mmi_and_shutdown.py::test_shutting_down_says_goodbye_to_idle_workers_and_sends_waiting_clients_away",
        instead(Conversations, "let_go", nothing),
    ),
    11: Mutation(
        "what is not expected is dropped",
        f"{U}test_registration.py::test_a_reply_to_an_unknown_request_ends_the_conversation",
        instead(Conversations, "unexpected", nothing),
    ),
    12: Mutation(
        "what is no message is dropped",
        f"{U}test_registration.py::test_a_message_that_is_none_ends_only_its_own_stream",
        instead(Conversations, "malformed", nothing),
    ),
    13: Mutation(
        "who was told to go may not come back",
        f"{U}test_registration.py::"
        "test_a_worker_that_was_told_to_go_is_welcome_on_another_stream_and_not_heard_on_the_old_one",
        instead(Conversations, "_supersedes", lambda self, stream, ready, now: ready.incarnation == 1),
    ),
    14: Mutation(
        "workers have credit without end",
        f"{U}test_dispatch.py::test_a_worker_gets_the_next_request_only_after_its_final",
        instead(Worker, "free_calls", property(lambda self: 1)),
    ),
    15: Mutation(
        "what follows a final reply is dropped in silence",
        f"{U}test_dispatch.py::test_nothing_may_follow_the_final",
        instead(Calls, "_fenced", lambda *_, **__: True),
    ),
    16: Mutation(
        "headers stay behind",
        f"{U}test_dispatch.py::test_a_request_carries_the_brokers_name_for_it_and_the_body_as_it_came",
        around(Outbox, "tell", _without_headers),
    ),
    17: Mutation(
        "the final reply does not end the call",
        f"{U}test_dispatch.py::test_partial_replies_come_before_exactly_one_final",
        instead(Outcome, "told_to", lambda self, caller: Reply(caller, self.body, final=False)),
    ),
    18: Mutation(
        "heartbeats of busy workers do not count",
        f"{U}test_heartbeats.py::test_a_slow_worker_that_beats_is_never_lost",
        around(
            Majordomo,
            "received",
            _renewed_only_if(lambda worker, message: not (worker.busy and isinstance(message, Alive))),
        ),
    ),
    19: Mutation(
        "nothing but heartbeats counts",
        f"{U}test_heartbeats.py::test_any_message_renews_the_lease",
        around(Majordomo, "received", _renewed_only_if(lambda worker, message: isinstance(message, Alive))),
    ),
    20: Mutation(
        "the broker beats whatever else it sends",
        f"{U}test_heartbeats.py::test_the_broker_does_not_beat_while_it_sends_other_messages",
        around(Outbox, "tell", _beats_anyway),
    ),
    21: Mutation(
        "leases do not lapse",
        f"{U}test_heartbeats.py::test_a_silent_busy_worker_expires_as_well",
        instead(Conversations, "lease", nothing),
    ),
    22: Mutation(
        "a worker whose stream broke is still believed to be there",
        f"{U}test_registration.py::test_a_worker_whose_stream_broke_begins_anew_with_the_next_one",
        instead(Conversations, "closed", nothing),
    ),
    23: Mutation(
        "calls of a lost worker stay with it",
        f"{U}test_lost_workers.py::test_a_silent_worker_loses_its_call_to_another_one",
        instead(Calls, "lost", nothing),
    ),
    24: Mutation(
        "lost calls go to the end of the queue",
        f"{U}test_lost_workers.py::test_a_requeued_call_goes_before_those_that_were_never_given",
        around(CallQueues, "push", lambda original, self, call, at_head=False: original(self, call, at_head=False)),
    ),
    25: Mutation(
        "every call is safe to repeat",
        f"{U}test_lost_workers.py::test_a_call_that_is_not_retry_safe_fails_with_aborted",
        instead(Calls, "_why_not_again", nothing),
    ),
    26: Mutation(
        "last come, first served",
        f"{U}test_dispatch.py::test_calls_of_a_service_wait_in_the_order_they_came",
        instead(FairQueue, "pop", lambda self: self.remove(list(self._client_of)[-1], served=True)),
    ),
    27: Mutation(
        "all clients are one",
        f"{U}test_dispatch.py::test_clients_are_served_in_turn",
        around(
            FairQueue,
            "push",
            lambda original, self, number, client, item, at_head=False: original(
                self, number, "all", item, at_head=at_head
            ),
        ),
    ),
    28: Mutation(
        "the most recently used worker is next",
        f"{U}test_dispatch.py::test_the_least_recently_used_worker_is_next",
        instead(Service, "next_idle", lambda self: next(reversed(self.idle.values()), None)),
    ),
    29: Mutation(
        "calls wait for ever",
        f"{U}test_dispatch.py::test_a_call_expires_when_no_worker_comes",
        instead(Calls, "waited", nothing),
    ),
    30: Mutation(
        "queues have no bound",
        f"{U}test_dispatch.py::test_a_client_cannot_queue_more_than_its_share",
        instead(CallQueues, "check_room", nothing),
    ),
    31: Mutation(
        "a call that is sent again is a new one",
        f"{U}test_resends.py::test_a_resend_attaches_to_the_running_call",
        instead(Resends, "find", nothing),
    ),
    32: Mutation(
        "a broker knows only the sessions that it granted itself",
        f"{U}test_sessions.py::test_a_restarted_broker_learns_of_sessions_from_ready",
        instead(Sessions, "_discover", nothing),
    ),
    33: Mutation(
        "the token is not looked at",
        f"{W}test_token.py::test_clients_and_observers_need_the_token_as_well",
        instead(interceptors, "check_token", nothing),
    ),
    34: Mutation(
        "one worker's goodbye is everybody's",
        f"{U}test_registration.py::test_whatever_one_worker_says_nobody_else_is_told_to_go",
        around(Conversations, "said_goodbye", _goodbye_to_all),
    ),
}
"""Each changes one rule of the machine; rows 2 and 33 are about the wire: theirs change the shell around it."""
