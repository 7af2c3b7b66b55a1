"""Loads into a table that many executions share."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sync.errors import SyncError
from sync.snowflake.load import FileLoad
from sync.snowflake.load.shared_table import load_shared, make_fit
from sync.snowflake.statements import marker
from sync.snowflake.types import ColumnType, Kind, holds, parse_declared
from tests.conftest import Snowflake
from tests.snowflake.loading import Loading, Row

MARK = marker("shared", "T", 7)
COLUMNS = "A NUMBER(38,0), _EXECUTION_ID VARCHAR"
THEIRS = [(1, "theirs")]
OLD = [(2, "mine"), (3, "mine")]


@pytest.fixture
def loading(snowflake: Snowflake, tmp_path: Path) -> Iterator[Loading]:
    with Loading(snowflake, tmp_path) as found:
        found.warm()
        yield found


@pytest.fixture
def filled(loading: Loading) -> Loading:
    """The shared table has another execution's rows, and earlier ones of ours."""
    share(loading, of(loading, THEIRS), ["theirs"], shape_known=False)
    share(loading, of(loading, OLD), ["mine"])
    loading.snowflake.server.reset_log()
    return loading


def of(loading: Loading, rows: Sequence[Row], columns: str = COLUMNS) -> FileLoad:
    return loading.load(rows, columns, mark=MARK)


def share(
    loading: Loading,
    load: FileLoad,
    ids: Sequence[str] = ("mine",),
    *,
    shape_known: bool = True,
    earlier: Sequence[str] | None = None,
) -> int:
    """How many statements it took."""
    earlier = ids if earlier is None else earlier
    with loading.pool.session(loading.destination) as session:
        load_shared(session, load, ids, earlier=earlier, shape_known=shape_known)
        return session.statements


def test_the_first_makes_the_table(loading: Loading) -> None:
    sent = share(loading, of(loading, OLD), shape_known=False)

    assert loading.verbs() == ["CREATE TABLE", "PUT", "COPY"]
    assert sent == 3
    assert loading.rows() == OLD
    assert loading.staged() == []


def test_the_first_bears_columns_that_another_adds_meanwhile(loading: Loading) -> None:
    load = of(loading, OLD)
    with loading.pool.session(loading.destination) as session:
        assert make_fit(session, load)
    loading.snowflake.rows("ALTER TABLE T ADD COLUMN B VARCHAR")
    share(loading, load, earlier=[])

    assert loading.rows() == [(*row, None) for row in OLD]


def test_five_statements_replace_a_batch(filled: Loading) -> None:
    sent = share(filled, of(filled, [(8, "mine"), (9, "new")]), ["mine", "new"])

    assert filled.verbs() == ["PUT", "BEGIN", "DELETE", "COPY", "COMMIT"]
    assert sent == 5
    assert filled.rows() == [*THEIRS, (8, "mine"), (9, "new")]


def test_two_statements_add_a_batch_that_was_never_there(filled: Loading) -> None:
    sent = share(filled, of(filled, [(8, "new"), (9, "newer")]), ["new", "newer"], earlier=[])

    assert filled.verbs() == ["PUT", "COPY"]
    assert sent == 2
    assert filled.rows() == [*THEIRS, *OLD, (8, "new"), (9, "newer")]
    assert filled.staged() == []


def test_only_what_may_be_there_is_deleted(filled: Loading) -> None:
    share(filled, of(filled, [(8, "mine"), (9, "new")]), ["mine", "new"], earlier=["mine"])

    (delete,) = (s.sql for s in filled.snowflake.statements("DELETE FROM"))
    assert delete.endswith("IN ('mine')")
    assert filled.rows() == [*THEIRS, (8, "mine"), (9, "new")]


def test_nothing_is_sent_for_no_rows_of_what_was_never_there(filled: Loading) -> None:
    assert share(filled, of(filled, []), ["new"], earlier=[]) == 0
    assert filled.verbs() == []


def test_what_was_added_and_cannot_be_verified_is_taken_away(filled: Loading) -> None:
    load = filled.load([(8, "new")], COLUMNS, mark=MARK, claims=2)

    with pytest.raises(SyncError) as caught:
        share(filled, load, ["new"], earlier=[])

    assert caught.value.code == "load_not_verified"
    assert filled.rows() == [*THEIRS, *OLD]


def test_the_same_again_doubles_nothing(filled: Loading) -> None:
    for _ in range(3):
        share(filled, of(filled, OLD))

    assert filled.rows() == [*THEIRS, *OLD]


def test_no_rows_only_delete(filled: Loading) -> None:
    sent = share(filled, of(filled, []))

    assert filled.verbs() == ["DELETE"]
    assert sent == 1
    assert filled.rows() == THEIRS


@pytest.mark.parametrize("statement", ["^PUT", "^BEGIN", "^DELETE", "^COPY", "^COMMIT"])
def test_what_fails_leaves_the_old_rows(filled: Loading, statement: str) -> None:
    cancelled = {"code": "000604", "sqlstate": "57014", "message": "SQL execution canceled"}
    filled.snowflake.server.inject(statement, "error", **cancelled)

    with pytest.raises(SyncError) as caught:
        share(filled, of(filled, [(8, "mine")]))

    assert caught.value.code == "statement_cancelled"
    assert filled.rows() == [*THEIRS, *OLD]
    assert filled.staged() == []
    share(filled, of(filled, [(8, "mine")]))
    assert filled.rows() == [*THEIRS, (8, "mine")]


