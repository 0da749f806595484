"""A client's channel to the brokers behind a name: connected to one, and to another when that is gone."""

from __future__ import annotations

from sparring.client.broker_addresses import broker_list
from sparring.rpc.addresses import parse_address
from sparring.rpc.channels import Channel, open_channel
from sparring.rpc.tls import Tls


def open_broker_channel(
    broker: str, *, token: str | None = None, tls: Tls | None = None, retries: bool = True
) -> Channel:
    """Open a channel; it connects when first used, to whichever broker answers first in the order given.

    gRPC does the moving on: it has all addresses, of a list or behind a name, and resolves a name anew whenever it has
    lost a connection.

    Args:
        broker: see `broker_list`.
        token: shown with every call.
        tls: None means plaintext. The brokers of a list show certificates for the first one.
        retries: see `open_channel`.

    Raises:
        InvalidArgumentError: BAD_ADDRESS.
    """
    names = broker_list(broker)
    if len(names) == 1:
        return open_channel(names[0], token=token, tls=tls, retries=retries)
    scheme = "ipv6" if names[0].startswith("[") else "ipv4"
    host = parse_address(names[0]).host
    options = [("grpc.default_authority", names[0])]
    if tls is not None:
        options.append(("grpc.ssl_target_name_override", host))
    return open_channel(f"{scheme}:{','.join(names)}", token=token, tls=tls, retries=retries, options=options)
