"""What a server answers: the generated handlers of a servicer, or a raw handler, with the names of their services."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc


@dataclass(frozen=True)
class Mount:
    """Handlers to be added to a server.

    Attributes:
        handlers: asked in order; the first that knows a method answers it.
        services: full names of the services, for health and reflection.
        methods: full names of the methods, `/package.Service/Method`, for metrics.
    """

    handlers: tuple[grpc.GenericRpcHandler, ...]
    services: tuple[str, ...] = ()
    methods: frozenset[str] = frozenset()


def mount(servicer: object, add: Callable[[Any, Any], None] | None = None) -> Mount:
    """Mount a servicer.

    Args:
        servicer: an instance of a generated `XServicer`.
        add: the generated `add_XServicer_to_server`; found beside the generated base class where it is left out.

    Raises:
        TypeError: no such function was found.
    """
    recorder = _Recorder()
    (add or _generated_add(type(servicer)))(servicer, recorder)
    return Mount(tuple(recorder.handlers), tuple(recorder.services), frozenset(recorder.methods))


def mount_handler(handler: grpc.GenericRpcHandler) -> Mount:
    """Mount a raw handler, such as the broker's that routes by metadata.

    It is asked after all servicers, whatever the order of the mounts: it cannot take over health, reflection or a
    method that the server itself serves. Metrics count its calls under the method `other`.
    """
    return Mount((handler,))


def combined(mounts: Iterable[Mount]) -> Mount:
    """Return one mount of all: servicers first, then raw handlers."""
    ordered = sorted(mounts, key=lambda each: not each.services)
    return Mount(
        tuple(handler for each in ordered for handler in each.handlers),
        tuple(name for each in ordered for name in each.services),
        frozenset(method for each in ordered for method in each.methods),
    )


class _Recorder:
    """Stands in for a server while generated code adds its handlers, and writes down what it adds."""

    def __init__(self) -> None:
        self.handlers: list[grpc.GenericRpcHandler] = []
        self.services: list[str] = []
        self.methods: list[str] = []

    def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
        """Keep the handlers."""
        self.handlers.extend(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, object]) -> None:
        """Keep the names. The handlers are the generic ones again, which the interceptor sees just the same."""
        self.services.append(service)
        self.methods.extend(f"/{service}/{method}" for method in handlers)


def _generated_add(kind: type) -> Callable[[Any, Any], None]:
    for base in kind.__mro__:
        add: Callable[[Any, Any], None] | None = getattr(
            sys.modules.get(base.__module__), f"add_{base.__name__}_to_server", None
        )
        if add is not None:
            return add
    raise TypeError(f"{kind.__name__} has no generated servicer among its base classes.")
