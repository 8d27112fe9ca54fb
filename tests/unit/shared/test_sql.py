"""Named values become numbered ones; tables are found in a statement."""

import pytest

from shared.eventlog.sql import arguments, numbered, tables


def test_every_occurrence_of_a_name_has_its_own_number() -> None:
    sql, names = numbered("UPDATE t SET a = :x, b = :y WHERE c = :x")
    assert sql == "UPDATE t SET a = $1, b = $2 WHERE c = $3"
    assert arguments(names, {"x": 1, "y": 2}) == (1, 2, 1)


def test_a_cast_is_no_name() -> None:
    assert numbered("SELECT :n::bigint, '12:30'") == ("SELECT $1::bigint, '12:30'", ("n",))


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("INSERT INTO a (x) VALUES (:x)", {"a"}),
        ("INSERT INTO a SELECT x FROM b JOIN C ON true", {"a", "b", "c"}),
        ("UPDATE a SET x = (SELECT max(y) FROM b)", {"a", "b"}),
        ("DELETE FROM a WHERE x = :x", {"a"}),
    ],
)
def test_the_tables_a_statement_touches_are_found(sql: str, found: set[str]) -> None:
    assert tables(sql) == found
