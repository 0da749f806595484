"""The store service: runs, phases, episodes, steps and brain states, durable before they are acknowledged.

`from sparring.store import open_store` is for users: it reads a store's directory as data frames (`query`).
`composition` builds the service inside a process that has a gRPC server; `main` is a process of its own.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparring.store.query import Store, open_store

__all__ = ["Store", "open_store"]


def __getattr__(name: str) -> Any:
    """Load the door for users when somebody comes to it: the service does without."""
    if name in __all__:
        from sparring.store import query

        return getattr(query, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
