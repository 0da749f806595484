"""Hosts as processes: they end when told to, in time, and nothing of them outlives them, however they end."""

import signal
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from sparring.types.plan import FixedAddress
from tests.integration.hosts.service_process import ServiceProcess
from tests.integration.hosts.sessions import UNTOUCHED, begun, update
from tests.support.eventually import eventually_sync

PLUGINS = "tests.integration.hosts.authors"


def host(kind: str = "environment", **variables: str) -> ServiceProcess:
    prefix = f"SPARRING_{kind.upper()}_"
    own = {"ADDRESS": "127.0.0.1:0", "SLOTS": "2", "DRAIN_S": "3", **variables}
    return ServiceProcess(
        "-m",
        f"sparring.{kind}.server",
        SPARRING_PLUGINS=PLUGINS,
        **{f"{prefix}{name}": value for name, value in own.items()},
    )


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    def counts(process: psutil.Process) -> bool:
        try:
            return process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return [process for process in processes if counts(process)]


@pytest.mark.parametrize("kind", ["environment", "agent"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_host_ends_in_order_when_it_is_told_to(kind: str, number: signal.Signals) -> None:
    with host(kind) as service:
        assert service.address
        eventually_sync(lambda: len(service.children()) == 2)
        children = service.children()
        service.send(number)
        assert service.wait() == 0
        assert alive(children) == []
        assert service.says("has stopped")


def test_a_host_ends_in_order_at_any_moment_after_its_first_line() -> None:
    with host() as service:
        eventually_sync(lambda: service.lines, within_s=30, every_s=0.001)
        service.send(signal.SIGTERM)
        assert service.wait() == 0


def test_a_host_that_waits_for_a_plugin_to_be_imported_ends_when_it_is_told_to() -> None:
    with ServiceProcess(
        "-m",
        "sparring.environment.server",
        SPARRING_PLUGINS="tests.integration.hosts.never_imported",
        SPARRING_ENVIRONMENT_ADDRESS="127.0.0.1:0",
        SPARRING_ENVIRONMENT_SLOTS="1",
    ) as service:
        eventually_sync(lambda: service.says("never_imported is being imported"), within_s=30)
        children = service.children()
        service.send(signal.SIGTERM)
        assert service.wait() == 0
        assert alive(children) == []


def test_an_open_session_has_the_drain_time_and_is_then_shut_down(diary: Path) -> None:
    with host(DRAIN_S="2") as service, closing(begun(FixedAddress(service.address), diary=diary)) as session:
        assert update(session) == 1
        began = time.monotonic()
        service.send(signal.SIGTERM)
        eventually_sync(lambda: service.says("stopping on SIGTERM"))
        assert update(session) == 2
        assert service.wait() == 0
        assert time.monotonic() - began < 20  # not a measurement: it ended by itself
    assert diary.read_text().splitlines()[-1] == "shutdown reset=False"


def test_author_code_that_hangs_does_not_keep_a_host_from_ending() -> None:
    with host(DRAIN_S="1") as service, closing(begun(FixedAddress(service.address), what="sleep")) as session:
        children = service.children()
        session.send(UNTOUCHED)
        service.send(signal.SIGTERM)
        assert service.wait() == 0
        assert alive(children) == []


@pytest.mark.parametrize("what", ["sleep", "hold"])
def test_nothing_survives_a_host_that_is_killed(what: str) -> None:
    with host() as service, closing(begun(FixedAddress(service.address), what=what)) as session:
        eventually_sync(lambda: len(service.children()) == 2)
        children = service.children()
        session.send(UNTOUCHED)
        service.send(signal.SIGKILL)
        service.wait()
        eventually_sync(lambda: not alive(children), message="the end of the slots")


def test_settings_that_are_wrong_are_named_and_nothing_starts() -> None:
    with host(SLOTS="none") as service:
        assert service.wait() == 2
        assert "SPARRING_ENVIRONMENT_SLOTS is 'none'" in service.lines[0]
    with host(SLOT_ADDRESS="0.0.0.0:0") as service:
        assert service.wait() == 2
        assert "SPARRING_TOKEN_FILE" in service.lines[0]


def test_a_port_that_is_taken_is_named() -> None:
    with host() as first, host(ADDRESS=first.address) as second:
        assert second.wait() == 1
        assert any(first.address in line for line in second.lines)


def test_a_plugin_that_cannot_be_imported_is_told_to_the_log_and_the_rest_is_served() -> None:
    with ServiceProcess(
        "-m",
        "sparring.environment.server",
        SPARRING_PLUGINS="no_such_plugin,tests.contract.environments",
        SPARRING_ENVIRONMENT_ADDRESS="127.0.0.1:0",
    ) as service:
        assert service.address
        assert service.says("plugin no_such_plugin cannot be imported: ModuleNotFoundError")
