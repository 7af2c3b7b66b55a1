"""A shared table's column grows from NUMBER(38,0) to NUMBER(38,2): no ALTER of Snowflake's does that."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sync.errors import SyncError, TransientError
from sync.snowflake.load.shared_table import load_shared
from sync.snowflake.session import Answer, Session
from tests.long import first
from tests.snowflake.loading import Loading
from tests.snowflake.test_shared import COLUMNS, MARK, filled, loading, of, share

__all__ = ["filled", "loading"]

WIDER = "A NUMBER(38,2), _EXECUTION_ID VARCHAR"
STEPS = ("ADD COLUMN", "UPDATE", "RENAME COLUMN .A. TO", "RENAME COLUMN .* TO .A.", "DROP COLUMN")


def test_it_keeps_what_is_in_it(filled: Loading) -> None:
    filled.snowflake.rows("INSERT INTO T VALUES (NULL, 'none')")
    share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)

    rows = filled.snowflake.rows('SELECT "A"::TEXT, "_EXECUTION_ID" FROM T ORDER BY 1')
    assert rows == [("1.00", "theirs"), ("1.25", "new"), ("2.00", "mine"), ("3.00", "mine"), (None, "none")]
    assert types(filled) == {("A", 38, 2), ("_EXECUTION_ID", None, None)}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("next_columns", first(1, [WIDER, COLUMNS]))
def test_whoever_comes_next_does_the_rest(filled: Loading, step: str, next_columns: str) -> None:
    """Stopped before a step: by a load that wants the wider type, and by one that would do without."""
    cancelled = {"code": "000604", "sqlstate": "57014", "message": "SQL execution canceled"}
    filled.snowflake.server.inject(step, "error", **cancelled)
    with pytest.raises(SyncError):
        share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)
    filled.snowflake.server.clear_faults()

    share(filled, of(filled, [("7", "new")], next_columns), ["new"])
    share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)

    rows = filled.snowflake.rows('SELECT "A"::TEXT, "_EXECUTION_ID" FROM T ORDER BY 1')
    assert rows == [("1.00", "theirs"), ("1.25", "new"), ("2.00", "mine"), ("3.00", "mine")]
    assert types(filled) == {("A", 38, 2), ("_EXECUTION_ID", None, None)}


def test_what_is_loaded_in_between_is_taken_along(filled: Loading) -> None:
    cancelled = {"code": "000604", "sqlstate": "57014", "message": "SQL execution canceled"}
    filled.snowflake.server.inject("RENAME COLUMN .A. TO", "error", **cancelled)
    with pytest.raises(SyncError):
        share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)
    filled.snowflake.server.clear_faults()
    share(filled, of(filled, [(9, "between")]), ["between"])
    share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)

    assert filled.snowflake.rows("SELECT A::TEXT FROM T WHERE _EXECUTION_ID = 'between'") == [("9.00",)]


@pytest.mark.parametrize("step", ["UPDATE", "RENAME COLUMN .A. TO"])
def test_two_at_once_leave_each_other_the_column_aside(filled: Loading, step: str) -> None:
    """Whoever comes second finds the column renamed, must not drop what the first is about to put in place."""
    gone = {"code": "000904", "sqlstate": "42000", "message": "SQL compilation error: invalid identifier 'A'"}
    filled.snowflake.server.inject(step, "error", **gone)
    with pytest.raises(TransientError):
        share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)
    filled.snowflake.server.clear_faults()
    assert not any("DROP COLUMN" in statement.sql for statement in filled.snowflake.statements())

    share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)
    assert types(filled) == {("A", 38, 2), ("_EXECUTION_ID", None, None)}


def test_a_column_whose_wider_one_is_gone_is_put_back(filled: Loading) -> None:
    cancelled = {"code": "000604", "sqlstate": "57014", "message": "SQL execution canceled"}
    filled.snowflake.server.inject("RENAME COLUMN .* TO .A.", "error", **cancelled)
    with pytest.raises(SyncError):
        share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)
    filled.snowflake.server.clear_faults()
    (wide,) = (name for name, *_ in types(filled) if str(name).startswith("_USS_WIDE"))
    filled.snowflake.rows(f'ALTER TABLE T DROP COLUMN "{wide}"')

    share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)
    rows = filled.snowflake.rows('SELECT "A"::TEXT, "_EXECUTION_ID" FROM T ORDER BY 1')
    assert rows == [("1.00", "theirs"), ("1.25", "new"), ("2.00", "mine"), ("3.00", "mine")]


def test_a_precision_grows_in_place(filled: Loading) -> None:
    filled.snowflake.rows("CREATE OR REPLACE TABLE T (A NUMBER(10,2), _EXECUTION_ID VARCHAR)")
    filled.snowflake.rows(f"COMMENT ON TABLE T IS '{MARK}'")
    filled.snowflake.server.reset_log()
    columns = "A NUMBER(20,2), _EXECUTION_ID VARCHAR"

    share(filled, of(filled, [("1.25", "new")], columns), ["new"], shape_known=False)

    assert filled.verbs()[:4] == ["CREATE TABLE", "SHOW", "SELECT", "ALTER TABLE"]
    assert types(filled) == {("A", 20, 2), ("_EXECUTION_ID", None, None)}


def test_it_does_not_where_that_would_cost_a_digit(filled: Loading) -> None:
    filled.snowflake.rows(f"INSERT INTO T VALUES ({'9' * 38}, 'large')")
    with pytest.raises(SyncError) as caught:
        share(filled, of(filled, [("1.25", "new")], WIDER), ["new"], shape_known=False)

    assert caught.value.code == "table_conflict"
    assert "another name in result_columns" in str(caught.value)
    assert types(filled) == {("A", 38, 0), ("_EXECUTION_ID", None, None)}


def types(loading: Loading) -> set[tuple[object, ...]]:
    return set(
        loading.snowflake.rows(
            "SELECT COLUMN_NAME, NUMERIC_PRECISION, NUMERIC_SCALE FROM INFORMATION_SCHEMA.COLUMNS "
            "WHERE TABLE_NAME = 'T'"
        )
    )


def test_nothing_is_released_where_one_column_cannot_grow(filled: Loading) -> None:
    filled.snowflake.rows("ALTER TABLE T ADD COLUMN B DATE")
    released: list[Sequence[object]] = []
    wanted = of(filled, [("1.25", "new", 1)], f"{WIDER}, B NUMBER(38,0)")
    load = replace(wanted, releases=lambda _session, columns: released.append(columns))

    with pytest.raises(SyncError, match="cannot hold"):
        share(filled, load, ["new"], shape_known=False)

    assert released == []
    assert types(filled) == {("A", 38, 0), ("_EXECUTION_ID", None, None), ("B", None, None)}


def test_it_does_not_where_a_policy_would_be_left_behind(filled: Loading) -> None:
    """The local Snowflake has no policies; DESCRIBE TABLE names a column's masking policy."""

    class Protected(Session):
        def execute(self, sql: str, doing: str, *, loads: bool = False, values: Sequence[str] = ()) -> Answer:
            answer = super().execute(sql, doing, loads=loads, values=values)
            if not sql.startswith("DESCRIBE"):
                return answer
            rows = tuple(row | {"policy name": "P" if row["name"] == "A" else None} for row in answer.rows)
            return Answer(rows, answer.query_id, answer.rowcount)

    session = Protected(filled.destination)
    try:
        with pytest.raises(SyncError) as caught:
            load_shared(session, of(filled, [("1.25", "new")], WIDER), ["new"], earlier=[], shape_known=False)
    finally:
        session.close()

    assert caught.value.code == "table_conflict"
    assert "policy" in str(caught.value)
    assert types(filled) == {("A", 38, 0), ("_EXECUTION_ID", None, None)}
