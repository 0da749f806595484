"""Who has to come back to a server waits for the connection itself: between calls nobody would look after it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc

from sparring.rpc.sync_channels import open_sync_channel
from tests.support.ports import lasting_port

SOON_S = 20.0


def test_there_is_no_connection_where_nobody_listens_and_one_when_somebody_does() -> None:
    address = f"127.0.0.1:{lasting_port()}"
    with open_sync_channel(address, retries=False) as channel:
        assert not channel.wait_until_connected(0.3)
        server = grpc.server(ThreadPoolExecutor(1))
        assert server.add_insecure_port(address)
        server.start()
        try:
            assert channel.wait_until_connected(SOON_S)
        finally:
            server.stop(0).wait(SOON_S)
