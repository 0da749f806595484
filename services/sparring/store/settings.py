"""What the store reads from the environment: SPARRING_STORE_*."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from sparring.rpc.settings import ServiceSettings
from sparring.store.commits import GROUP_S


class StoreSettings(ServiceSettings, env_prefix="SPARRING_STORE_"):
    """Settings of the store.

    Attributes:
        address: where it is served.
        endpoint: host:port at which others reach it; empty means `address`.
        directory: where everything lies.
        database: URL of the database; empty means a SQLite file in the directory.
        group_s: how long the commit of an episode waits for others, in seconds.
        calls: how many calls it takes at once through the broker.
    """

    address: str = "127.0.0.1:7004"
    endpoint: str = ""
    directory: Path = Path("sparring-data")
    database: str = ""
    group_s: float = Field(GROUP_S, ge=0, le=10)
    calls: int = Field(64, ge=1, le=10_000)
