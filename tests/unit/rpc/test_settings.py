"""Settings come from the environment or the command line, and wrong ones are refused by name."""

import os
from pathlib import Path
from typing import Any

import pytest

from sparring.rpc.settings import ServiceSettings, load
from sparring.types.errors import InvalidArgumentError


class StoreSettings(ServiceSettings, env_prefix="SPARRING_STORE_"):
    """As a service declares its own."""

    address: str = "127.0.0.1:7004"
    url: str = "sqlite://"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("SPARRING_"):
            monkeypatch.delenv(name)


def loaded(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], **given: Any) -> StoreSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load(StoreSettings, **given)


def refused(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], **given: Any) -> InvalidArgumentError:
    with pytest.raises(InvalidArgumentError) as caught:
        loaded(monkeypatch, environment, **given)
    return caught.value


def test_a_service_starts_on_loopback_without_any_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, {})
    assert (settings.address, settings.broker, settings.token, settings.tls) == (
        "127.0.0.1:7004",
        "127.0.0.1:7000",
        None,
        None,
    )


def test_own_variables_have_the_prefix_and_shared_ones_have_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("secret-1\n")
    settings = loaded(
        monkeypatch,
        {
            "SPARRING_STORE_ADDRESS": "127.0.0.1:1",
            "SPARRING_STORE_URL": "postgresql://db",
            "SPARRING_STORE_DRAIN_S": "2.5",
            "SPARRING_BROKER": "broker:7000",
            "SPARRING_TOKEN_FILE": str(tmp_path / "token"),
            "SPARRING_PLUGINS": "mine.conditions, mine.rewards",
        },
    )
    assert (settings.address, settings.url, settings.drain_s) == ("127.0.0.1:1", "postgresql://db", 2.5)
    assert (settings.broker, settings.token) == ("broker:7000", "secret-1")
    assert settings.plugins == ("mine.conditions", "mine.rewards")


def test_what_others_put_into_the_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    others = {"BROKER": "x", "INSECURE": "true", "ADDRESS": "x", "SPARRING_STORE_PORT": "tcp://10.0.0.1:7004"}
    assert loaded(monkeypatch, others) == StoreSettings()


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"SPARRING_BROKER": "env:1", "SPARRING_STORE_ADDRESS": "127.0.0.1:1"}
    settings = loaded(monkeypatch, environment, broker="given:1", address=None)
    assert (settings.broker, settings.address) == ("given:1", "127.0.0.1:1")


def test_empty_variables_are_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {"SPARRING_STORE_DRAIN_S": "", "SPARRING_PLUGINS": "", "SPARRING_TOKEN_FILE": ""}
    assert loaded(monkeypatch, empty) == StoreSettings()


def test_wrong_values_are_named_by_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(monkeypatch, {"SPARRING_STORE_DRAIN_S": "soon", "SPARRING_INSECURE": "perhaps"})
    assert error.reason == "BAD_SETTINGS"
    assert "SPARRING_STORE_DRAIN_S is 'soon'" in error.message
    assert "SPARRING_INSECURE is 'perhaps'" in error.message


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(monkeypatch, {"SPARRING_STORE_ADDRESS": "here"}).reason == "BAD_ADDRESS"


@pytest.mark.parametrize("address", ["0.0.0.0:7004", "[::]:7004", "store:7004", "192.0.2.1:7004"])
def test_listening_beyond_this_machine_needs_a_token_or_the_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    environment = {"SPARRING_STORE_ADDRESS": address}
    error = refused(monkeypatch, environment)
    assert error.reason == "TOKEN_NEEDED"
    assert "SPARRING_TOKEN_FILE" in error.message
    assert "--insecure" in error.message
    assert loaded(monkeypatch, environment, insecure=True).token is None
    (tmp_path / "token").write_text("secret-1")
    assert loaded(monkeypatch, environment, token_file=tmp_path / "token").token == "secret-1"


@pytest.mark.parametrize("address", ["127.0.0.1:0", "127.8.8.8:1", "[::1]:7004", "localhost:7004", "unix:run/store"])
def test_listening_on_this_machine_needs_nothing(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert loaded(monkeypatch, {"SPARRING_STORE_ADDRESS": address}).address == address


def test_files_that_are_missing_are_found_at_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    none = str(tmp_path / "none")
    assert refused(monkeypatch, {"SPARRING_TOKEN_FILE": none}).reason == "TOKEN_FILE_UNREADABLE"
    monkeypatch.delenv("SPARRING_TOKEN_FILE")
    assert refused(monkeypatch, {"SPARRING_TLS_AUTHORITY": none}).reason == "TLS_FILE_UNREADABLE"
