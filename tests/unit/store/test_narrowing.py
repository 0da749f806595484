"""Which runs a statement can be about: never fewer than it is about."""

import duckdb
import pytest

from sparring.store.narrowing import Narrowing


def runs(sql: str, table: str = "steps") -> set[str] | None:
    with duckdb.connect(":memory:") as connection:
        found = Narrowing(connection, sql, "newest-1").runs(table)
    return None if found is None else set(found)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM steps WHERE run = 'a'", {"a"}),
        ("SELECT * FROM Steps WHERE 'a' = RUN AND step > 3", {"a"}),
        ("SELECT * FROM steps s WHERE s.run = 'a'", {"a"}),
        ("SELECT * FROM steps WHERE run IN ('a', 'b') AND phase = 0", {"a", "b"}),
        ("SELECT * FROM steps WHERE run IN ('a', 'b') AND run = 'b'", {"b"}),
        ("SELECT * FROM steps WHERE run = latest()", {"newest-1"}),
        ("SELECT * FROM steps JOIN episodes USING (run, episode) WHERE run = 'a'", {"a"}),
        ("SELECT * FROM episodes e LEFT JOIN steps s ON s.episode = e.episode WHERE s.run = 'a'", {"a"}),
        ("WITH mine AS (SELECT * FROM steps WHERE run = 'a') SELECT * FROM mine", {"a"}),
        ("SELECT * FROM steps WHERE run = 'a' UNION ALL SELECT * FROM steps WHERE run = 'b'", {"a", "b"}),
        ("SELECT (SELECT max(step) FROM steps WHERE run = 'a') AS most", {"a"}),
        ("SELECT 1", set()),
    ],
)
def test_conditions_that_fix_the_run_are_found(sql: str, expected: set[str]) -> None:
    assert runs(sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM steps",
        "SELECT * FROM steps WHERE run = 'a' OR step = 3",
        "SELECT * FROM steps WHERE NOT run = 'a'",
        "SELECT * FROM steps WHERE run <> 'a'",
        "SELECT * FROM steps WHERE run NOT IN ('a')",
        "SELECT * FROM steps WHERE run LIKE 'a%'",
        "SELECT * FROM steps WHERE run = (SELECT max(run) FROM runs)",
        "SELECT * FROM steps WHERE upper(run) = 'A'",
        "SELECT * FROM steps WHERE run = latest() || ''",
        "SELECT * FROM steps, runs r WHERE r.run = 'a'",
        "SELECT * FROM steps a JOIN steps b USING (step) WHERE a.run = 'a'",
        "SELECT * FROM episodes e ANTI JOIN steps s ON s.episode = e.episode WHERE run = 'a'",
        "SELECT * FROM episodes e FULL JOIN steps s USING (run) WHERE run = 'a'",
        "SELECT * FROM steps WHERE run = 'a' UNION ALL SELECT * FROM steps",
        "SELECT * FROM runs r WHERE EXISTS (SELECT 1 FROM steps WHERE run = r.run)",
        "SELECT * FROM (PIVOT steps ON mode USING count(*)) WHERE run = 'a'",
        "SELECT count(*) FILTER (WHERE run = 'a') FROM steps",
        "DESCRIBE steps",
        "SUMMARIZE steps",
        "EXPLAIN SELECT * FROM steps WHERE run = 'a'",
        "SELEC",
    ],
)
def test_everything_else_may_be_about_any_run(sql: str) -> None:
    assert runs(sql) is None


def test_tables_are_told_apart() -> None:
    sql = "SELECT * FROM steps s JOIN episodes e ON s.episode = e.episode WHERE s.run = 'a'"
    assert (runs(sql, "steps"), runs(sql, "episodes"), runs(sql, "phases")) == ({"a"}, None, set())


def test_a_column_is_not_taken_for_a_table() -> None:
    with duckdb.connect(":memory:") as connection:
        asked = Narrowing(connection, "SELECT steps FROM episodes", None)
        assert (asked.names("steps"), asked.names("episodes")) == (False, True)
        explained = Narrowing(connection, "EXPLAIN SELECT * FROM steps", None)
        assert (explained.names("steps"), explained.names("phases")) == (True, False)
