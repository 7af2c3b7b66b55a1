"""Loads of an execution's own table: the real connector over HTTP, the local Snowflake behind it."""

import pytest

from sandbox.snowflake.faults import Action
from sync.errors import PermanentError, TransientError, failure
from sync.snowflake.load import own_table
from sync.snowflake.load.own_table import load_again
from sync.snowflake.session import Answer, Session
from sync.snowflake.statements import marker
from tests.snowflake.loading import NEW, OLD, Loading, again, failing, first

GONE = {"code": "002003", "sqlstate": "02000", "message": "Stage 'X' does not exist or not authorized."}


def test_a_first_load_is_three_statements(loading: Loading) -> None:
    load = loading.load(OLD)

    sent = first(loading, load)

    assert loading.verbs() == ["CREATE TABLE", "PUT", "COPY"]
    assert loading.snowflake.server.logins() == []
    assert loading.rows() == OLD
    assert sent == 3
    assert loading.staged() == []


def test_a_first_load_without_rows_is_one_statement(loading: Loading) -> None:
    sent = first(loading, loading.load([]))

    assert loading.verbs() == ["CREATE TABLE"]
    assert loading.rows() == []
    assert sent == 1


def test_a_log_in_is_one_request_and_the_stage_one_statement_a_process(cold: Loading) -> None:
    for table in ("T1", "T2"):
        first(cold, cold.load(OLD, table=table))

    assert len(cold.snowflake.server.logins()) == 1
    assert cold.verbs() == ["CREATE TABLE", "CREATE STAGE", "PUT", "COPY", "CREATE TABLE", "PUT", "COPY"]


def test_what_goes_with_the_log_in(cold: Loading) -> None:
    first(cold, cold.load([]))

    (login,) = cold.snowflake.server.logins()
    assert (login.user, login.authenticator) == ("ann", "SNOWFLAKE")
    assert login.parameters["TIMEZONE"] == "UTC"
    assert login.parameters["AUTOCOMMIT"] == "true"
    assert login.parameters["CLIENT_SESSION_KEEP_ALIVE"] == "false"
    assert {statement.tag for statement in cold.snowflake.statements()} == {'{"app":"universal-snowflake-sync"}'}


def test_the_table_carries_the_marker(loading: Loading) -> None:
    first(loading, loading.load([], mark=marker("execution", "it's \\ ours", 7)))

    comment = loading.snowflake.rows("SELECT COMMENT FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'")
    assert comment == [("universal-snowflake-sync: execution it's \\ ours, destination 7",)]


def test_the_same_columns_again(loading: Loading) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.server.reset_log()

    sent = again(loading, loading.load(NEW))

    assert loading.verbs() == ["CREATE TEMPORARY", "PUT", "COPY", "INSERT OVERWRITE", "DROP"]
    assert sent == 5
    assert loading.rows() == NEW
    assert loading.staged() == []


def test_other_columns_again(loading: Loading) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.server.reset_log()

    again(loading, loading.load([("x", 1)], "C VARCHAR, A FLOAT"), same_columns=False)

    assert loading.verbs() == ["CREATE TEMPORARY", "PUT", "COPY", "SHOW", "CREATE OR REPLACE", "DROP"]
    assert loading.snowflake.rows('SELECT "C", "A" FROM T') == [("x", 1.0)]
    assert load_first_knows_it(loading)


def load_first_knows_it(loading: Loading) -> bool:
    """Whether the table still carries the marker."""
    return first(loading, loading.load(NEW)) > 0


@pytest.mark.parametrize(
    ("same_columns", "verbs"), [(True, ["INSERT OVERWRITE"]), (False, ["SHOW", "CREATE OR REPLACE"])]
)
def test_no_rows_again(loading: Loading, same_columns: bool, verbs: list[str]) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.server.reset_log()

    again(loading, loading.load([]), same_columns=same_columns)

    assert loading.verbs() == verbs
    assert loading.rows() == []


