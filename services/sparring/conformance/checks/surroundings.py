"""Health, reflection, Describe: what is there before a session."""

from __future__ import annotations

from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from sparring.api.environment.v1 import environment_service_pb2 as pb
from sparring.conformance.check import check
from sparring.conformance.findings import NotApplicable, Violation
from sparring.conformance.ledger import check_version, read_declarations
from sparring.conformance.showing import show
from sparring.conformance.subject import MOST_SESSIONS, Subject
from sparring.conformance.wire import SERVICE, End

_HEALTH = "/grpc.health.v1.Health/Check"
_REFLECTION = ("/grpc.reflection.v1.ServerReflection", "/grpc.reflection.v1alpha.ServerReflection")
_NOBODY = "an-environment-that-nobody-offers"


@check("ENV-HLT-1")
def the_server_says_that_it_is_healthy(subject: Subject) -> None:
    """Ask grpc.health.v1."""
    sent = "grpc.health.v1.Health/Check {}"
    answer = subject.wire.call(_HEALTH, health_pb2.HealthCheckRequest(), subject.options.timeout_s)
    if isinstance(answer, End):
        raise Violation("ENV-HLT-1", sent, str(answer))
    status = health_pb2.HealthCheckResponse.FromString(answer).status
    if status != health_pb2.HealthCheckResponse.SERVING:
        raise Violation("ENV-HLT-1", sent, health_pb2.HealthCheckResponse.ServingStatus.Name(status))


@check("ENV-RFL-1")
def reflection_lists_the_service_if_it_is_offered(subject: Subject) -> None:
    """Ask reflection, version 1 and before."""
    request = reflection_pb2.ServerReflectionRequest(list_services="*").SerializeToString()
    for service in _REFLECTION:
        method = f"{service}/ServerReflectionInfo"
        answers = subject.wire.stream(method, iter([request]), subject.options.timeout_s)
        if isinstance(answers, End):
            continue
        found = [reflection_pb2.ServerReflectionResponse.FromString(answer) for answer in answers]
        names = [service.name for answer in found for service in answer.list_services_response.service]
        if SERVICE not in names:
            raise Violation("ENV-RFL-1", f"{method} {{list_services}}", f"only {', '.join(names) or 'nothing'}")
        return
    raise NotApplicable("the server offers no reflection")


@check("ENV-DSC-4", "ENV-VER-3", "ENV-DCL-1", "ENV-DCL-2")
def describe_says_what_is_offered(subject: Subject) -> None:
    """Describe the environment under test; everything else builds on the answer."""
    answer = subject.describe()
    sent = f"Describe {{{show(subject.component())}}}"
    if isinstance(answer, End):
        raise Violation("ENV-DSC-4", sent, str(answer))
    subject.described = answer
    check_version(answer.version, "DescribeResponse", sent)
    for kind in ("sensors", "actuators", "rewards"):
        read_declarations(getattr(answer, kind), kind, sent)
    if answer.capacity < 1:
        raise Violation("ENV-DSC-4", sent, "a capacity of 0")
    if not answer.offered:
        subject.notes.append(
            "`offered` is empty: documents that name an unknown environment get no list to choose from"
        )


@check("ENV-DSC-1", "ENV-ERR-2", needs=("ENV-DSC-4",))
def describe_refuses_names_that_nobody_offers(subject: Subject) -> None:
    """Describe something else."""
    answer = subject.describe(_NOBODY)
    sent = f"Describe {{name: {_NOBODY!r}}}"
    if not isinstance(answer, End) or answer.code != "NOT_FOUND":
        raise Violation("ENV-DSC-1", sent, str(answer) if isinstance(answer, End) else "a description")
    if not answer.message.strip():
        raise Violation("ENV-ERR-2", sent, str(answer))
    if not answer.reason:
        subject.notes.append("the status carries no google.rpc.ErrorInfo; it should (reason ENVIRONMENT_UNKNOWN)")


@check("ENV-DSC-2", needs=("ENV-DSC-4",))
def describe_and_started_declare_the_same(subject: Subject) -> None:
    """Compare both."""
    _, started = subject.start()
    described = subject.described
    for kind in ("sensors", "actuators", "rewards"):
        one, other = list(getattr(described, kind)), list(getattr(started, kind))
        if one != other:
            differing = next(
                (f"{show(a)} and {show(b)}" for a, b in zip(one, other, strict=False) if a != b),
                f"{len(one)} and {len(other)} of them",
            )
            raise Violation("ENV-DSC-2", "Describe, and Start", f"different {kind}: {differing}")
    if described.HasField("tick_ns") != started.HasField("tick_ns") or described.tick_ns != started.tick_ns:
        raise Violation("ENV-DSC-2", "Describe, and Start", f"tick_ns {described.tick_ns} and {started.tick_ns}")


@check("ENV-DSC-3", "ENV-SES-1", needs=("ENV-DSC-4",))
def describe_is_answered_and_sessions_refused_while_all_slots_are_taken(subject: Subject) -> None:
    """Take all slots, ask for a description, and for one session more."""
    capacity = subject.capacity
    if capacity > MOST_SESSIONS:
        raise NotApplicable(f"the server holds {capacity} sessions; more than {MOST_SESSIONS} are not tried")
    for _ in range(capacity):
        subject.start()
    answer = subject.describe()
    if isinstance(answer, End):
        raise Violation("ENV-DSC-3", f"Describe, while {capacity} session(s) are open", str(answer))
    one_more = subject.converse()
    found = one_more.exchange(pb.SessionRequest(sequence=1, start=subject.start_frame()))
    sent = f"Start, while {capacity} session(s) are open (capacity {capacity})"
    if not isinstance(found, End):
        raise Violation("ENV-SES-1", sent, "Started")
    if found.code != "RESOURCE_EXHAUSTED":
        raise Violation("ENV-SES-1", sent, str(found))
