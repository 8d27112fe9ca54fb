"""What may change places in a transaction, and what may not."""

from shared.eventlog.ports import Statement
from shared.eventlog.postgres_batch import Writes

INSERT = "INSERT INTO list (id) VALUES (:id)"
MOVE = "UPDATE list SET x = :x WHERE id = :id"
OTHER = "INSERT INTO access (id) VALUES (:id)"


def order(*statements: Statement) -> list[tuple[str, int]]:
    """Statements as they would be run: text and how many at once."""
    writes = Writes()
    for statement in statements:
        writes.run(statement)
    return [(group.sql, len(group.values)) for group in writes.groups]


def test_equal_statements_join_past_other_tables() -> None:
    found = order(Statement(INSERT), Statement(OTHER), Statement(INSERT), Statement(OTHER))
    assert found == [(INSERT, 2), (OTHER, 2)]


def test_on_one_table_the_order_is_kept() -> None:
    found = order(Statement(INSERT), Statement(MOVE), Statement(INSERT), Statement(MOVE))
    assert found == [(INSERT, 1), (MOVE, 1), (INSERT, 1), (MOVE, 1)]


def test_statements_on_different_rows_join() -> None:
    rows = [(INSERT, "a"), (MOVE, "a"), (INSERT, "b"), (MOVE, "b")]
    assert order(*(Statement(sql, {}, row) for sql, row in rows)) == [(INSERT, 2), (MOVE, 2)]


def test_a_row_that_was_moved_is_not_moved_past() -> None:
    rows = [(INSERT, "a"), (MOVE, "a"), (INSERT, "a")]
    assert [sql for sql, _ in order(*(Statement(sql, {}, row) for sql, row in rows))] == [
        INSERT,
        MOVE,
        INSERT,
    ]


def test_a_statement_that_says_nothing_of_its_row_stays_where_it_is() -> None:
    found = order(Statement(INSERT, {}, "a"), Statement(MOVE), Statement(INSERT, {}, "b"))
    assert found == [(INSERT, 1), (MOVE, 1), (INSERT, 1)]
