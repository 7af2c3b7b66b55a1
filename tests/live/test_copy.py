"""PUT and COPY: what they take, what they answer, and what they leave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.errors import SyncError
from sync.snowflake import statements
from sync.snowflake.identifiers import Exact
from sync.snowflake.keeping import PERMANENT
from sync.snowflake.load import stage
from sync.snowflake.load.leftovers import clear_staged_files, staged_name
from sync.snowflake.load.stage import FileLoad
from sync.snowflake.session.connection import Answer, Session
from tests.live.account import Account
from tests.live.loading import columns_of, prepare


def make(session: Session, load: FileLoad) -> None:
    session.execute(statements.create_table(load.table, load.columns, load.comment, PERMANENT), "make the table")


def send(session: Session, load: FileLoad, *, whole: bool) -> Answer:
    """Uploads the file and loads it, as the product does; the answer to COPY, as it came."""
    stage.make_stage(session, load.table)
    stage.upload(session, load)
    return session.execute(statements.copy(load.table, load.columns, load.staged_file, whole=whole), "load the file")


def staged(session: Session, load: FileLoad) -> list[str]:
    listed = session.execute(statements.list_stage(load.table), "look into the stage").rows
    return [str(row["name"]) for row in listed if load.staged_name in str(row["name"])]


def test_without_a_list(account: Account, session: Session, tmp_path: Path) -> None:
    """COPY without a list of columns and without SELECT loads a file whose fields are the table's columns."""
    load = prepare(account, tmp_path, "COPIED", "A NUMBER(38,0); B VARCHAR", [(1, "x"), (2, ""), (3, None)])
    make(session, load)
    send(session, load, whole=True)
    assert account.rows("SELECT A, B FROM COPIED ORDER BY A") == [(1, "x"), (2, ""), (3, None)]


def test_a_list_with_select(account: Account, session: Session, tmp_path: Path) -> None:
    """COPY with a list of columns and SELECT: the fields go by the list, not by the table's order."""
    load = prepare(account, tmp_path, "REORDERED", "A NUMBER(38,0); B VARCHAR", [])
    make(session, load)
    turned = prepare(account, tmp_path, "REORDERED", "B VARCHAR; A NUMBER(38,0)", [("y", 2), ("", 3), (None, 4)])
    send(session, turned, whole=False)
    assert account.rows("SELECT A, B FROM REORDERED ORDER BY A") == [(2, "y"), (3, ""), (4, None)]


def test_a_list_without_select(account: Account, session: Session, tmp_path: Path) -> None:
    """COPY with a list of columns and no SELECT, which the product does not use, goes by the list, too."""
    load = prepare(account, tmp_path, "LISTED", "A NUMBER(38,0); B VARCHAR; C VARCHAR", [])
    make(session, load)
    fewer = prepare(account, tmp_path, "LISTED", "B VARCHAR; A NUMBER(38,0)", [("y", 2)])
    stage.make_stage(session, fewer.table)
    stage.upload(session, fewer)
    whole = statements.copy(fewer.table, fewer.columns, fewer.staged_file, whole=True)
    session.execute(whole.replace(" FROM ", ' ("B", "A") FROM ', 1), "load the file")
    assert account.rows("SELECT A, B, C FROM LISTED") == [(2, "y", None)]


def test_with_variant(account: Account, session: Session, tmp_path: Path) -> None:
    """COPY with a list of columns and SELECT … PARSE_JSON loads JSON into VARIANT, and the rest beside it."""
    load = prepare(account, tmp_path, "WITH_VARIANT", "A NUMBER(38,0); J VARIANT", [(1, '{"a": [1, "x"]}'), (2, None)])
    make(session, load)
    send(session, load, whole=True)
    asked = "SELECT A, J:a[1]::VARCHAR, J IS NULL FROM WITH_VARIANT ORDER BY A"
    assert account.rows(asked) == [(1, "x", False), (2, None, True)]


@pytest.mark.parametrize("columns", ["A NUMBER(38,0); C VARCHAR", "A NUMBER(38,0); C VARIANT"])
def test_into_a_wider_table(account: Account, session: Session, tmp_path: Path, columns: str) -> None:
    """COPY with a list of columns and SELECT into a table that has more: the others are NULL."""
    table = "WIDER_" + columns[-3:]
    wide = prepare(account, tmp_path, table, columns, [])
    wide = replace(wide, columns=(*wide.columns, *columns_of("B VARCHAR; D NUMBER(38,0)")))
    make(session, wide)
    send(session, prepare(account, tmp_path, table, columns, [(1, '"x"')]), whole=False)
    assert account.rows(f"SELECT A, B, D FROM {table}") == [(1, None, None)]