def test_a_refused_value_is_rolled_back(filled: Loading) -> None:
    with pytest.raises(SyncError) as caught:
        share(filled, of(filled, [("x", "mine")]))

    assert caught.value.code == "load_rejected"
    assert filled.verbs() == ["PUT", "BEGIN", "DELETE", "COPY", "ROLLBACK", "REMOVE"]
    assert filled.rows() == [*THEIRS, *OLD]


def test_too_few_rows_are_rolled_back(filled: Loading) -> None:
    load = filled.load(OLD, COLUMNS, mark=MARK, claims=3)

    with pytest.raises(SyncError) as caught:
        share(filled, load)

    assert caught.value.code == "load_not_verified"
    assert filled.rows() == [*THEIRS, *OLD]


@pytest.mark.parametrize("statement", ["^DELETE", "^COPY", "^COMMIT"])
def test_a_session_lost_on_the_way_is_not_used_again(filled: Loading, statement: str) -> None:
    gone = {"code": "390111", "sqlstate": "08001", "message": "Session no longer exists."}
    filled.snowflake.server.inject(statement, "error", **gone)

    with pytest.raises(SyncError) as caught:
        share(filled, of(filled, [(8, "mine")]))
    assert caught.value.code == "session_lost"

    share(filled, of(filled, [(8, "mine")]))
    assert filled.rows() == [*THEIRS, (8, "mine")]
    assert len(filled.snowflake.server.logins()) >= 1


def test_a_new_column_is_added_outside_the_transaction(filled: Loading) -> None:
    wider = of(filled, [(8, "mine", "x")], f"{COLUMNS}, B VARCHAR")

    share(filled, wider, shape_known=False)

    assert filled.verbs() == [
        "CREATE TABLE",
        "SHOW",
        "SELECT",
        "ALTER TABLE",
        *["PUT", "BEGIN", "DELETE", "COPY", "COMMIT"],
    ]
    assert filled.rows() == [(1, "theirs", None), (8, "mine", "x")]


@pytest.mark.parametrize("change", ["DROP TABLE T", "ALTER TABLE T DROP COLUMN A"])
def test_a_shape_that_is_no_longer_so_is_found_out(filled: Loading, change: str) -> None:
    filled.snowflake.rows(change)

    share(filled, of(filled, [(8, "mine")]))

    assert filled.snowflake.rows("SELECT A, _EXECUTION_ID FROM T WHERE A IS NOT NULL") == [(8, "mine")]
    assert filled.staged() == []


def test_a_column_that_cannot_hold_the_values_is_a_conflict(filled: Loading) -> None:
    with pytest.raises(SyncError) as caught:
        share(filled, of(filled, [(1.5, "mine")], "A FLOAT, _EXECUTION_ID VARCHAR"), shape_known=False)

    assert caught.value.code == "table_conflict"
    assert "The column A of" in str(caught.value)
    assert "FLOAT" in str(caught.value)
    assert filled.rows() == [*THEIRS, *OLD]


@pytest.mark.parametrize("comment", ["", marker("shared", "T", 8), marker("execution", "e-1", 7)])
def test_somebody_elses_table_is_left_alone(loading: Loading, comment: str) -> None:
    loading.snowflake.rows(f"CREATE TABLE T (A NUMBER, _EXECUTION_ID VARCHAR) COMMENT = '{comment}'")

    with pytest.raises(SyncError) as caught:
        share(loading, of(loading, OLD), shape_known=False)

    assert caught.value.code == "table_not_ours"
    assert loading.verbs() == ["CREATE TABLE", "SHOW"]
    assert loading.rows() == []


@pytest.mark.parametrize(
    ("there", "wanted", "fits"),
    [
        ("VARCHAR", "VARCHAR", True),
        ("VARCHAR", "NUMBER(38,0)", True),
        ("VARCHAR", "VARIANT", False),
        ("NUMBER(38,0)", "NUMBER(38,0)", True),
        ("NUMBER(38,0)", "NUMBER(10,0)", True),
        ("NUMBER(10,0)", "NUMBER(38,0)", False),
        ("NUMBER(12,2)", "NUMBER(10,2)", True),
        ("NUMBER(12,2)", "NUMBER(12,3)", False),
        ("NUMBER(12,4)", "NUMBER(12,2)", False),
        ("FLOAT", "NUMBER(38,0)", False),
        ("TIMESTAMP_NTZ", "TIMESTAMP_TZ", False),
        ("VARIANT", "VARIANT", True),
        ("VARIANT", "VARCHAR", False),
        ("BOOLEAN", "DATE", False),
    ],
)
def test_which_types_hold_which(there: str, wanted: str, fits: bool) -> None:
    assert holds(parse_declared(there), parse_declared(wanted)) is fits
    assert holds(ColumnType(Kind.TEXT), ColumnType(Kind.DATE))
