"""What a check loads: two rows that a careless format would change, in a file as PostgreSQL writes it."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from sync.snowflake import statements
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.load import FileLoad, check_table_name, staged_name
from sync.snowflake.session import Destination
from sync.snowflake.statements import Column
from sync.snowflake.types import ColumnType, Kind

_NOTE = 'what\'s "quoted",\na line further \\ and é'
ROWS = (("check", 1, "2026-01-01T00:00:00", _NOTE), ("check", 2, "2026-01-01T00:00:00", ""))
COLUMNS = (
    Column(OWN_COLUMNS[0], ColumnType(Kind.TEXT)),
    Column(OWN_COLUMNS[1], ColumnType(Kind.INTEGER)),
    Column(OWN_COLUMNS[2], ColumnType(Kind.TIMESTAMP_NTZ)),
    Column("NOTE", ColumnType(Kind.TEXT)),
)


def prepare(destination: Destination, subject_id: object, directory: Path) -> FileLoad:
    """Writes the file into `directory`; the load, into a table of a name of its own."""
    began, token = datetime.now(UTC), secrets.token_hex(16)
    name = check_table_name(began, token)
    path = directory / "check.csv.zst"
    path.write_bytes(zstandard.compress("".join(_line(row) for row in ROWS).encode()))
    return FileLoad(
        table=destination.table(name),
        columns=COLUMNS,
        path=path,
        rows=len(ROWS),
        staged_name=staged_name(began, token),
        marker=statements.marker("check", name, subject_id),
    )


def _line(row: tuple[object, ...]) -> str:
    """As PostgreSQL writes CSV: every text in quotes."""
    fields = ('"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value) for value in row)
    return ",".join(fields) + "\n"
