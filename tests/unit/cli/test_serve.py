"""`sparring serve`: which service is started, and with what."""

import importlib.util
import os
import types
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from sparring.cli.main import app
from sparring.cli.serving import entries
from sparring.cli.serving.entries import Service, variables
from sparring.types.errors import InvalidArgumentError


class Started:
    """Stands for a service's main: notes what it would have read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, result: int | Exception | None = None) -> None:
        self.module = ""
        self.environment: Mapping[str, str] = {}
        self._result = result
        monkeypatch.setattr(os, "environ", {**os.environ})
        monkeypatch.setattr(entries.importlib, "import_module", self._load)

    def _load(self, name: str) -> Any:
        self.module = name
        return types.SimpleNamespace(main=self._main)

    def _main(self) -> int | None:
        self.environment = dict(os.environ)
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


@pytest.mark.parametrize("service", list(Service))
def test_every_service_has_a_main(service: Service) -> None:
    assert importlib.util.find_spec(entries._MAIN[service]) is not None


def test_flags_become_the_variables_that_services_read() -> None:
    given = {"address": "127.0.0.1:0", "slots": "2", "broker": "b:7000", "plugins": "mine,theirs", "token_file": ""}
    assert variables(Service.ENVIRONMENT, given) == {
        "SPARRING_ENVIRONMENT_ADDRESS": "127.0.0.1:0",
        "SPARRING_ENVIRONMENT_SLOTS": "2",
        "SPARRING_BROKER": "b:7000",
        "SPARRING_PLUGINS": "mine,theirs",
    }


def test_a_service_is_started_with_its_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(monkeypatch)
    flags = ["--address", "127.0.0.1:0", "--broker", "b:7000", "--slots", "2", "--plugin", "a", "--plugin", "b"]
    result = CliRunner().invoke(app, ["serve", "agent", *flags, "--insecure"])
    assert result.exit_code == 0, result.output
    assert started.module == "sparring.agent.server.main"
    shown = {name: value for name, value in started.environment.items() if name in variables_of_agent()}
    assert shown == {
        "SPARRING_AGENT_ADDRESS": "127.0.0.1:0",
        "SPARRING_AGENT_SLOTS": "2",
        "SPARRING_BROKER": "b:7000",
        "SPARRING_PLUGINS": "a,b",
        "SPARRING_INSECURE": "true",
    }


def variables_of_agent() -> set[str]:
    names = ("address", "slots", "broker", "plugins", "insecure", "token_file")
    return set(variables(Service.AGENT, dict.fromkeys(names, "x")))


def test_what_is_not_said_is_left_to_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARRING_STORE_ADDRESS", "127.0.0.1:7104")
    started = Started(monkeypatch)
    assert CliRunner().invoke(app, ["serve", "store"]).exit_code == 0
    assert started.environment["SPARRING_STORE_ADDRESS"] == "127.0.0.1:7104"


def test_the_exit_code_of_a_service_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    Started(monkeypatch, 2)
    assert CliRunner().invoke(app, ["serve", "broker"]).exit_code == 2


def test_wrong_settings_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    Started(monkeypatch, InvalidArgumentError("BAD_SETTINGS", "SPARRING_BROKER_LIVENESS is 'x'."))
    result = CliRunner().invoke(app, ["serve", "broker"])
    assert result.exit_code == 2
    assert "SPARRING_BROKER_LIVENESS is 'x'." in result.stderr
