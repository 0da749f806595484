"""Foreign servers as services of a standing system: registered from beside, or by themselves; direct and relayed."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import played, sparring
from tests.e2e.languages.building import EXAMPLES, serving
from tests.e2e.languages.registering import registered
from tests.e2e.services import Service, deployed
from tests.support.eventually import eventually_sync

SERVICES = {"cpp": "environment/power-grid", "node": "environment/microgrid", "java": "environment/water-tanks"}
WAYS = {"direct": ("--direct",), "relayed": ("--dial-out",)}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """Run all services, once for this module."""
    with deployed(tmp_path_factory.mktemp("system")) as services:
        yield services


def document(language: str, source: str, folder: Path) -> str:
    """Write an example's document with another source of its environment; return its name."""
    text = (EXAMPLES / language / "experiment.yml").read_text()
    text = re.sub(r"address: 127\.0\.0\.1:\d+", source, text).replace("worker: 2", "worker: 1")
    (folder / "experiment.yml").write_text(re.sub(r"episodes: \d+", "episodes: 2", text))
    return "experiment.yml"


def digest(language: str, source: str, broker: str, folder: Path) -> str:
    """Play an example's document on the standing system; return the digest."""
    name = document(language, source, folder)
    summary = played(name, "--connect", broker, folder=folder)
    return str(summary["digest"])


@pytest.mark.parametrize(("server", "language"), [(each, each) for each in SERVICES], indirect=["server"])
def test_an_example_plays_the_same_by_its_address_direct_and_relayed(
    system: dict[str, Service], server: list[str], language: str, folder: Path
) -> None:
    broker, service = system["broker"].address, SERVICES[language]
    with serving(server) as address:
        expected = digest(language, f"address: {address}", broker, folder)
        for way, options in WAYS.items():
            with registered(service, address, broker, folder, *options):
                assert digest(language, f"service: {service}", broker, folder) == expected, way


def reached(broker: str, folder: Path, service: str) -> list[str]:
    """Return how the workers of a service are reached, as `sparring services` says."""
    listed = sparring("services", "--json", "--connect", broker, folder=folder)
    return [
        worker["reached"] for one in json.loads(listed.out) if one["service"] == service for worker in one["workers"]
    ]


def test_an_example_that_dials_the_broker_itself_plays_the_same_and_leaves_in_order(
    system: dict[str, Service], node: list[str], folder: Path
) -> None:
    broker, service = system["broker"].address, SERVICES["node"]
    with serving(node) as address:
        expected = digest("node", f"address: {address}", broker, folder)
    worker = ["node", str(EXAMPLES / "node" / "worker" / "main.js")]
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(serving(worker, "--capacity", "1", SPARRING_BROKER=broker))
        eventually_sync(lambda: reached(broker, folder, service) == [f"direct {address}"], within_s=10)
        # One slot, and two runs: it is free again after each.
        for _ in range(2):
            assert digest("node", f"service: {service}", broker, folder) == expected
    assert reached(broker, folder, service) == []
