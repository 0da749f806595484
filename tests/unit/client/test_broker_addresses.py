"""Where the name of a broker leads."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from sparring.client.broker_addresses import broker_addresses, broker_list
from sparring.types.errors import InvalidArgumentError


def resolving(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        if not hosts:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port)) for found in hosts]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


async def test_a_number_leads_to_itself() -> None:
    assert await broker_addresses("127.0.0.1:7000") == {"127.0.0.1:7000"}
    assert await broker_addresses("unix:/tmp/broker") == {"unix:/tmp/broker"}


async def test_a_name_leads_to_every_broker_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "10.0.0.1", "10.0.0.2", "10.0.0.1")
    assert await broker_addresses("brokers:7000") == {"10.0.0.1:7000", "10.0.0.2:7000"}


async def test_a_broker_with_addresses_of_both_kinds_is_one_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "::1", "127.0.0.1")
    assert await broker_addresses("localhost:7000") == {"127.0.0.1:7000"}
    resolving(monkeypatch, "fd00::1")
    assert await broker_addresses("brokers:7000") == {"[fd00::1]:7000"}


async def test_a_name_that_leads_nowhere_now_is_tried_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch)
    assert await broker_addresses("brokers:7000") == {"brokers:7000"}


async def test_a_name_that_cannot_be_looked_up_is_tried_as_it_is() -> None:
    name = f"{'a' * 64}.example:7000"
    assert await broker_addresses(name) == {name}


async def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        await broker_addresses("brokers")
    assert caught.value.reason == "BAD_ADDRESS"


async def test_several_brokers_are_named_by_their_numbers() -> None:
    assert await broker_addresses("127.0.0.1:7000, 127.0.0.2:7000") == {"127.0.0.1:7000", "127.0.0.2:7000"}
    assert broker_list("[::1]:7000,[::1]:7001,[::1]:7000") == ("[::1]:7000", "[::1]:7001")


@pytest.mark.parametrize("wrong", ["a:7000,b:7000", "127.0.0.1:7000,[::1]:7000", "127.0.0.1:7000,", "unix:/a,unix:/b"])
def test_lists_that_cannot_be_followed_are_refused(wrong: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        broker_list(wrong)
    assert caught.value.reason == "BAD_ADDRESS"
