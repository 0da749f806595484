"""Addresses are parsed exactly, and know whether they stay on this machine."""

import pytest

from sparring.rpc.addresses import Address, parse_address, why_not_bindable
from sparring.types.errors import InvalidArgumentError


@pytest.mark.parametrize("text", ["127.0.0.1:0", "[::1]:7000", "store.example:65535", "unix:run/broker.sock"])
def test_an_address_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_address(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7000",
        ":7000",
        "host:",
        "host:x",
        "host:-1",
        "host:65536",
        "host:٣",
        "::1:7000",
        "a b:1",
        "unix:",
        "host:1:2",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        parse_address(text)
    assert caught.value.reason == "BAD_ADDRESS"


def test_the_port_that_was_bound_replaces_the_one_asked_for() -> None:
    assert str(parse_address("[::1]:0").with_port(7000)) == "[::1]:7000"
    assert str(parse_address("unix:x").with_port(1)) == "unix:x"


def test_a_name_that_cannot_be_resolved_is_said_to_be_so() -> None:
    assert why_not_bindable(Address("does-not-exist.invalid", 0)) not in ("", "it was taken a moment ago")
    assert why_not_bindable(Address("127.0.0.1", 0)) == "it was taken a moment ago"
