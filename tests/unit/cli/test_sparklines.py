"""Curves as lines of text."""

import io
import math

from rich.console import Console

from sparring.cli.plotting.sparkline import BLOCKS, means_of_parts, sparkline
from sparring.cli.plotting.sparklines import shortened, sparklines
from tests.unit.cli.samples import console, printed
from tests.unit.cli.test_curves import curves, episode

RISING = [episode(number, float(number), keeper=float(number), attacker=-float(number)) for number in range(8)]
TESTED = [episode(number, 7.0, phase=1, mode="test", keeper=7.0, attacker=-7.0) for number in range(2)]


def lines(width: int, *, encoding: str = "utf-8") -> list[list[str]]:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    shown = Console(file=out, width=width, color_system=None)
    shown.print(sparklines(curves(*RISING, *TESTED), shown))
    out.seek(0)
    return [line.split("  ") for line in out.read().splitlines()]


def test_low_is_low_and_high_is_high() -> None:
    assert sparkline([0.0, 7.0, 3.5], 0.0, 7.0) == "▁█▅"
    assert sparkline([2.0, 2.0], 2.0, 2.0) == "▅▅"
    assert sparkline([math.nan, 1.0], 0.0, 1.0, "_#") == " #"


def test_many_values_become_means_of_parts() -> None:
    assert means_of_parts([1.0, 3.0, 5.0, 7.0], 2) == [2.0, 6.0]
    assert means_of_parts([1.0, math.nan], 32)[0] == 1.0
    assert len(means_of_parts([0.0] * 1000, 32)) == 32
    assert means_of_parts([], 32) == []


def test_all_phases_of_a_quantity_share_a_scale() -> None:
    shown = [[cell.strip() for cell in line if cell.strip()] for line in lines(120)]
    assert shown == [
        ["return", "phase-0", BLOCKS, "2 to 5, mean 3.5"],
        ["phase-1", "██", "7 to 7, mean 7"],
        ["objective of attacker", "phase-0", BLOCKS[::-1], "-2 to -5, mean -3.5"],
        ["phase-1", "▁▁", "-7 to -7, mean -7"],
    ]


def test_a_narrow_terminal_that_knows_ascii_only_is_served_as_well() -> None:
    shown = lines(80, encoding="ascii")
    assert "_.-=+*%#" in shown[0]
    assert max(len("  ".join(line)) for line in shown) <= 80
    assert "~" in shown[2][0]


def test_names_keep_their_beginning_and_their_end() -> None:
    assert shortened("attacker", 8) == "attacker"
    assert shortened("attacker-of-the-north", 10) == "attac…orth"


def test_what_has_no_number_has_no_line() -> None:
    out = console(width=120)
    out.print(sparklines(curves(episode(0, math.nan)), out))
    assert printed(out).strip() == ""
