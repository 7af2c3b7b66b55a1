"""Transactions that another session finds, ends, and sees the end of."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.snowflake import statements
from sync.snowflake.identifiers import qualified
from sync.snowflake.keeping import PERMANENT
from sync.snowflake.load import stage
from sync.snowflake.load.transactions import current_user, end_transaction
from sync.snowflake.session import Session
from tests.live.account import Account
from tests.live.loading import columns_of, prepare


@pytest.fixture
def fenced(account: Account) -> Iterator[Session]:
    """A session that does not commit by itself."""
    with account.session(commits_by_itself=False) as opened:
        yield opened


@pytest.fixture
def name() -> str:
    return statements.PREFIX + secrets.token_hex(8).upper()


def table(account: Account, name: str) -> str:
    full = qualified(account.database, account.schema, name)
    account.ask(f"CREATE TABLE {full} (A NUMBER(38,0))")
    return full


def number_of(session: Session, name: str) -> int:
    rows = session.execute(statements.open_transactions(), "look").rows
    (number,) = (int(row["id"]) for row in rows if row["name"] == name)
    return number


def state_of(session: Session, number: int) -> str:
    (row,) = session.execute(statements.describe_transaction(number), "look").rows
    return str(row["state"])


def test_whose_a_session_is(account: Account, session: Session, fenced: Session, name: str) -> None:
    """SHOW TRANSACTIONS names the user as CURRENT_USER() does."""
    fenced.execute(statements.begin(name), "begin")
    rows = session.execute(statements.open_transactions(), "look").rows
    assert [row["user"] for row in rows if row["name"] == name] == [current_user(session)]


def test_a_transaction_is_found_by_its_name(account: Account, session: Session, fenced: Session, name: str) -> None:
    """Another session of the user sees a transaction by its name as soon as it has begun, and that it runs."""
    fenced.execute(statements.begin(name), "begin")
    assert state_of(session, number_of(session, name)).lower() == "running"


def test_one_that_was_aborted(account: Account, session: Session, fenced: Session, name: str) -> None:
    """Another session aborts a transaction; its rows are gone, and its end is told as a rollback."""
    full = table(account, "ABORTED")
    fenced.execute(statements.begin(name), "begin")
    fenced.execute(f"INSERT INTO {full} VALUES (1)", "insert")
    number = number_of(session, name)
    end_transaction(session, name)
    assert "roll" in state_of(session, number).lower()
    assert account.rows(f"SELECT A FROM {full}") == []


def test_one_that_has_committed(account: Account, session: Session, fenced: Session, name: str) -> None:
    """A transaction that has committed stays so, and its end is told as a commit."""
    full = table(account, "COMMITTED_BEFORE")
    fenced.execute(statements.begin(name), "begin")
    fenced.execute(f"INSERT INTO {full} VALUES (1)", "insert")
    number = number_of(session, name)
    fenced.execute("COMMIT", "commit")
    session.execute(statements.abort_transaction(number), "abort")
    assert "commit" in state_of(session, number).lower()
    assert account.rows(f"SELECT A FROM {full}") == [(1,)]


def test_a_late_copy(account: Account, session: Session, fenced: Session, name: str, tmp_path: Path) -> None:
    """A COPY that comes after its transaction was aborted is not seen by others, unless somebody commits it."""
    full = table(account, "LATE")
    load = prepare(account, tmp_path, "LATE", "A NUMBER(38,0)", [(1,)])
    stage.make_stage(session, load.table)
    stage.upload(session, load)
    fenced.execute(statements.begin(name), "begin")
    end_transaction(session, name)
    stage.copy(fenced, load, load.table, whole=True)
    assert account.rows(f"SELECT A FROM {full}") == []
    fenced.execute("ROLLBACK", "roll back")
    assert account.rows(f"SELECT A FROM {full}") == []


def test_a_late_commit(account: Account, session: Session, fenced: Session, name: str) -> None:
    """A COMMIT that comes after its transaction was aborted brings nothing of it back."""
    full = table(account, "LATE_COMMIT")
    fenced.execute(statements.begin(name), "begin")
    fenced.execute(f"INSERT INTO {full} VALUES (1)", "insert")
    end_transaction(session, name)
    fenced.tidy_up("COMMIT", "commit")
    assert account.rows(f"SELECT A FROM {full}") == []


def test_several_files(account: Account, session: Session, tmp_path: Path) -> None:
    """COPY from a directory loads all of its files, and answers a row for each."""
    table(account, "SEVERAL")
    loads = [
        prepare(account, tmp_path, "SEVERAL", "A NUMBER(38,0)", [(number,)], name=f"several-{number}")
        for number in (1, 2)
    ]
    stage.make_stage(session, loads[0].table)
    for load in loads:
        session.execute(statements.put(load.path, load.table, "live/several"), "upload")
    copy = statements.copy(loads[0].table, columns_of("A NUMBER(38,0)"), "live/several", whole=True)
    answer = session.execute(copy, "load")
    assert [(row["status"], int(row["rows_loaded"])) for row in answer.rows] == [("LOADED", 1)] * 2
    assert account.rows("SELECT A FROM SEVERAL ORDER BY A") == [(1,), (2,)]


def test_a_clone_in_the_place_of_a_table(account: Account, session: Session) -> None:
    """CREATE OR REPLACE TABLE … CLONE … COPY GRANTS puts the rows of another table in place."""
    for name in ("CLONED", "CLONED_FROM"):
        table(account, name)
    account.ask("INSERT INTO CLONED_FROM VALUES (1)")
    names = account.destination.table("CLONED"), account.destination.table("CLONED_FROM")
    session.execute(statements.create_clone(*names, PERMANENT, replace=True), "clone")
    assert account.rows("SELECT A FROM CLONED") == [(1,)]
