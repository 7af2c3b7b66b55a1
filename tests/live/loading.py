"""A file with rows as the product stages it, and the load that it belongs to."""

import secrets
from collections.abc import Sequence
from pathlib import Path

import zstandard

from sync.snowflake.load.stage import FileLoad
from sync.snowflake.statements import Column, marker
from sync.snowflake.types import parse_declared
from tests.live.account import Account


def columns_of(declared: str) -> tuple[Column, ...]:
    """`A NUMBER(38,0); B VARCHAR` as columns."""
    parts = (part.split(" ", 1) for part in declared.split("; "))
    return tuple(Column(name, parse_declared(ddl)) for name, ddl in parts)


def prepare(
    account: Account, directory: Path, table: str, columns: str, rows: Sequence[Sequence[object]], *, name: str = ""
) -> FileLoad:
    """The rows as a file, and the load of it into a table of this run's schema. `name`: in place of a new one."""
    path = directory / f"{name or secrets.token_hex(8)}.csv.zst"
    path.write_bytes(zstandard.compress("".join(map(_line, rows)).encode()))
    return FileLoad(
        table=account.destination.table(table),
        columns=columns_of(columns),
        path=path,
        rows=len(rows),
        staged_name=f"live/{name or secrets.token_hex(8)}",
        marker=marker("execution", table, account.run),
    )


def _line(row: Sequence[object]) -> str:
    """As PostgreSQL writes it: nothing for NULL, text in quotes."""
    fields = ("" if value is None else '"' + str(value).replace('"', '""') + '"' for value in row)
    return ",".join(fields) + "\n"
