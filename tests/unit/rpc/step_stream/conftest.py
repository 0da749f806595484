"""Every test that asks for a `pair` runs over each pair of transports."""

import contextlib
import itertools
from collections.abc import Iterator

import pytest

from tests.unit.rpc.step_stream.pairs import TRANSPORTS, Pair


@pytest.fixture(params=list(itertools.product(TRANSPORTS, repeat=2)), ids="-to-".join)
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    with contextlib.ExitStack() as resources:
        yield Pair(*request.param, resources)