@pytest.mark.parametrize("rows", [[], [(3, "new", "x")]])
def test_more_columns_again_leave_the_table_in_place(loading: Loading, rows: list[tuple[object, ...]]) -> None:
    """Its streams, tags and policies would not outlive another in its place."""
    first(loading, loading.load(OLD))
    loading.snowflake.server.reset_log()
    wider = loading.load(rows, "A NUMBER(38,0), B VARCHAR, C VARCHAR")

    with loading.pool.session(loading.destination) as session:
        load_again(session, wider, lacking=wider.columns[2:])

    assert not [verb for verb in loading.verbs() if verb in {"CREATE OR REPLACE", "CREATE TABLE"}]
    assert loading.snowflake.rows('SELECT "A", "B", "C" FROM T') == rows


@pytest.mark.parametrize("change", ["DROP COLUMN B", "RENAME COLUMN B TO BETTER"])
def test_our_table_that_somebody_changed_is_made_anew(loading: Loading, change: str) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.rows(f"ALTER TABLE T {change}")

    again(loading, loading.load(NEW))

    assert loading.snowflake.rows('SELECT "A", "B" FROM T') == NEW
    again(loading, loading.load(OLD))
    assert loading.rows() == OLD


@pytest.mark.parametrize("rows", [NEW, []])
@pytest.mark.parametrize("same_columns", [True, False])
@pytest.mark.parametrize("theirs", ["CREATE VIEW T AS SELECT 'theirs' AS X", "CREATE TABLE T AS SELECT 'theirs' AS X"])
def test_what_somebody_put_in_its_place_is_left_alone(
    loading: Loading, theirs: str, same_columns: bool, rows: list[tuple[object, ...]]
) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.rows("DROP TABLE T")
    loading.snowflake.rows(theirs)
    error = failing(lambda: again(loading, loading.load(rows), same_columns=same_columns))

    assert error.code == "table_not_ours"
    assert loading.rows() == [("theirs",)]


@pytest.mark.parametrize(
    ("inserted", "deleted", "rowcount", "is_right"),
    [(1, None, 1, True), (1, 2, 3, True), (1, 2, 1, True), (1, 2, 2, False), (3, 0, 3, False), (None, None, 3, False)],
)
def test_the_counts_of_an_overwrite_have_to_add_up(
    loading: Loading, inserted: int | None, deleted: int | None, rowcount: int, is_right: bool
) -> None:
    said = {"number of rows inserted": inserted, "number of rows deleted": deleted}
    row = {name: count for name, count in said.items() if count is not None}

    class Said(Session):
        def execute(self, sql: str, doing: str, **more: object) -> Answer:
            answer = super().execute(sql, doing, **more)  # type: ignore[arg-type]
            return Answer((row,), answer.query_id, rowcount) if sql.startswith("INSERT") else answer

    first(loading, loading.load(OLD))
    session = Said(loading.destination)
    try:
        if is_right:
            load_again(session, loading.load(NEW), lacking=[])
        else:
            assert failing(lambda: load_again(session, loading.load(NEW), lacking=[])).code == "load_not_verified"
    finally:
        session.close()


STEPS = ["CREATE TEMPORARY", "PUT", "COPY INTO", "INSERT OVERWRITE|CREATE OR REPLACE"]


@pytest.mark.parametrize("same_columns", [True, False])
@pytest.mark.parametrize("statement", STEPS)
def test_until_the_one_statement_the_old_rows_are_there(loading: Loading, statement: str, same_columns: bool) -> None:
    first(loading, loading.load(OLD))
    cancelled = {"code": "000604", "sqlstate": "57014", "message": "SQL execution canceled"}
    loading.snowflake.server.inject(statement, "error", **cancelled)

    error = failing(lambda: again(loading, loading.load(NEW), same_columns=same_columns))

    assert error.code == "statement_cancelled"
    assert loading.rows() == OLD
    again(loading, loading.load(NEW), same_columns=same_columns)
    assert loading.rows() == NEW


@pytest.mark.parametrize("statement", STEPS)
def test_the_old_rows_survive_a_lost_connection(loading: Loading, statement: str) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.server.inject(statement, "drop_before", times=None)

    error = failing(lambda: again(loading, loading.load(NEW), loading.hasty))

    assert error.code == "snowflake_unavailable"
    assert loading.rows() == OLD
    loading.snowflake.server.clear_faults()
    again(loading, loading.load(NEW))
    assert loading.rows() == NEW


def test_a_table_that_is_gone_is_made_again(loading: Loading) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.rows("DROP TABLE T")
    loading.snowflake.server.reset_log()

    again(loading, loading.load(NEW))

    assert loading.rows() == NEW
    assert loading.verbs() == ["CREATE TEMPORARY", "PUT", "COPY", "INSERT OVERWRITE", "SHOW", "CREATE TABLE", "DROP"]


