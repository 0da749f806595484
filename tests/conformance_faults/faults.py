"""The table of faults, read from its page."""

import re
from dataclasses import dataclass
from pathlib import Path

ALL = ("resume", "lanes", "time")
_ROW = re.compile(r"^\| `(\w+)`( \*)? \| (\w+) \| (ENV-[A-Z]+-\d) \|", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One row."""

    name: str
    level: str
    rule: str
    elsewhere: bool

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the faulty server declares: no more than its level, so that one fault breaks one rule."""
        return () if self.level == "core" else (self.level,)


def faults() -> list[Fault]:
    """Return all rows."""
    page = Path(__file__).with_name("faults.md").read_text()
    return [Fault(name, level, rule, bool(star)) for name, star, level, rule in _ROW.findall(page)]
