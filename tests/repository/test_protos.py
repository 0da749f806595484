"""Rules about the .proto files and the code generated from them, beyond what buf checks."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import sparring.api
from tests.support.repository import PROTOS, below, short

SOURCES = [path for path in below(PROTOS, ".proto") if "thirdparty" not in path.parts]
MODULES = [found.name for found in pkgutil.walk_packages(sparring.api.__path__, "sparring.api.")]


def module_of(path: Path, suffix: str) -> str:
    area = path.relative_to(PROTOS).with_suffix("")
    return ".".join(["sparring", "api", *area.parts]) + suffix


@pytest.mark.parametrize("path", SOURCES, ids=short)
@pytest.mark.parametrize("option", ["go_package", "java_package"])
def test_every_proto_can_be_used_from_go_and_java(path: Path, option: str) -> None:
    assert re.search(rf'^option {option} = "[^"]+";$', path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", SOURCES, ids=short)
def test_every_proto_uses_what_protobuf_3_21_knows(path: Path) -> None:
    assert re.search(r'^syntax = "proto3";$', path.read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("chosen", "suffix"),
    [(lambda text: True, "_pb2"), (lambda text: re.search(r"^service ", text, re.MULTILINE) is not None, "_pb2_grpc")],
    ids=["messages", "services"],
)
def test_the_generated_modules_are_those_of_the_protos(chosen: Callable[[str], bool], suffix: str) -> None:
    expected = {module_of(path, suffix) for path in SOURCES if chosen(path.read_text())}
    assert {name for name in MODULES if name.endswith(suffix) and ".thirdparty." not in name} == expected


@pytest.mark.parametrize("name", MODULES)
def test_every_generated_module_can_be_imported(name: str) -> None:
    assert importlib.import_module(name).__name__ == name
