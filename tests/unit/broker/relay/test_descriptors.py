"""File descriptors: the relay raises what is allowed, and leaves the broker's own calls theirs."""

from __future__ import annotations

import resource

import pytest

from sparring.broker.relay import running


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "connections", "requests"),
    [
        (1024, 524288, 4608, 2048, 256),
        (1024, resource.RLIM_INFINITY, 4608, 2048, 256),
        (1024, 1024, 1024, 256, 256),
        (256, 256, 256, 16, 16),
        (65536, 65536, None, 2048, 256),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, 2048, 256),
    ],
)
def test_as_many_connections_as_there_are_descriptors_for(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised: int | None, connections: int, requests: int
) -> None:
    told: list[int] = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: told.append(limits[0]))
    bounds = running._bounds()
    assert (bounds.connections, bounds.requests) == (connections, requests)
    assert told == ([] if raised is None else [raised])
