"""Loads in a named transaction: what they send, and what becomes of it when the transaction is ended by others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
import zstandard

from sync.errors import SyncError
from sync.snowflake.load.own_table import load_again
from sync.snowflake.load.shared_table import load_shared
from sync.snowflake.load.stage import FileLoad
from sync.snowflake.load.transactions import end_transaction, transaction_name
from sync.snowflake.session import Answer, Session
from sync.snowflake.statements import marker
from tests.snowflake.loading import NEW, OLD, Loading, Row, failing, first

SHARED = marker("shared", "T", 7)
SHARED_COLUMNS = "_EXECUTION_ID VARCHAR, B VARCHAR"
NAME = "USS_1"


class LostError(Exception):
    """What a guard raises that knows the lease to be lost."""


def fenced(loading: Loading, load: FileLoad, name: str = NAME) -> FileLoad:
    """The same load, in a transaction of this name."""

    @contextmanager
    def transaction() -> Iterator[Session]:
        with loading.pool.fenced_session(loading.destination) as session, session.transaction(name):
            yield session

    return replace(load, fenced=transaction)


def again(loading: Loading, load: FileLoad, *, same_columns: bool = True) -> None:
    with loading.pool.session(loading.destination) as session:
        load_again(session, load, lacking=[] if same_columns else None)


def shared(loading: Loading, load: FileLoad, ids: Sequence[str], earlier: Sequence[str]) -> None:
    with loading.pool.session(loading.destination) as session:
        load_shared(session, load, ids, earlier=earlier, shape_known=True)


def test_a_first_load_makes_the_table_before_it_begins(loading: Loading) -> None:
    first(loading, fenced(loading, loading.load(OLD)))
    assert loading.verbs() == ["CREATE TABLE", "PUT", "BEGIN", "COPY", "COMMIT"]
    assert loading.snowflake.statements("BEGIN")[0].sql == f"BEGIN NAME {NAME}"
    assert loading.rows() == OLD
    assert loading.staged() == []


def test_another_load_replaces_the_rows_in_the_table(loading: Loading) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.server.reset_log()
    again(loading, fenced(loading, loading.load(NEW)))
    assert loading.verbs() == ["PUT", "BEGIN", "DELETE", "COPY", "COMMIT"]
    assert loading.rows() == NEW
    assert loading.staged() == []


def test_a_load_with_other_columns_puts_a_clone_in_place(loading: Loading) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.server.reset_log()
    load = loading.load([("x",)], "C VARCHAR")
    again(loading, fenced(loading, load), same_columns=False)
    assert loading.verbs() == [
        "SHOW",
        "CREATE TABLE",
        "PUT",
        "BEGIN",
        "COPY",
        "COMMIT",
        "CREATE OR REPLACE",
        "ALTER TABLE",
        "DROP",
    ]
    assert loading.rows() == [("x",)]
    assert [row[1] for row in loading.snowflake.rows("SHOW TABLES")] == ["T"]
    assert loading.snowflake.rows("SELECT COMMENT FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'") == [
        (load.comment,)
    ]
    assert loading.staged() == []


def test_a_table_that_is_not_what_it_was_is_made_anew(loading: Loading) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.rows('DROP TABLE "T"')
    again(loading, fenced(loading, loading.load(NEW)))
    assert loading.rows() == NEW


def test_one_that_somebody_has_made_meanwhile_is_not_ours(loading: Loading) -> None:
    first(loading, loading.load(OLD))
    loading.snowflake.rows('DROP TABLE "T"')
    exists = {"code": "002002", "sqlstate": "42710", "message": "SQL compilation error:\nObject 'T' already exists."}
    loading.snowflake.server.inject("CLONE", "error", **exists)
    load = fenced(loading, loading.load(NEW))
    assert failing(lambda: again(loading, load, same_columns=False)).code == "table_not_ours"


def test_who_has_lost_the_lease_leaves_no_file(loading: Loading) -> None:
    first(loading, loading.load(OLD))

    @contextmanager
    def lost() -> Iterator[Session]:
        raise LostError
        yield

    with pytest.raises(LostError):
        again(loading, replace(loading.load(NEW), fenced=lost))
    assert loading.staged() == []


@pytest.mark.parametrize("earlier", [[], ["e-1"]])
def test_a_shared_table_takes_rows_in_one_transaction(loading: Loading, earlier: list[str]) -> None:
    first(loading, loading.load([("e-1", "old"), ("e-2", "kept")], SHARED_COLUMNS, mark=SHARED))
    loading.snowflake.server.reset_log()
    load = loading.load([("e-3", "new")] if not earlier else [("e-1", "new")], SHARED_COLUMNS, mark=SHARED)
    shared(loading, fenced(loading, load), earlier or ["e-3"], earlier)
    verbs = ["PUT", "BEGIN", "DELETE", "COPY", "COMMIT"]
    assert loading.verbs() == (verbs if earlier else [verb for verb in verbs if verb != "DELETE"])
    expected: list[Row] = [("e-1", "new"), ("e-2", "kept")]
    assert loading.rows() == (expected if earlier else [("e-1", "old"), ("e-2", "kept"), ("e-3", "new")])


def test_rows_that_cannot_be_verified_are_rolled_back(loading: Loading) -> None:
    first(loading, loading.load([("e-1", "old")], SHARED_COLUMNS, mark=SHARED))
    load = loading.load([("e-2", "new")], SHARED_COLUMNS, mark=SHARED, claims=2)
    assert failing(lambda: shared(loading, fenced(loading, load), ["e-2"], [])).code == "load_not_verified"
    assert loading.rows() == [("e-1", "old")]


@pytest.mark.parametrize("step", ["^COPY", "^DELETE", "^COMMIT"])
def test_what_was_ended_by_others_never_lands(loading: Loading, step: str) -> None:
    """Between any two statements: what is still sent takes effect in nobody's transaction, and is never committed."""
    first(loading, loading.load(OLD))
    load = fenced(loading, loading.load(NEW))
    other = loading.pool.session(loading.destination)

    @contextmanager
    def ended_meanwhile() -> Iterator[Session]:
        assert load.fenced
        with load.fenced() as session:
            execute = session.execute

            def then_end(sql: str, doing: str, *, loads: bool = False) -> object:
                if sql.startswith(step[1:]):
                    with other as ending:
                        end_transaction(ending, NAME)
                    # As a worker that was frozen here is told by its clock when it goes on, before the statement after.
                    execute(sql, doing, loads=loads)
                    raise LostError
                return execute(sql, doing, loads=loads)

            session.execute = then_end  # type: ignore[method-assign, assignment]
            yield session

    with pytest.raises(LostError):
        again(loading, replace(load, fenced=ended_meanwhile))
    assert loading.rows() == OLD
    assert not [found for found in loading.snowflake.server.sessions() if found.in_transaction]


