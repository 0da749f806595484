"""For each row of the obligations a mutation of the rules under which its test fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sparring.broker import serving
from sparring.broker.majordomo.broker import Majordomo
from sparring.broker.majordomo.call import Outcome
from sparring.broker.majordomo.call_queues import CallQueues
from sparring.broker.majordomo.calls import Calls
from sparring.broker.majordomo.conversations import Conversations
from sparring.broker.majordomo.directory import Service
from sparring.broker.majordomo.effects import HangUp, Reply
from sparring.broker.majordomo.fair_queue import FairQueue
from sparring.broker.majordomo.messages import Alive
from sparring.broker.majordomo.outbox import Outbox
from sparring.broker.majordomo.resends import Resends
from sparring.broker.majordomo.sessions import Sessions
from sparring.broker.majordomo.worker import Worker
from sparring.rpc import interceptors
from tests.unit.broker import mutants


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
    patch: mutants.Patch


U: Final = "tests/unit/broker/"
W: Final = "tests/integration/broker/"

MUTATIONS: Final = {
    1: Mutation(
        "replies go out in the order of the requests",
        f"{U}test_dispatch.py::test_replies_find_their_caller_whatever_their_order",
        mutants.around(Calls, "finished", mutants.first_request_instead),
    ),
    2: Mutation(
        "management is not served at the broker's port",
        f"{W}test_calls.py::test_workers_clients_and_managers_use_one_port",
        mutants.around(serving, "mount", mutants.unmanaged),
    ),
    3: Mutation(
        "patience for Ready never ends",
        f"{U}test_registration.py::test_a_stream_without_ready_ends_after_the_brokers_patience",
        mutants.instead(Conversations, "not_ready", mutants.nothing),
    ),
    4: Mutation(
        "streams of one worker live side by side",
        f"{U}test_registration.py::test_a_later_stream_of_a_worker_supersedes_the_first",
        mutants.instead(Conversations, "_supersedes", lambda *_: True),
    ),
    5: Mutation(
        "any worker serves any service",
        f"{U}test_registration.py::test_a_worker_gets_only_calls_of_its_own_service",
        mutants.around(
            Conversations,
            "_register",
            lambda original, self, stream, ready, now: original(self, stream, replace(ready, service="pears"), now),
        ),
    ),
    6: Mutation(
        "a second Ready is a heartbeat",
        f"{U}test_registration.py::test_a_second_ready_ends_the_conversation",
        mutants.around(Majordomo, "__init__", mutants.second_ready_is_fine),
    ),
    7: Mutation(
        "there is no Welcome",
        f"{U}test_registration.py::test_ready_is_answered_by_welcome_first",
        mutants.around(Outbox, "tell", mutants.without_welcome),
    ),
    8: Mutation(
        "a stream that was hung up is heard as before",
        f"{U}test_registration.py::test_what_follows_an_unexpected_message_is_not_heard",
        mutants.around(Conversations, "_dismiss", mutants.dismissed_in_words_only),
    ),
    9: Mutation(
        "a worker that said goodbye stays on the lists",
        f"{U}test_registration.py::test_nothing_is_sent_to_a_worker_that_said_goodbye",
        mutants.instead(
            Conversations, "said_goodbye", lambda self, worker, reason, now: self._outbox.add(HangUp(worker.stream))
        ),
    ),
    10: Mutation(
        "workers are not told of the shutdown",
        f"{U}test_mmi_and_shutdown.py::test_shutting_down_says_goodbye_to_idle_workers_and_sends_waiting_clients_away",
        mutants.instead(Conversations, "let_go", mutants.nothing),
    ),
    11: Mutation(
        "what is not expected is dropped",
        f"{U}test_registration.py::test_a_reply_to_an_unknown_request_ends_the_conversation",
        mutants.instead(Conversations, "unexpected", mutants.nothing),
    ),
    12: Mutation(
        "what is no message is dropped",
        f"{U}test_registration.py::test_a_message_that_is_none_ends_only_its_own_stream",
        mutants.instead(Conversations, "malformed", mutants.nothing),
    ),
    13: Mutation(
        "who was told to go may not come back",
        f"{U}test_coming_back.py::"
        "test_a_worker_that_was_told_to_go_is_welcome_on_another_stream_and_not_heard_on_the_old_one",
        mutants.instead(Conversations, "_supersedes", lambda self, stream, ready, now: ready.incarnation == 1),
    ),
    14: Mutation(
        "workers have credit without end",
        f"{U}test_dispatch.py::test_a_worker_gets_the_next_request_only_after_its_final",
        mutants.instead(Worker, "free_calls", property(lambda self: 1)),
    ),
    15: Mutation(
        "what follows a final reply is dropped in silence",
        f"{U}test_dispatch.py::test_nothing_may_follow_the_final",
        mutants.instead(Calls, "_fenced", lambda *_, **__: True),
    ),
    16: Mutation(
        "headers stay behind",
        f"{U}test_dispatch.py::test_a_request_carries_the_brokers_name_for_it_and_the_body_as_it_came",
        mutants.around(Outbox, "tell", mutants.without_headers),
    ),
    17: Mutation(
        "the final reply does not end the call",
        f"{U}test_dispatch.py::test_partial_replies_come_before_exactly_one_final",
        mutants.instead(Outcome, "told_to", lambda self, caller: Reply(caller, self.body, final=False)),
    ),
    18: Mutation(
        "heartbeats of busy workers do not count",
        f"{U}test_heartbeats.py::test_a_slow_worker_that_beats_is_never_lost",
        mutants.around(
            Majordomo,
            "received",
            mutants.renewed_only_if(lambda worker, message: not (worker.busy and isinstance(message, Alive))),
        ),
    ),
    19: Mutation(
        "nothing but heartbeats counts",
        f"{U}test_heartbeats.py::test_any_message_renews_the_lease",
        mutants.around(
            Majordomo, "received", mutants.renewed_only_if(lambda worker, message: isinstance(message, Alive))
        ),
    ),
    20: Mutation(
        "the broker beats whatever else it sends",
        f"{U}test_heartbeats.py::test_the_broker_does_not_beat_while_it_sends_other_messages",
        mutants.around(Outbox, "tell", mutants.beats_anyway),
    ),
    21: Mutation(
        "leases do not lapse",
        f"{U}test_heartbeats.py::test_a_silent_busy_worker_expires_as_well",
        mutants.instead(Conversations, "lease", mutants.nothing),
    ),
    22: Mutation(
        "a worker whose stream broke is still believed to be there",
        f"{U}test_coming_back.py::test_a_worker_whose_stream_broke_begins_anew_with_the_next_one",
        mutants.instead(Conversations, "closed", mutants.nothing),
    ),
    23: Mutation(
        "calls of a lost worker stay with it",
        f"{U}test_lost_workers.py::test_a_silent_worker_loses_its_call_to_another_one",
        mutants.instead(Calls, "lost", mutants.nothing),
    ),
    24: Mutation(
        "lost calls go to the end of the queue",
        f"{U}test_lost_workers.py::test_a_requeued_call_goes_before_those_that_were_never_given",
        mutants.around(
            CallQueues, "push", lambda original, self, call, at_head=False: original(self, call, at_head=False)
        ),
    ),
    25: Mutation(
        "every call is safe to repeat",
        f"{U}test_lost_workers.py::test_a_call_that_is_not_retry_safe_fails_with_aborted",
        mutants.instead(Calls, "_why_not_again", mutants.nothing),
    ),
    26: Mutation(
        "last come, first served",
        f"{U}test_dispatch.py::test_calls_of_a_service_wait_in_the_order_they_came",
        mutants.instead(FairQueue, "pop", lambda self: self.remove(list(self._client_of)[-1], served=True)),
    ),
    27: Mutation(
        "all clients are one",
        f"{U}test_dispatch.py::test_clients_are_served_in_turn",
        mutants.around(
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
        mutants.instead(Service, "next_idle", lambda self: next(reversed(self.idle.values()), None)),
    ),
    29: Mutation(
        "calls wait for ever",
        f"{U}test_dispatch.py::test_a_call_expires_when_no_worker_comes",
        mutants.instead(Calls, "waited", mutants.nothing),
    ),
    30: Mutation(
        "queues have no bound",
        f"{U}test_dispatch.py::test_a_client_cannot_queue_more_than_its_share",
        mutants.instead(CallQueues, "check_room", mutants.nothing),
    ),
    31: Mutation(
        "a call that is sent again is a new one",
        f"{U}test_resends.py::test_a_resend_attaches_to_the_running_call",
        mutants.instead(Resends, "find", mutants.nothing),
    ),
    32: Mutation(
        "a broker knows only the sessions that it granted itself",
        f"{U}test_sessions.py::test_a_restarted_broker_learns_of_sessions_from_ready",
        mutants.instead(Sessions, "_discover", mutants.nothing),
    ),
    33: Mutation(
        "the token is not looked at",
        f"{W}test_token.py::test_clients_and_observers_need_the_token_as_well",
        mutants.instead(interceptors, "check_token", mutants.nothing),
    ),
    34: Mutation(
        "one worker's goodbye is everybody's",
        f"{U}test_coming_back.py::test_whatever_one_worker_says_nobody_else_is_told_to_go",
        mutants.around(Conversations, "said_goodbye", mutants.goodbye_to_all),
    ),
}
"""Each changes one rule of the machine; rows 2 and 33 are about the wire: theirs change the shell around it."""
