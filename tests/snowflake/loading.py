"""What the tests of loads share: results as files, and a pool that logs in to the local Snowflake."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest
import zstandard

from sync.errors import SyncError
from sync.snowflake.load.own_table import load_again, load_first
from sync.snowflake.load.stage import FileLoad, assume_stage, make_stage
from sync.snowflake.session.credentials import Credentials, Password
from sync.snowflake.session.destination import Destination, Limits
from sync.snowflake.session.pool import Pool
from sync.snowflake.statements import Column, marker
from sync.snowflake.types import ColumnType, Kind, parse_declared
from tests.conftest import Snowflake

SECRET = "hunter2-Zq81-secret"
# A fault must not cost a test minutes; what goes before it has to come through on a busy machine.
HASTY = Limits(login=30, network=3, socket=3, statement=3, lock=1)

Row = Sequence[object]

OLD = [(1, "old"), (2, "old")]
NEW = [(3, "new")]

_numbers = itertools.count(1)


@dataclass
class Loading:
    """A destination in a test's database, a pool, and files to load."""

    snowflake: Snowflake
    directory: Path
    credentials: Credentials = field(default_factory=lambda: Password("ann", SECRET))

    def __post_init__(self) -> None:
        self.pool = Pool()
        self.hasty = Pool(HASTY)
        self.destination = Destination(
            account="acme-main",
            database=self.snowflake.database,
            schema="PUBLIC",
            warehouse="LOADING",
            credentials=self.credentials,
            endpoint=self.snowflake.endpoint,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.snowflake.server.clear_faults()
        self.pool.close()
        self.hasty.close()

    def load(
        self,
        rows: Sequence[Row],
        columns: str = "A NUMBER(38,0), B VARCHAR",
        *,
        table: str = "T",
        mark: str = marker("execution", "e-1", 7),
        claims: int | None = None,
    ) -> FileLoad:
        """A load of these rows; `claims` is how many it says it has."""
        path = self.directory / f"rows-{next(_numbers)}.csv.zst"
        path.write_bytes(zstandard.compress("".join(map(_line, rows)).encode()))
        return FileLoad(
            table=self.destination.table(table),
            columns=tuple(_columns(columns)),
            path=path,
            rows=len(rows) if claims is None else claims,
            staged_name=f"e-1/attempt-{next(_numbers)}",
            marker=mark,
        )

    def warm(self) -> None:
        """Logs in and makes the stage, so that what follows is what a load costs by itself."""
        with self.pool.session(self.destination) as session:
            make_stage(session, self.destination.table("T"))
        # This one has time for nothing that a busy machine may take long for.
        with self.hasty.session(self.destination) as session:
            assume_stage(session, self.destination.table("T"))
            session.execute("SELECT 1", "log in")
        self.snowflake.server.reset_log()

    def verbs(self) -> list[str]:
        """The statements that the server saw, by their first words."""
        return [_verb(statement.sql) for statement in self.snowflake.statements()]

    def staged(self) -> list[str]:
        """The files left in the stage."""
        stage = f'@"{self.snowflake.database}"."PUBLIC"."UNIVERSAL_SNOWFLAKE_SYNC"'
        return [str(row[0]) for row in self.snowflake.rows(f"LIST {stage}")]

    def rows(self, table: str = "T") -> list[tuple[object, ...]]:
        return sorted(self.snowflake.rows(f'SELECT * FROM "{table}"'), key=repr)


def text(name: str) -> Column:
    return Column(name, ColumnType(Kind.TEXT))


def _columns(declared: str) -> Iterator[Column]:
    for part in declared.split(", "):
        name, ddl = part.split(" ", 1)
        yield Column(name, parse_declared(ddl))


def _line(row: Row) -> str:
    """As PostgreSQL writes it with FORCE_QUOTE: nothing for NULL, text in quotes."""
    return ",".join(map(_field, row)) + "\n"


def _field(value: object) -> str:
    if value is None:
        return ""
    return '"' + str(value).replace('"', '""') + '"'


def _verb(sql: str) -> str:
    words = sql.split()
    longer = {"CREATE": 2, "INSERT": 2, "ALTER": 2}
    if words[:3] == ["CREATE", "OR", "REPLACE"]:
        return "CREATE OR REPLACE"
    return " ".join(words[: longer.get(words[0], 1)])


def first(loading: Loading, load: FileLoad, pool: Pool | None = None) -> int:
    """How many statements it took."""
    with (pool or loading.pool).session(loading.destination) as session:
        load_first(session, load)
        return session.statements


def again(loading: Loading, load: FileLoad, pool: Pool | None = None, *, same_columns: bool = True) -> int:
    """How many statements it took."""
    with (pool or loading.pool).session(loading.destination) as session:
        load_again(session, load, lacking=[] if same_columns else None)
        return session.statements


def failing(work: Callable[[], object]) -> SyncError:
    with pytest.raises(SyncError) as caught:
        work()
    return caught.value
