"""Loads that Snowflake does not answer as it should, and what is tidied up after them."""

import pytest

from sync.errors import PermanentError
from sync.snowflake.load.own_table import load_first
from sync.snowflake.load.stage import copy, upload
from tests.snowflake.loading import NEW, OLD, Loading, again, failing, first

GONE = {"code": "002003", "sqlstate": "02000", "message": "Stage 'X' does not exist or not authorized."}


@pytest.mark.parametrize("same", [True, False])
def test_rows_that_did_not_arrive_are_an_error(loading: Loading, same: bool) -> None:
    error = failing(lambda: first(loading, loading.load(OLD, claims=3)))
    assert error.code == "load_not_verified"
    assert "rows_loaded" in str(error)

    first(loading, loading.load(OLD))
    error = failing(lambda: again(loading, loading.load(NEW, claims=2), same_columns=same))
    assert error.code == "load_not_verified"
    assert loading.rows() == OLD


def test_a_file_that_snowflake_skips_is_an_error(loading: Loading) -> None:
    load = loading.load(OLD)
    first(loading, load)
    loading.snowflake.rows("DELETE FROM T")

    with loading.pool.session(loading.destination) as session:
        upload(session, load)
        error = failing(lambda: copy(session, load, load.table, whole=True))

    assert error.code == "load_not_verified"
    assert "LOAD_SKIPPED" in str(error)


def test_a_value_that_does_not_fit_is_named(loading: Loading) -> None:
    error = failing(lambda: first(loading, loading.load([(1, "x"), ("hush", "y")])))

    assert isinstance(error, PermanentError)
    assert error.code == "load_rejected"
    assert '100038 (22018): a value was refused, row 2, column "A"' in str(error)
    assert "hush" not in str(error)
    assert '"PUBLIC"."T"' in str(error)
    assert loading.staged() == []


def test_a_failure_to_tidy_up_does_not_hide_the_error(loading: Loading) -> None:
    loading.snowflake.server.inject("^REMOVE", "error", code="003001", sqlstate="42501", message="no")

    error = failing(lambda: first(loading, loading.load([("abc", "y")])))

    assert error.code == "load_rejected"
    assert len(loading.staged()) == 1


@pytest.mark.parametrize(
    ("statement", "verbs"),
    [
        ("^PUT", ["CREATE TABLE", "PUT", "CREATE STAGE", "PUT", "COPY"]),
        ("COPY INTO", ["CREATE TABLE", "PUT", "COPY", "CREATE STAGE", "PUT", "COPY"]),
    ],
)
def test_a_stage_that_is_gone_is_made_again(loading: Loading, statement: str, verbs: list[str]) -> None:
    loading.snowflake.server.inject(statement, "error", **GONE)

    first(loading, loading.load(OLD))

    assert loading.rows() == OLD
    assert loading.verbs() == verbs


def test_but_only_once(loading: Loading) -> None:
    loading.snowflake.server.inject("^PUT", "error", times=None, **GONE)

    error = failing(lambda: first(loading, loading.load(OLD)))

    assert error.code == "table_gone"
    assert loading.verbs() == ["CREATE TABLE", "PUT", "CREATE STAGE", "PUT", "SHOW", "DROP"]


def test_the_guard_is_asked_before_every_statement(loading: Loading) -> None:
    asked: list[int] = []

    with loading.pool.session(loading.destination, lambda: asked.append(1)) as session:
        load_first(session, loading.load(OLD))

    assert len(asked) == 3


def test_a_lost_lease_stops_before_the_next_statement(loading: Loading) -> None:
    asked: list[int] = []

    def guard() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise TimeoutError

    def work() -> None:
        with loading.pool.session(loading.destination, guard) as session:
            load_first(session, loading.load(OLD))

    with pytest.raises(TimeoutError):
        work()
    assert loading.verbs() == ["CREATE TABLE"]