@pytest.mark.parametrize("comment", ["", "mine", marker("execution", "e-1", 8), marker("execution", "e-2", 7)])
def test_somebody_elses_table_is_left_alone(loading: Loading, comment: str) -> None:
    loading.snowflake.rows(f"CREATE TABLE T (X VARCHAR) COMMENT = '{comment}'")
    loading.snowflake.rows("INSERT INTO T VALUES ('theirs')")

    error = failing(lambda: first(loading, loading.load(NEW)))

    assert isinstance(error, PermanentError)
    assert error.code == "table_not_ours"
    assert '"PUBLIC"."T" exists in Snowflake' in str(error)
    assert loading.rows() == [("theirs",)]
    assert loading.verbs() == ["CREATE TABLE", "SHOW"]


@pytest.mark.parametrize("statement", ["CREATE TABLE", "PUT", "COPY INTO"])
@pytest.mark.parametrize("action", ["drop_before", "drop_after"])
def test_a_lost_answer_doubles_nothing(loading: Loading, statement: str, action: Action) -> None:
    loading.snowflake.server.inject(statement, action, times=None, sticky=True)

    error = failing(lambda: first(loading, loading.load(OLD), loading.hasty))
    assert isinstance(error, TransientError)
    loading.snowflake.server.clear_faults()
    first(loading, loading.load(OLD))

    assert loading.rows() == OLD


def is_there(loading: Loading) -> bool:
    return bool(loading.snowflake.rows("SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'"))


@pytest.mark.parametrize(
    ("statement", "errno", "code"),
    [("COPY INTO", "100038", "load_rejected"), ("COPY INTO", "000606", "warehouse_missing"), ("PUT", "003001", None)],
)
def test_a_table_that_got_no_rows_does_not_stay(loading: Loading, statement: str, errno: str, code: str | None) -> None:
    loading.snowflake.server.inject(statement, "error", code=errno, sqlstate="", message="No.")

    error = failing(lambda: first(loading, loading.load(OLD)))

    assert error.code == (code or error.code)
    assert not is_there(loading)
    assert loading.verbs()[-2:] == ["SHOW", "DROP"]
    first(loading, loading.load(OLD))
    assert loading.rows() == OLD


def test_a_table_that_was_there_before_stays_without_rows(loading: Loading) -> None:
    first(loading, loading.load([]))
    loading.snowflake.server.inject("COPY INTO", "error", code="100038", sqlstate="22018", message="No.")

    assert failing(lambda: first(loading, loading.load(OLD))).code == "load_rejected"

    assert loading.rows() == []


def test_a_table_that_somebody_put_in_its_place_stays(loading: Loading, monkeypatch: pytest.MonkeyPatch) -> None:
    def replaced(*_: object, **__: object) -> None:
        loading.snowflake.rows("CREATE OR REPLACE TABLE T (X VARCHAR) COMMENT = 'mine'")
        raise failure("load_rejected", "No.")

    monkeypatch.setattr(own_table, "copy", replaced)
    assert failing(lambda: first(loading, loading.load(OLD))).code == "load_rejected"
    assert loading.rows() == []
    assert "DROP" not in loading.verbs()


def test_where_it_is_not_known_what_became_of_the_rows_the_table_stays(loading: Loading) -> None:
    """COPY has loaded them, and its answer says of fewer."""
    assert failing(lambda: first(loading, loading.load(OLD, claims=3))).code == "load_not_verified"

    assert loading.rows() == OLD


def test_a_table_that_cannot_be_taken_back_hides_no_error(loading: Loading) -> None:
    for statement in ("COPY INTO", "^DROP"):
        loading.snowflake.server.inject(statement, "error", code="100038", sqlstate="22018", message="No.")

    assert "load 2 rows" in str(failing(lambda: first(loading, loading.load(OLD))))


def test_an_answer_lost_once_is_asked_for_again_by_the_connector(loading: Loading) -> None:
    loading.snowflake.server.inject("COPY INTO", "drop_after", times=1)

    sent = first(loading, loading.load(OLD))

    assert sent == 3
    assert loading.rows() == OLD
