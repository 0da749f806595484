"""What is declared, what is pinned and what the generated code asks for fit together."""

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.repository import ROOT, SERVICES, below

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
# Heavy, and chosen by the user for the machine at hand (torch alone has one build per kind of accelerator).
NOT_PINNED = {"learn"}
INSTALLED = PROJECT["dependencies"] + [one for name in EXTRAS if name not in NOT_PINNED for one in EXTRAS[name]]


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    exact = [re.fullmatch(r"([\w.-]+)==(\S+)", line) for line in lines if line and not line.startswith("#")]
    assert None not in exact, "constraints.txt holds exact versions only"
    return {canonicalize_name(found[1]): Version(found[2]) for found in exact if found}


@pytest.mark.parametrize("line", INSTALLED)
def test_every_dependency_is_pinned_to_a_version_it_allows(line: str) -> None:
    wanted = Requirement(line)
    if wanted.name != PROJECT["name"]:
        assert wanted.specifier.contains(pins()[canonicalize_name(wanted.name)])


def test_the_oldest_allowed_grpcio_is_what_the_generated_code_asks_for() -> None:
    texts = [path.read_text() for path in below(SERVICES / "api", ".py") if path.name.endswith("_pb2_grpc.py")]
    asked = {found for text in texts for found in re.findall(r"GRPC_GENERATED_VERSION = '([^']+)'", text)}
    assert asked == {lower_bound("grpcio")}


def test_the_oldest_allowed_protobuf_is_what_the_generated_code_asks_for() -> None:
    texts = [path.read_text() for path in below(SERVICES / "api", ".py") if path.name.endswith("_pb2.py")]
    asked = {found for text in texts for found in re.findall(r"# Protobuf Python Version: (\S+)", text)}
    assert asked == {lower_bound("protobuf")}


def lower_bound(name: str) -> str:
    wanted = next(one for one in map(Requirement, PROJECT["dependencies"]) if one.name == name)
    return next(one.version for one in wanted.specifier if one.operator == ">=")
