"""Which runs a statement can be about, so that nothing is read of the others. Pure, but for duckdb's parser.

Wherever a table is named, the `WHERE` beside it must fix `run`: to a text, to several (`IN`), or to `latest()`. What
looks any other way may be about any run: a mistake here may cost time, but never a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import duckdb

LATEST_FUNCTION: Final = "latest"
_JOINS: Final = ("INNER", "LEFT")
_REFERENCES: Final = ("REGULAR", "NATURAL", "CROSS")

Runs = frozenset[str]


class Narrowing:
    """Of one statement.

    Args:
        connection: parses it.
        sql: the statement.
        latest: name of the newest run, if there is one.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: str, latest: str | None) -> None:
        self._sql = sql
        self._latest = latest
        self._tree = _parsed(connection, sql)

    def names(self, table: str) -> bool:
        """Whether the statement may mean this table: what it does not mean need not be there."""
        if self._tree is None:
            return re.search(rf"\b{table}\b", self._sql, re.IGNORECASE) is not None
        return any(_is_table(node, table) for node in _nodes(self._tree))

    def runs(self, table: str) -> Runs | None:
        """Return the runs whose rows of a table can matter; None: any."""
        if self._tree is None:
            return None
        named = {id(node) for node in _nodes(self._tree) if _is_table(node, table)}
        found: Runs = frozenset()
        for select in _nodes(self._tree):
            if select.get("type") != "SELECT_NODE":
                continue
            for reference in _joined(select.get("from_table")):
                if not _is_table(reference, table):
                    continue
                wanted = self._wanted(select.get("where_clause"), reference.get("alias") or table)
                if wanted is None:
                    return None
                found |= wanted
                named.discard(id(reference))
        return None if named else found

    def _wanted(self, where: Any, alias: str) -> Runs | None:
        """Return the runs that a condition allows; None: any."""
        found: Runs | None = None
        for condition in _conjuncts(where):
            allowed = self._allowed(condition, alias)
            if allowed is not None:
                found = allowed if found is None else found & allowed
        return found

    def _allowed(self, condition: dict[str, Any], alias: str) -> Runs | None:
        match condition:
            case {"type": "COMPARE_EQUAL", "left": left, "right": right}:
                column, values = (left, [right]) if _is_run(left, alias) else (right, [left])
            case {"type": "COMPARE_IN", "children": [column, *values]}:
                pass
            case _:
                return None
        if not _is_run(column, alias):
            return None
        names = [self._text(value) for value in values]
        return None if None in names else frozenset(name for name in names if name is not None)

    def _text(self, node: dict[str, Any]) -> str | None:
        """Return the text that an expression stands for; None: not known here."""
        match node:
            case {"class": "CONSTANT", "literal": {"kind": "STRING", "text": str(text)}}:
                return text
            case {"class": "CONSTANT", "value": {"type": {"id": "VARCHAR"}, "is_null": False, "value": str(text)}}:
                return text  # as older versions of duckdb write it
            case {"class": "FUNCTION", "function_name": str(name)} if name.lower() == LATEST_FUNCTION:
                return self._latest
        return None


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    try:
        ((text,),) = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
        tree = json.loads(text)
    except (duckdb.Error, ValueError):
        return None
    return None if tree.get("error") else tree


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of a tree."""
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


def _is_table(node: dict[str, Any], table: str) -> bool:
    return node.get("type") == "BASE_TABLE" and str(node.get("table_name", "")).lower() == table


def _joined(reference: Any) -> Iterator[dict[str, Any]]:
    """Yield what is joined such that a condition on its columns decides which of its rows matter."""
    match reference:
        case {"type": "JOIN", "join_type": join, "ref_type": kind, "left": left, "right": right}:
            if join in _JOINS and kind in _REFERENCES:
                yield from _joined(left)
                yield from _joined(right)
        case {"type": "BASE_TABLE"}:
            yield reference


def _conjuncts(where: Any) -> Iterator[dict[str, Any]]:
    match where:
        case {"type": "CONJUNCTION_AND", "children": children}:
            for child in children:
                yield from _conjuncts(child)
        case dict():
            yield where


def _is_run(node: Any, alias: str) -> bool:
    match node:
        case {"class": "COLUMN_REF", "column_names": [name]}:
            return str(name).lower() == "run"
        case {"class": "COLUMN_REF", "column_names": [of, name]}:
            return (str(of).lower(), str(name).lower()) == (alias.lower(), "run")
    return False
