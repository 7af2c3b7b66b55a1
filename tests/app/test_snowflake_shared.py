"""Loads into a table that many executions share."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sync.errors import SyncError
from sync.snowflake.fitting import holds
from sync.snowflake.load import Load, Loaded
from sync.snowflake.shared import load_shared
from sync.snowflake.statements import marker
from sync.snowflake.types import ColumnType, Kind, from_ddl
from tests.app.snowflake_loading import Loading, Row
from tests.conftest import Snowflake

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


def of(loading: Loading, rows: Sequence[Row], columns: str = COLUMNS) -> Load:
    return loading.load(rows, columns, mark=MARK)


def share(loading: Loading, load: Load, ids: Sequence[str] = ("mine",), *, shape_known: bool = True) -> Loaded:
    with loading.pool.session(loading.destination) as session:
        return load_shared(session, load, ids, shape_known=shape_known)


def test_the_first_makes_the_table(loading: Loading) -> None:
    loaded = share(loading, of(loading, OLD), shape_known=False)

    assert loading.verbs() == ["CREATE TABLE", "PUT", "COPY"]
    assert loaded.statements == 3
    assert loading.rows() == OLD
    assert loading.staged() == []


def test_five_statements_replace_a_batch(filled: Loading) -> None:
    loaded = share(filled, of(filled, [(8, "mine"), (9, "new")]), ["mine", "new"])

    assert filled.verbs() == ["PUT", "BEGIN", "DELETE", "COPY", "COMMIT"]
    assert (loaded.rows, loaded.statements) == (2, 5)
    assert filled.rows() == [*THEIRS, (8, "mine"), (9, "new")]


def test_the_same_again_doubles_nothing(filled: Loading) -> None:
    for _ in range(3):
        share(filled, of(filled, OLD))

    assert filled.rows() == [*THEIRS, *OLD]


def test_no_rows_only_delete(filled: Loading) -> None:
    loaded = share(filled, of(filled, []))

    assert filled.verbs() == ["DELETE"]
    assert loaded.statements == 1
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
        "SELECT",
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


class TestAColumnGrows:
    """From NUMBER(38,0) to NUMBER(38,2): no ALTER of Snowflake's does that."""

    WIDER = "A NUMBER(38,2), _EXECUTION_ID VARCHAR"
    STEPS = ("ADD COLUMN", "UPDATE", "RENAME COLUMN .A. TO", "RENAME COLUMN .* TO .A.", "DROP COLUMN")

    def test_and_keeps_what_is_in_it(self, filled: Loading) -> None:
        filled.snowflake.rows("INSERT INTO T VALUES (NULL, 'none')")
        share(filled, of(filled, [("1.25", "new")], self.WIDER), ["new"], shape_known=False)

        rows = filled.snowflake.rows('SELECT "A"::TEXT, "_EXECUTION_ID" FROM T ORDER BY 1')
        assert rows == [("1.00", "theirs"), ("1.25", "new"), ("2.00", "mine"), ("3.00", "mine"), (None, "none")]
        assert self.columns(filled) == {("A", 38, 2), ("_EXECUTION_ID", None, None)}

    @pytest.mark.parametrize("step", STEPS)
    @pytest.mark.parametrize("next_columns", [WIDER, COLUMNS])
    def test_whoever_comes_next_does_the_rest(self, filled: Loading, step: str, next_columns: str) -> None:
        """Stopped before a step: by a load that wants the wider type, and by one that would do without."""
        cancelled = {"code": "000604", "sqlstate": "57014", "message": "SQL execution canceled"}
        filled.snowflake.server.inject(step, "error", **cancelled)
        with pytest.raises(SyncError):
            share(filled, of(filled, [("1.25", "new")], self.WIDER), ["new"], shape_known=False)
        filled.snowflake.server.clear_faults()

        share(filled, of(filled, [("7", "new")], next_columns), ["new"])
        share(filled, of(filled, [("1.25", "new")], self.WIDER), ["new"], shape_known=False)

        rows = filled.snowflake.rows('SELECT "A"::TEXT, "_EXECUTION_ID" FROM T ORDER BY 1')
        assert rows == [("1.00", "theirs"), ("1.25", "new"), ("2.00", "mine"), ("3.00", "mine")]
        assert self.columns(filled) == {("A", 38, 2), ("_EXECUTION_ID", None, None)}

    def test_what_is_loaded_in_between_is_taken_along(self, filled: Loading) -> None:
        cancelled = {"code": "000604", "sqlstate": "57014", "message": "SQL execution canceled"}
        filled.snowflake.server.inject("RENAME COLUMN .A. TO", "error", **cancelled)
        with pytest.raises(SyncError):
            share(filled, of(filled, [("1.25", "new")], self.WIDER), ["new"], shape_known=False)
        filled.snowflake.server.clear_faults()
        share(filled, of(filled, [(9, "between")]), ["between"])
        share(filled, of(filled, [("1.25", "new")], self.WIDER), ["new"], shape_known=False)

        assert filled.snowflake.rows("SELECT A::TEXT FROM T WHERE _EXECUTION_ID = 'between'") == [("9.00",)]

    def test_in_place_where_its_precision_is_all(self, filled: Loading) -> None:
        filled.snowflake.rows("CREATE OR REPLACE TABLE T (A NUMBER(10,2), _EXECUTION_ID VARCHAR)")
        filled.snowflake.rows(f"COMMENT ON TABLE T IS '{MARK}'")
        filled.snowflake.server.reset_log()
        columns = "A NUMBER(20,2), _EXECUTION_ID VARCHAR"

        share(filled, of(filled, [("1.25", "new")], columns), ["new"], shape_known=False)

        assert filled.verbs()[:4] == ["CREATE TABLE", "SELECT", "SELECT", "ALTER TABLE"]
        assert self.columns(filled) == {("A", 20, 2), ("_EXECUTION_ID", None, None)}

    def test_not_where_that_would_cost_a_digit(self, filled: Loading) -> None:
        filled.snowflake.rows(f"INSERT INTO T VALUES ({'9' * 38}, 'large')")
        with pytest.raises(SyncError) as caught:
            share(filled, of(filled, [("1.25", "new")], self.WIDER), ["new"], shape_known=False)

        assert caught.value.code == "table_conflict"
        assert "another name in result_columns" in str(caught.value)
        assert self.columns(filled) == {("A", 38, 0), ("_EXECUTION_ID", None, None)}

    def columns(self, loading: Loading) -> set[tuple[object, ...]]:
        return set(
            loading.snowflake.rows(
                "SELECT COLUMN_NAME, NUMERIC_PRECISION, NUMERIC_SCALE FROM INFORMATION_SCHEMA.COLUMNS "
                "WHERE TABLE_NAME = 'T'"
            )
        )


@pytest.mark.parametrize("comment", ["", marker("shared", "T", 8), marker("execution", "e-1", 7)])
def test_somebody_elses_table_is_left_alone(loading: Loading, comment: str) -> None:
    loading.snowflake.rows(f"CREATE TABLE T (A NUMBER, _EXECUTION_ID VARCHAR) COMMENT = '{comment}'")

    with pytest.raises(SyncError) as caught:
        share(loading, of(loading, OLD), shape_known=False)

    assert caught.value.code == "table_not_ours"
    assert loading.verbs() == ["CREATE TABLE", "SELECT"]
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
    assert holds(from_ddl(there), from_ddl(wanted)) is fits
    assert holds(ColumnType(Kind.TEXT), ColumnType(Kind.DATE))
