"""The relay's own port: beside the broker's, never another one's, and not open to other machines without a token."""

import logging
import socket

import pytest

from sparring.broker.relay.running import open_port
from sparring.broker.settings import BrokerSettings
from sparring.types.errors import FailedPreconditionError, InvalidArgumentError


def test_it_listens_ten_ports_above_the_broker_and_elsewhere_where_that_is_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert BrokerSettings(address="127.0.0.1:7000").relay_wanted.port == 7010
    assert BrokerSettings(address="127.0.0.1:65530").relay_wanted.port == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with caplog.at_level(logging.WARNING, "sparring"):
            listener, name = open_port(BrokerSettings(address=f"127.0.0.1:{port - 10}"))
        assert listener is not None
        with listener:
            assert name == f"127.0.0.1:{listener.getsockname()[1]}"
            assert listener.getsockname()[1] != port
        assert "will not survive a restart" in caplog.text
        with pytest.raises(FailedPreconditionError) as caught:
            open_port(BrokerSettings(relay_address=f"127.0.0.1:{port}"))
        assert caught.value.reason == "ADDRESS_NOT_BINDABLE"


def test_there_may_be_none() -> None:
    assert open_port(BrokerSettings(relay="never")) == (None, "")


def test_it_is_advertised_by_a_name_that_others_can_use() -> None:
    bound = BrokerSettings(relay_address="0.0.0.0:7010", insecure=True).relay_wanted
    assert BrokerSettings(relay_advertised="relay.example").relay_name(bound) == "relay.example:7010"
    assert not BrokerSettings().relay_name(bound).startswith("0.0.0.0")


def test_it_is_open_to_other_machines_only_with_a_token() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        BrokerSettings(relay_address="0.0.0.0:0")
    assert caught.value.reason == "TOKEN_NEEDED"
    with pytest.raises(InvalidArgumentError) as other:
        BrokerSettings(relay_address="unix:/tmp/relay")
    assert other.value.reason == "BAD_ADDRESS"
