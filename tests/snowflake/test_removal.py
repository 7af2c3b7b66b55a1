"""Taking out what was loaded: what is dropped or deleted, and what is left alone."""

from contextlib import nullcontext

import pytest

from sync.errors import SyncError
from sync.snowflake.load import delete_rows, drop_own
from sync.snowflake.load.own_table import load_first
from sync.snowflake.load.shared_table import load_shared
from sync.snowflake.session import Session
from sync.snowflake.statements import marker
from tests.snowflake.loading import Loading
from tests.snowflake.test_shared import COLUMNS, MARK

OWN = marker("execution", "e", 7)
_EXISTS = {"code": "002002", "sqlstate": "42710", "message": "SQL compilation error: Object 'T' already exists."}


@pytest.fixture
def own(loading: Loading) -> Loading:
    """An execution's own table, as it was loaded."""
    with loading.pool.session(loading.destination) as session:
        load_first(session, loading.load([(1, "e")], COLUMNS, mark=OWN))
    loading.snowflake.server.reset_log()
    return loading


@pytest.fixture
def shared(loading: Loading) -> Loading:
    with loading.pool.session(loading.destination) as session:
        load = loading.load([(1, "a"), (2, "a"), (3, "it's"), (4, "kept")], COLUMNS, mark=MARK)
        load_shared(session, load, ["a", "it's", "kept"], earlier=[], shape_known=False)
    loading.snowflake.server.reset_log()
    return loading


def drop(loading: Loading, mark: str = OWN) -> bool:
    with loading.pool.session(loading.destination) as session:
        return drop_own(session, loading.destination.table("T"), mark)


def delete(loading: Loading, *ids: str, mark: str = MARK) -> int:
    def placing() -> nullcontext[Session]:
        return nullcontext(session)

    with loading.pool.session(loading.destination) as session:
        return delete_rows(session, loading.destination.table("T"), mark, ids, placing)


def is_there(loading: Loading) -> bool:
    return bool(loading.snowflake.rows("SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'"))


def test_a_table_of_ours_is_looked_at_and_dropped(own: Loading) -> None:
    assert drop(own)
    assert own.verbs() == ["SHOW", "DROP"]
    assert not is_there(own)


@pytest.mark.parametrize("mark", [marker("execution", "other", 7), marker("execution", "e", 8), ""])
def test_a_table_with_another_marker_is_left_alone(own: Loading, mark: str) -> None:
    with pytest.raises(SyncError) as caught:
        drop(own, mark or OWN + " and more")
    assert caught.value.code == "table_not_ours"
    assert "It is left alone." in caught.value.remedy
    assert own.verbs() == ["SHOW"]
    assert is_there(own)


def test_a_table_that_has_gone_is_gone(own: Loading) -> None:
    own.snowflake.rows("DROP TABLE T")
    assert not drop(own)
    assert own.verbs() == ["SHOW", "CREATE TABLE", "DROP"]
    assert not is_there(own)


def test_a_table_that_is_hidden_is_not_taken_for_gone(own: Loading) -> None:
    """Its role was changed without a right being left to ours: no catalogue shows it, and no name is free."""
    own.snowflake.rows("DROP TABLE T")
    own.snowflake.server.inject("^CREATE TABLE", "error", **_EXISTS)
    with pytest.raises(SyncError) as caught:
        drop(own)
    assert caught.value.code == "table_refused"
    assert "GRANT OWNERSHIP" in caught.value.remedy
    assert own.verbs()[-1] != "DROP"


def test_rows_are_deleted_by_one_statement(shared: Loading) -> None:
    assert delete(shared, "a", "it's", "never there") == 3
    assert shared.verbs() == ["SHOW", "DELETE"]
    assert shared.rows() == [(4, "kept")]


def test_of_a_table_that_has_gone_there_are_none(shared: Loading) -> None:
    shared.snowflake.rows("DROP TABLE T")
    assert delete(shared, "a") == 0
    assert shared.verbs() == ["SHOW", "CREATE TABLE", "DROP"]


def test_a_shared_table_that_is_hidden_is_not_taken_for_gone(shared: Loading) -> None:
    shared.snowflake.rows("DROP TABLE T")
    shared.snowflake.server.inject("^CREATE TABLE", "error", **_EXISTS)
    with pytest.raises(SyncError) as caught:
        delete(shared, "a")
    assert caught.value.code == "table_refused"


def test_rows_of_a_table_that_was_put_in_place_of_ours_stay(shared: Loading) -> None:
    """It has our columns, and our ids; only its comment is another."""
    shared.snowflake.rows("CREATE OR REPLACE TABLE T AS SELECT * FROM T")
    with pytest.raises(SyncError) as caught:
        delete(shared, "a")
    assert caught.value.code == "table_not_ours"
    assert len(shared.rows()) == 4


@pytest.mark.parametrize("theirs", ["TABLE T (X VARCHAR)", "VIEW T AS SELECT 1 AS X"])
def test_somebody_elses_table_is_left_alone(shared: Loading, theirs: str) -> None:
    shared.snowflake.rows("DROP TABLE T")
    shared.snowflake.rows(f"CREATE {theirs}")
    with pytest.raises(SyncError) as caught:
        delete(shared, "a")
    assert caught.value.code == ("table_refused" if theirs.startswith("VIEW") else "table_not_ours")


def test_what_is_refused_of_our_table_is_said(shared: Loading) -> None:
    refused = {"code": "003001", "sqlstate": "42501", "message": "Insufficient privileges to operate on table 'T'"}
    shared.snowflake.server.inject("^DELETE", "error", **refused)
    with pytest.raises(SyncError) as caught:
        delete(shared, "a")
    assert caught.value.code == "table_refused"
    assert "take the result out by hand" in caught.value.remedy
    assert len(shared.rows()) == 4
