"""Does a destination work? Step by step, through the statements that loads use, in the real schema.

What it makes it takes away again, whichever step fails; what a check leaves that was killed is known
by its name, and swept (see leftovers).
"""

import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zstandard

from sync.errors import SyncError, failure, host_trouble, is_of_the_host
from sync.snowflake import statements
from sync.snowflake.identifiers import OWN_COLUMNS, qualified, quote
from sync.snowflake.load import FileLoad, check_table_name, clear_tables, copy, staged_name, upload
from sync.snowflake.session import AccessToken, Destination, Limits, LoginLock, Session
from sync.snowflake.setup.fixes import Fixes
from sync.snowflake.setup.steps import TITLES, Checked, Status, Step, failed
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

# A statement may have to wait until the warehouse has resumed.
LIMITS = Limits(login=15, network=15, socket=20, statement=60, lock=5)
# Seconds after which no further statement is sent.
LONGEST = 90.0
# Tables of checks that began so long ago have nobody who will drop them.
ABANDONED = timedelta(hours=1)

# Those of the current user: docs.snowflake.com/en/sql-reference/sql/show-user-programmatic-access-tokens.
_OWN_TOKENS = "SHOW USER PROGRAMMATIC ACCESS TOKENS"

# Is given the steps so far after each.
Told = Callable[[Sequence[Step]], None]

# Two rows that a careless format would change.
_NOTE = 'what\'s "quoted",\na line further \\ and é'
ROWS = (("check", 1, "2026-01-01T00:00:00", _NOTE), ("check", 2, "2026-01-01T00:00:00", ""))
COLUMNS = (
    Column(OWN_COLUMNS[0], ColumnType(Kind.TEXT)),
    Column(OWN_COLUMNS[1], ColumnType(Kind.INTEGER)),
    Column(OWN_COLUMNS[2], ColumnType(Kind.TIMESTAMP_NTZ)),
    Column("NOTE", ColumnType(Kind.TEXT)),
)