@pytest.mark.parametrize("whole", [True, False])
def test_a_stage_whose_name_needs_quotes(account: Account, tmp_path: Path, whole: bool) -> None:
    """PUT, LIST, COPY, SELECT within COPY and REMOVE take a stage in quotes as a whole, whatever is in its name."""
    schema = f"{account.run} it's {whole}"
    with account.another_schema(schema), account.session(schema=Exact(schema)) as session:
        load = prepare(account, tmp_path, "T", "A NUMBER(38,0)", [(1,)])
        load = replace(load, table=replace(load.table, schema=schema))
        make(session, load)
        send(session, load, whole=whole)
        assert staged(session, load) == []
        assert session.execute(f"SELECT A FROM {load.table}", "read it").rows == ({"a": 1},)
        stage.upload(session, load)
        assert len(staged(session, load)) == 1
        session.execute(statements.remove(load.table, load.staged_name), "remove the file")
        assert staged(session, load) == []


def test_what_copy_answers(account: Account, session: Session, tmp_path: Path) -> None:
    """COPY answers a row a file with status LOADED, rows_parsed, rows_loaded, errors_seen and first_error."""
    load = prepare(account, tmp_path, "ANSWERED", "A NUMBER(38,0)", [(1,), (2,)])
    make(session, load)
    (row,) = send(session, load, whole=True).rows
    assert {"file", "status", "rows_parsed", "rows_loaded", "errors_seen", "first_error"} <= set(row)
    assert (row["status"], int(row["rows_loaded"]), int(row["errors_seen"])) == ("LOADED", 2, 0)


@pytest.mark.parametrize("fields", [1, 3])
def test_another_number_of_fields_is_refused(account: Account, session: Session, tmp_path: Path, fields: int) -> None:
    """A line with too few or too many fields is refused where COPY has no SELECT."""
    load = prepare(account, tmp_path, f"FIELDS_{fields}", "A NUMBER(38,0); B VARCHAR", [])
    make(session, load)
    wrong = prepare(account, tmp_path, f"FIELDS_{fields}", "A NUMBER(38,0); B VARCHAR", [tuple(range(fields))])
    with pytest.raises(SyncError) as caught:
        send(session, wrong, whole=True)
    assert caught.value.code == "load_rejected"
    assert account.rows(f"SELECT COUNT(*) FROM FIELDS_{fields}") == [(0,)]


def test_a_file_of_a_known_name_is_skipped(account: Account, session: Session, tmp_path: Path) -> None:
    """COPY passes over a staged name that it has loaded before, without an error: names have to be unlike any other."""
    for turn in (1, 2):
        load = prepare(account, tmp_path, "KNOWN", "A NUMBER(38,0)", [(turn,)], name="same")
        if turn == 1:
            make(session, load)
            assert send(session, load, whole=True).rows[0]["status"] == "LOADED"
        else:
            assert "LOADED" not in [row.get("status") for row in send(session, load, whole=True).rows]
    assert account.rows("SELECT A FROM KNOWN") == [(1,)]


def test_purge_takes_the_file_away(account: Account, session: Session, tmp_path: Path) -> None:
    """PUT leaves the file in the stage, LIST shows it by its directory, and COPY with PURGE takes it away."""
    load = prepare(account, tmp_path, "PURGED", "A NUMBER(38,0)", [(1,)])
    make(session, load)
    stage.make_stage(session, load.table)
    stage.upload(session, load)
    assert len(staged(session, load)) == 1
    stage.copy(session, load, load.table, whole=True)
    assert staged(session, load) == []


def test_remove_takes_a_directory_away(account: Account, session: Session, tmp_path: Path) -> None:
    """REMOVE takes a directory of the stage away, and what attempts left is found by LIST and its names."""
    began = datetime.now(UTC) - timedelta(days=2)
    load = prepare(account, tmp_path, "LEFT_BEHIND", "A NUMBER(38,0)", [(1,)])
    load = replace(load, staged_name=staged_name(began, "0" * 32))
    stage.make_stage(session, load.table)
    stage.upload(session, load)
    assert clear_staged_files(session, load.table, began - timedelta(hours=1)) == 0
    assert clear_staged_files(session, load.table, began + timedelta(hours=1)) == 1
    assert staged(session, load) == []
