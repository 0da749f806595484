"""The way to a granted session: its address where that answers, its relay otherwise; asked once in a while."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from sparring.client.access import Access, connect, relay_of
from sparring.client.ways import Ways, reachable
from sparring.types.errors import InvalidArgumentError
from sparring.types.plan import Grant

RELAYED = Grant("ab" * 16, "worker-1", "environment", "", "127.0.0.1:7010")


def test_what_answers_is_reached_directly_and_what_does_not_through_the_relay() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        address = f"127.0.0.1:{there.getsockname()[1]}"
        both = replace(RELAYED, address=address)
        assert Ways().chosen(both) == replace(both, relay="")
    assert Ways().chosen(both) == replace(both, address="", authority="127.0.0.1")
    named = replace(both, authority="worker.example")
    assert Ways().chosen(named) == replace(named, address="")


async def test_what_was_found_out_is_believed_for_a_while() -> None:
    ways = Ways()
    with socket.create_server(("127.0.0.1", 0)) as there:
        both = replace(RELAYED, address=f"127.0.0.1:{there.getsockname()[1]}")
        await ways.learn([both, both, RELAYED])
    assert ways.chosen(both).relay == ""


def test_where_there_is_no_choice_nothing_is_tried() -> None:
    direct = replace(RELAYED, address="127.0.0.1:1", relay="")
    assert Ways().chosen(direct) == direct
    assert Ways().chosen(RELAYED) == RELAYED


@pytest.mark.parametrize("address", [f"{'a' * 64}.example:80", "nul\0:80"])
def test_a_name_that_cannot_be_looked_up_is_not_reached(address: str) -> None:
    assert not reachable(address)


def test_names_that_grpc_resolves_by_itself_are_left_to_it() -> None:
    assert reachable("unix:/nowhere")
    assert reachable("dns:///name")


def test_a_relay_is_asked_for_the_session_with_its_token() -> None:
    token = RELAYED.token
    assert relay_of(RELAYED) == (token, f"http://session:{token}@127.0.0.1:7010")
    several = replace(RELAYED, relays=("127.0.0.1:7011",))
    assert relay_of(several) == (token, f"http://session:{token}@ipv4:127.0.0.1:7010,127.0.0.1:7011")
    with pytest.raises(InvalidArgumentError):
        connect(replace(RELAYED, relay=""), token, Access())