def test_several_files_are_one_load(loading: Loading) -> None:
    load = loading.load(OLD)
    other = load.path.with_name("more.csv.zst")
    other.write_bytes(zstandard.compress(b'"3","new"\n'))
    first(loading, replace(load, further=(other,), rows=3, staged_name="several"))
    assert loading.verbs() == ["CREATE TABLE", "PUT", "PUT", "COPY"]
    assert loading.rows() == OLD + NEW
    assert loading.staged() == []


def test_a_file_that_is_missing_is_noticed(loading: Loading) -> None:
    load = loading.load(OLD)
    other = load.path.with_name("more.csv.zst")
    other.write_bytes(zstandard.compress(b""))
    missing = replace(load, further=(other, other), staged_name="missing")
    assert failing(lambda: first(loading, missing)).code == "load_not_verified"


def test_an_end_is_seen_or_said_not_to_be(loading: Loading) -> None:
    name = transaction_name("20260101T000000_ab")
    assert name == "USS_20260101T000000_AB"
    with loading.pool.fenced_session(loading.destination) as session, loading.pool.session(loading.destination) as mine:
        session.execute(f"BEGIN NAME {name}", "begin")
        end_transaction(mine, name)
        end_transaction(mine, name)  # nothing is there any more
        session.execute(f"BEGIN NAME {name}", "begin")
        loading.snowflake.server.inject("ABORT_TRANSACTION", "error", code="003001", sqlstate="42501", message="No.")
        with pytest.raises(SyncError) as caught:
            end_transaction(mine, name)
    assert caught.value.code == "load_unsettled"


@pytest.mark.parametrize("state", ["rolling back", "committing"])
def test_what_is_still_ending_has_not_ended(loading: Loading, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    """The local Snowflake ends a transaction at once, so its answer is changed on the way."""
    with loading.pool.fenced_session(loading.destination) as session, loading.pool.session(loading.destination) as mine:
        session.execute(f"BEGIN NAME {NAME}", "begin")
        execute = mine.execute

        def still_ending(sql: str, doing: str) -> Answer:
            answer = execute(sql, doing)
            if not sql.startswith("DESCRIBE"):
                return answer
            return replace(answer, rows=tuple(row | {"state": state, "ended_on": None} for row in answer.rows))

        monkeypatch.setattr(mine, "execute", still_ending)
        with pytest.raises(SyncError) as caught:
            end_transaction(mine, NAME)
    assert caught.value.code == "load_unsettled"
