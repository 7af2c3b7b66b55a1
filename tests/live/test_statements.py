"""Counts, locks, transactions, and statements that take long."""

import secrets
import tempfile
from pathlib import Path

import pytest

from sync.errors import SyncError
from sync.snowflake import statements
from sync.snowflake.identifiers import qualified
from sync.snowflake.keeping import PERMANENT
from sync.snowflake.load import stage
from sync.snowflake.session import Session
from sync.snowflake.session.destination import Limits
from sync.snowflake.session.failures import errno_of
from sync.snowflake.session.tagging import query_tag
from tests.live.account import Account
from tests.live.loading import columns_of, prepare
from tests.live.settings import megabytes


def table(account: Account, name: str, *values: int) -> str:
    """A table with one column A and these rows."""
    full = qualified(account.database, account.schema, name)
    account.ask(f"CREATE TABLE {full} (A NUMBER(38,0))")
    if values:
        account.ask(f"INSERT INTO {full} VALUES {', '.join(f'({value})' for value in values)}")
    return full


def test_what_insert_overwrite_counts(account: Account, session: Session) -> None:
    """INSERT OVERWRITE answers the number of rows inserted; what it took away is in another number, or in none."""
    table(account, "OVERWRITTEN", 1, 2, 3)
    table(account, "ASIDE", 4, 5)
    names = account.destination.table("OVERWRITTEN"), account.destination.table("ASIDE")
    overwrite = statements.insert_overwrite(names[0], columns_of("A NUMBER(38,0)"), names[1])
    answer = session.execute(overwrite, "put the rows in place")
    assert int(answer.rows[0]["number of rows inserted"]) == 2
    assert answer.rowcount == sum(int(number) for number in answer.rows[0].values())
    assert account.rows(f"SELECT A FROM {names[0]} ORDER BY A") == [(4,), (5,)]


def test_what_a_transaction_takes_back(account: Account, session: Session) -> None:
    """ROLLBACK takes a DELETE and what was loaded after it back."""
    full = table(account, "TAKEN_BACK", 1)
    session.execute("BEGIN", "begin")
    session.execute(f"DELETE FROM {full}", "delete")
    session.execute(f"INSERT INTO {full} VALUES (2)", "insert")
    session.execute("ROLLBACK", "roll back")
    assert account.rows(f"SELECT A FROM {full}") == [(1,)]


def test_a_definition_commits(account: Account, session: Session) -> None:
    """CREATE TABLE commits the transaction that is open."""
    full = table(account, "COMMITTED")
    session.execute("BEGIN", "begin")
    session.execute(f"INSERT INTO {full} VALUES (1)", "insert")
    session.execute(f'CREATE TABLE {full[:-1]}_BY_THIS" (A VARCHAR)', "define")
    session.execute("ROLLBACK", "roll back")
    assert account.rows(f"SELECT A FROM {full}") == [(1,)]


def test_two_writers(account: Account, session: Session) -> None:
    """A DELETE that waits for another transaction's ends after LOCK_TIMEOUT, which reads as lock_wait."""
    full = table(account, "CONTENDED", 1)
    session.execute("BEGIN", "begin")
    session.execute(f"DELETE FROM {full} WHERE A = 1", "delete")
    other = Session(account.destination, Limits(lock=2))
    try:
        with pytest.raises(SyncError) as caught:
            other.execute(f"DELETE FROM {full} WHERE A = 2", "delete")
        assert caught.value.code == "lock_wait", errno_of(caught.value)
    finally:
        other.close()
        session.execute("ROLLBACK", "roll back")


def test_two_loads(account: Account, session: Session, tmp_path: Path) -> None:
    """Two transactions load into one table at once, without waiting for each other."""
    table(account, "LOADED_TWICE")
    loads = [prepare(account, tmp_path, "LOADED_TWICE", "A NUMBER(38,0)", [(number,)]) for number in (1, 2)]
    other = Session(account.destination, Limits(lock=2))
    try:
        for each, load in zip((session, other), loads, strict=True):
            stage.make_stage(each, load.table)
            stage.upload(each, load)
            each.execute("BEGIN", "begin")
            stage.copy(each, load, load.table, whole=True)
        for each in (other, session):
            each.execute("COMMIT", "commit")
    finally:
        other.close()
    assert account.rows("SELECT A FROM LOADED_TWICE ORDER BY A") == [(1,), (2,)]


def history(account: Account, session: Session, text: str) -> list[tuple[object, ...]]:
    """Status and tag of this session's statements with this text."""
    (row,) = session.execute("SELECT CURRENT_SESSION() AS ID", "ask for the session").rows
    asked = (
        "SELECT EXECUTION_STATUS, QUERY_TAG FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION("
        f"SESSION_ID => {int(row['id'])}, RESULT_LIMIT => 100)) WHERE QUERY_TEXT LIKE '%{text}%'"
    )
    return account.rows(asked)


def test_a_statement_that_takes_over_a_minute(account: Account, session: Session) -> None:
    """A statement of more than 60 s is answered, and is one query in QUERY_HISTORY, with a tag of its own."""
    session.about = {"work": "trial"}
    session.execute("SELECT SYSTEM$WAIT(65)", "wait")
    assert history(account, session, "WAIT(65)") == [("SUCCESS", query_tag(session.about))]


def test_a_statement_that_takes_too_long(account: Account) -> None:
    """A statement beyond its limit is ended by Snowflake, which reads as statement_cancelled."""
    session = Session(account.destination, Limits(statement=5))
    try:
        with pytest.raises(SyncError) as caught:
            session.execute("SELECT SYSTEM$WAIT(60)", "wait")
    finally:
        session.close()
    assert caught.value.code == "statement_cancelled", errno_of(caught.value)


@pytest.mark.timeout(1800)
def test_a_large_upload(account: Account, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PUT sends a large file whole, and leaves nothing beside it, nor in the system's temporary folder."""
    elsewhere, own = tmp_path / "system", tmp_path / "own"
    elsewhere.mkdir()
    own.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    load = prepare(account, own, "LARGE", "A VARCHAR", [])
    rows = megabytes() * 8
    with load.path.open("wb") as file:  # what cannot be compressed, in frames of zstd that say so
        for _ in range(rows):
            file.write(_stored(f'"{secrets.token_hex(64_000)}"\n'.encode()))
    assert load.path.stat().st_size > megabytes() * 10**6
    session.execute(statements.create_table(load.table, load.columns, load.comment, PERMANENT), "make the table")
    stage.make_stage(session, load.table)
    stage.upload(session, load)
    assert list(own.iterdir()) == [load.path]
    assert list(elsewhere.iterdir()) == []
    session.execute(statements.copy(load.table, load.columns, load.staged_file, whole=True), "load the file")
    assert account.rows("SELECT COUNT(*), SUM(LENGTH(A)) FROM LARGE") == [(rows, rows * 128_000)]


def _stored(data: bytes) -> bytes:
    """A zstd frame of raw blocks (RFC 8878): so large a file takes no time to make."""
    frame = b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little")
    parts = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]
    for number, part in enumerate(parts, start=1):
        frame += (len(part) << 3 | (number == len(parts))).to_bytes(3, "little") + part
    return frame
