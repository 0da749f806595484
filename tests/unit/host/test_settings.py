"""Settings of hosts, and what their slots are told of them."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from sparring.host.settings import HostSettings
from sparring.host.slot_context import SlotConfiguration
from sparring.rpc.settings import load
from sparring.types.errors import InvalidArgumentError


def test_slots_of_other_machines_need_a_token(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        load(HostSettings, slot_address="0.0.0.0:0")
    assert caught.value.reason == "TOKEN_NEEDED"
    token = tmp_path / "token"
    token.write_text("secret\n")
    settings = load(HostSettings, slot_address="0.0.0.0:0", token_file=token)
    assert settings.slot_configuration("a:b").token == "secret"
    load(HostSettings, slot_address="0.0.0.0:0", insecure=True)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"slot_address": "nowhere"}, "not an address"),
        ({"slots": 0}, "greater than or equal to 1"),
        ({"calls": -1}, ""),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        load(HostSettings, **wrong)
    assert text in caught.value.message


def test_slots_are_reached_by_the_host_they_listen_at_or_by_what_is_advertised() -> None:
    assert HostSettings(slot_address="127.0.0.1:0").slot_host == "127.0.0.1"
    assert HostSettings(slot_address="0.0.0.0:0", insecure=True, advertised="host-7").slot_host == "host-7"
    assert HostSettings(slot_address="0.0.0.0:0", insecure=True).slot_host not in ("0.0.0.0", "")


def test_a_configuration_survives_the_pipe() -> None:
    settings = HostSettings(plugins=("a", "b"), linger_s=3)
    configuration = settings.slot_configuration("a:b", ("x",), {"defaults": [["n", {"p": 1}], None]})
    assert SlotConfiguration.of(json.loads(json.dumps(asdict(configuration)))) == configuration
    assert configuration.tls() is None
    assert "secret" not in repr(SlotConfiguration("a:b", token="secret"))
