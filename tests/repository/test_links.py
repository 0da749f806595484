"""Links in the documentation lead somewhere, and every page can be found from its first one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
START = DOCS / "README.md"
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z]+:")
_UNSAID = re.compile(r"[^\w\- ]")


def pages() -> list[Path]:
    """Return all pages that people read: those in docs, and those at the top of each part."""
    tops = [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("examples/*/README.md")]
    return sorted({*DOCS.rglob("*.md"), *(page for page in tops if "node_modules" not in page.parts)})


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Return what a page links to in this repository, each with the heading that is meant, if any."""
    text = _CODE.sub("", _FENCED.sub("", page.read_text()))
    for link in _LINK.findall(text):
        if not _ELSEWHERE.match(link):
            target, _, heading = link.partition("#")
            yield ((page.parent / target).resolve() if target else page), heading


def headings(page: Path) -> set[str]:
    """Return the headings of a page as links name them."""
    found = _HEADING.findall(_FENCED.sub("", page.read_text()))
    return {_UNSAID.sub("", heading.lower()).replace(" ", "-") for heading in found}


def test_every_link_leads_to_something_that_is_there() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}#{heading}"
        for page in pages()
        for target, heading in links(page)
        if not target.exists() or (heading and heading not in headings(target))
    ]
    assert not broken


def test_every_page_of_the_documentation_can_be_reached_from_its_first() -> None:
    reached: set[Path] = set()
    waiting = [START]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for target, _ in links(page):
            if target.is_dir():  # a folder lists its pages by itself
                waiting += target.glob("*.md")
            elif target.suffix == ".md" and target.is_relative_to(DOCS):
                waiting.append(target)
    lost = sorted(str(page.relative_to(DOCS)) for page in set(DOCS.rglob("*.md")) - reached)
    assert not lost, "name it in docs/README.md"


def test_a_link_is_found_where_it_is_one(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading, with `code`\n[one](two.md#there) `[no](code)`\n```text\n[no](block)\n```\n[x](https://x)\n"
    )
    assert list(links(page)) == [(tmp_path / "two.md", "there")]
    assert headings(page) == {"a-heading-with-code"}
