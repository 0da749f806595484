"""Author classes are found in modules that may be imported, and nowhere else."""

import pytest

from sparring.host.plugin_modules import allowed, announced
from sparring.host.plugins import Plugins
from sparring.types.errors import AuthorError, NotFoundError
from tests.unit.host.plugin.tanks import Tank

HERE = "tests.unit.host.plugin"


def test_a_class_of_an_allowed_module_or_below_it_is_found() -> None:
    assert Plugins((f"{HERE}.tanks",))(f"{HERE}.tanks:Tank") is Tank
    assert Plugins((HERE,))(f"{HERE}.tanks:Tank") is Tank


@pytest.mark.parametrize("name", ["os:system", f"{HERE}s:Tank", "tests:x", "Tank", "", f"{HERE}.tanks"])
def test_what_is_not_allowed_is_not_even_imported(name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        Plugins((HERE,), "environment", "ENVIRONMENT_UNKNOWN")(name)
    assert caught.value.reason == "ENVIRONMENT_UNKNOWN"
    assert caught.value.metadata == {"component": name, "offered": HERE}


def test_a_misspelt_class_gets_a_suggestion() -> None:
    with pytest.raises(NotFoundError) as caught:
        Plugins((HERE,))(f"{HERE}.tanks:Tonk")
    assert caught.value.reason == "COMPONENT_UNKNOWN"
    assert "Did you mean 'Tank'?" in caught.value.message


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFoundError) as caught:
        Plugins((HERE,))(f"{HERE}.boats:Boat")
    assert f"There is no module '{HERE}.boats'" in caught.value.message


@pytest.mark.parametrize(
    ("module", "problem"), [("raising", "ValueError: not today"), ("lacking", "No module named 'no_such_package'")]
)
def test_a_module_that_cannot_be_imported_says_why(module: str, problem: str) -> None:
    with pytest.raises(AuthorError) as caught:
        Plugins((HERE,))(f"{HERE}.{module}:Tank")
    assert caught.value.reason == "IMPORT_FAILED"
    assert problem in caught.value.message


def test_a_package_announces_what_is_in_it_and_what_cannot_be_imported() -> None:
    def role(kind: type) -> str | None:
        return "tank" if issubclass(kind, Tank) else None

    found, problems = announced((HERE, "no_such_module"), role)
    assert found == [(f"{HERE}.tanks:Tank", "tank"), (f"{HERE}.tanks:BigTank", "tank")]
    assert problems == {
        f"{HERE}.lacking": "ModuleNotFoundError: No module named 'no_such_package'",
        f"{HERE}.raising": "ValueError: not today",
        "no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
    }


def test_each_module_is_allowed_once() -> None:
    assert allowed(("a", "b", "a"))[:2] == ("a", "b")
