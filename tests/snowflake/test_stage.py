"""Answers of PUT and COPY that do not say that all is well."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from sync.errors import SyncError, TransientError
from sync.snowflake.load.stage import FileLoad, copy, upload
from sync.snowflake.session.connection import Answer, Session
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

COLUMNS = (Column("A", ColumnType(Kind.TEXT)),)
LOAD = FileLoad(Table("DB", "PUBLIC", "T"), COLUMNS, Path("/tmp/rows.csv.zst"), 2, "attempt-1", "marker")
FILES = [replace(LOAD, path=Path(f"/tmp/{name}.csv.zst")) for name in ("b", "a")]
GOOD = {"status": "LOADED", "rows_parsed": 2, "rows_loaded": 2, "errors_seen": 0, "first_error": None}


class Answering:
    """A session that answers what it is told to."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = rows

    def execute(self, sql: str, doing: str, *, loads: bool = False) -> Answer:
        return Answer(self.rows, "query-1", len(self.rows))


def session(*rows: dict[str, Any]) -> Session:
    return cast("Session", Answering(*rows))


def copied(*rows: dict[str, Any]) -> None:
    copy(session(*rows), LOAD, LOAD.table, whole=True)


def test_good_answers() -> None:
    upload(session({"target": "rows.csv.zst", "status": "UPLOADED"}), LOAD)
    upload(session(*({"target": file.path.name, "status": "UPLOADED"} for file in FILES)), *FILES)
    copied(GOOD)
    copied(GOOD | {"rows_loaded": "2", "errors_seen": "0"})


@pytest.mark.parametrize("states", [(), ("SKIPPED",), ("ERROR",), ("UPLOADED", "UPLOADED"), (None,)])
def test_a_put_that_uploaded_nothing(states: Sequence[str | None]) -> None:
    with pytest.raises(TransientError) as caught:
        upload(session(*({"target": "rows.csv.zst", "status": state} for state in states)), LOAD)

    assert caught.value.code == "load_not_verified"
    assert '"DB"."PUBLIC"."T"' in str(caught.value)


@pytest.mark.parametrize(
    "files",
    [["a"], ["b", "b"], ["a", "c"], ["a", "b", "c"], [], ["a", None]],
    ids=lambda files: "".join(map(str, files)),
)
def test_a_put_that_uploaded_others_or_not_all(files: Sequence[str | None]) -> None:
    with pytest.raises(TransientError, match="2 files"):
        upload(session(*({"target": f"{file}.csv.zst", "status": "UPLOADED"} for file in files)), *FILES)


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (GOOD, GOOD),
        ({"status": "Copy executed with 0 files processed."},),
        (GOOD | {"status": "LOAD_SKIPPED"},),
        (GOOD | {"status": "PARTIALLY_LOADED"},),
        (GOOD | {"status": "LOAD_FAILED", "first_error": "why"},),
        (GOOD | {"rows_loaded": 1},),
        (GOOD | {"rows_loaded": 3},),
        (GOOD | {"rows_loaded": None},),
        (GOOD | {"errors_seen": 1},),
    ],
)
def test_a_copy_that_did_not_load_everything(rows: Sequence[dict[str, Any]]) -> None:
    with pytest.raises(SyncError) as caught:
        copied(*rows)

    assert caught.value.code == "load_not_verified"
    assert caught.value.query_id == "query-1"
    assert "for 2 rows" in str(caught.value)