def check_destination(
    destination: Destination,
    subject_id: object,
    *,
    key_slot: int = 1,
    directory: Path | None = None,
    login_lock: LoginLock = nullcontext,
    told: Told = lambda _steps: None,
) -> Checked:
    """Goes through all steps until one fails. One log-in, which passes through `login_lock`; never raises SyncError.

    `subject_id` is the destination's id, for the table's marker; `directory`: where the file lies
    meanwhile. After LONGEST seconds no further statement is sent. Raises what the lock and `told` raise.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="check_", dir=directory) as place:
            load = _prepare(destination, subject_id, Path(place))
            fixes = Fixes(destination, load.table, key_slot, destination.role)
            check = _Check(destination, load, login_lock, fixes, told)
            return Checked.of(check.run(), check.token_ends_at)
    except OSError as problem:
        if not is_of_the_host(problem):
            raise
        error = host_trouble(problem, "The file to upload could not be written", directory)
        return Checked.of([failed("reach", error)])


def _prepare(destination: Destination, subject_id: object, directory: Path) -> FileLoad:
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


@dataclass
class _Check:
    destination: Destination
    load: FileLoad
    login_lock: LoginLock
    fixes: Fixes
    told: Told
    steps: list[Step] = field(default_factory=list)
    made_stage: bool = False
    made_table: bool = False
    uploaded: bool = False
    ended: bool = False
    token_ends_at: datetime | None = None

    def run(self) -> list[Step]:
        self.gives_up_at = time.monotonic() + LONGEST
        if self._enter():
            try:
                self._go_through()
                self._ask_for_the_tokens_end()
            finally:
                self._tidy_up()
                self.session.close()
        return self.steps

    # Getting in

    def _enter(self) -> bool:
        started = time.monotonic()
        try:
            host = self.destination.address.host
        except SyncError as error:
            self._fail("reach", error, started)
            return False
        try:
            self.session = Session(self.destination, LIMITS, guard=self._guard, login_lock=self.login_lock)
            self.session.about = {"work": "check"}
        except SyncError as error:
            self._came_as_far_as(error.entry.login_step)
            self._fail(error.entry.login_step, error, started)
            return False
        # One request says both.
        self._pass("reach", host, started)
        self._pass("log_in", self.fixes.user, started)
        return True

    def _came_as_far_as(self, last: str) -> None:
        names = list(TITLES)
        self.steps += [Step(name, Status.OK, self._subject(name)) for name in names[: names.index(last)]]

    def _guard(self) -> None:
        if time.monotonic() > self.gives_up_at and not self.ended:
            raise failure("snowflake_unavailable", f"The check was ended after {LONGEST:.0f} s")

    # The steps

    def _go_through(self) -> None:
        works = {
            "role": self._role,
            "warehouse": self._warehouse,
            "database": self._database,
            "schema": self._schema,
            "create_stage": self._create_stage,
            "put": self._put,
            "create_table": self._create_table,
            "copy": self._copy,
            "read_back": self._read_back,
            "drop": self._drop,
        }
        for name, work in works.items():
            started = time.monotonic()
            try:
                work()
            except SyncError as error:
                self._fail(name, error, started)
                return
            self._pass(name, self._subject(name), started)

    def _role(self) -> None:
        if self.destination.role:
            self.session.execute(f"USE ROLE {quote(self.destination.role)}", f"use the role {self.destination.role}")
        else:
            answer = self.session.execute("SELECT CURRENT_ROLE() AS ROLE", "ask for the user's role")
            self.fixes = replace(self.fixes, role=str(answer.rows[0]["role"] or ""))

    def _warehouse(self) -> None:
        if name := self.destination.warehouse:
            self.session.execute(f"USE WAREHOUSE {quote(name)}", f"use the warehouse {name}")
            return
        answer = self.session.execute("SELECT CURRENT_WAREHOUSE() AS WAREHOUSE", "ask for the user's warehouse")
        if not answer.rows[0]["warehouse"]:
            raise failure("warehouse_missing", "The configuration has no warehouse, and the user no default one")

    def _database(self) -> None:
        name = self.destination.database
        self.session.execute(f"USE DATABASE {quote(name)}", f"use the database {name}")

    def _schema(self) -> None:
        names = self.destination.database, self.destination.schema
        self.session.execute(f"USE SCHEMA {qualified(*names)}", f"use the schema {names[1]}")

    def _create_stage(self) -> None:
        answer = self.session.execute(statements.create_stage(self.load.table), f"make the stage {self._stage}")
        said = " ".join(str(value) for row in answer.rows for value in row.values())
        self.made_stage = "successfully created" in said

    def _put(self) -> None:
        self.uploaded = True
        upload(self.session, self.load)

    def _create_table(self) -> None:
        self.made_table = True
        load, keeping = self.load, self.session.keeping
        create = statements.create_table(load.table, load.columns, load.marker, keeping)
        self.session.execute(create, f"make the table {self.load.table}")

    def _copy(self) -> None:
        copy(self.session, self.load, self.load.table, whole=True)
        self.uploaded = False  # PURGE

    def _read_back(self) -> None:
        columns = [column for column in self.load.columns if column.name != OWN_COLUMNS[2]]
        sql = statements.read_rows(self.load.table, columns, OWN_COLUMNS[1])
        answer = self.session.execute(sql, f"read the rows of {self.load.table}")
        read = [tuple(str(value) for value in row.values()) for row in answer.rows]
        if read != [(execution, str(number), note) for execution, number, _, note in ROWS]:
            happened = f"{self.load.table} holds other rows than were sent"
            raise failure("load_not_verified", happened, query_id=answer.query_id)

    def _drop(self) -> None:
        self.session.execute(statements.drop(self.load.table), f"drop the table {self.load.table}")
        self.made_table = False
        clear_tables(self.session, self.load.table, datetime.now(UTC) - ABANDONED)

    # Afterwards

    def _ask_for_the_tokens_end(self) -> None:
        """Which of several tokens it is, nobody says. What cannot be asked is no fault of the destination."""
        if not isinstance(self.destination.credentials, AccessToken):
            return
        try:
            rows = self.session.execute(_OWN_TOKENS, "ask when the token ends").rows
        except SyncError:
            return
        ends = [row.get("expires_at") for row in rows if row.get("status") == "ACTIVE"]
        if len(ends) == 1 and isinstance(ends[0], datetime):
            self.token_ends_at = ends[0]

    def _tidy_up(self) -> None:
        """What was sent may have taken effect, whatever the answer was."""
        self.ended = True
        if self.made_table:
            self.session.tidy_up(statements.drop(self.load.table), "drop the check's table")
        if self.uploaded:
            self.session.tidy_up(statements.remove(self.load.table, self.load.staged_name), "remove the check's file")
        if self.made_stage and self._stage_is_empty():
            # A load that has seen it meanwhile makes it again.
            self.session.tidy_up(f"DROP STAGE IF EXISTS {self._stage}", "drop the check's stage")

    def _stage_is_empty(self) -> bool:
        if not self.session.usable:
            return False
        try:
            listed = self.session.execute(statements.list_stage(self._stage), "look into the stage")
        except SyncError:
            return False
        return not listed.rows

    @property
    def _stage(self) -> Table:
        return self.load.table.beside(statements.STAGE)

    def _subject(self, name: str) -> str:
        destination = self.destination
        return {
            "reach": destination.address.host,
            "log_in": self.fixes.user,
            "role": self.fixes.role,
            "warehouse": destination.warehouse,
            "database": destination.database,
            "schema": destination.schema,
            "create_stage": str(self._stage),
            "put": str(self._stage),
        }.get(name, str(self.load.table))

    def _pass(self, name: str, subject: str, started: float) -> None:
        self.steps.append(Step(name, Status.OK, subject, _since(started)))
        self.told(self.steps)

    def _fail(self, name: str, error: SyncError, started: float) -> None:
        subject = "" if name == "reach" else self._subject(name)
        fix = self.fixes.of(name, error)
        self.steps.append(failed(name, error, fix, subject=subject, seconds=_since(started)))


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
