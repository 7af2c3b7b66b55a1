"""Does a destination work? Step by step, through the statements that loads use, in the real schema.

What it makes it takes away again, whichever step fails; what a check leaves that was killed is known
by its name, and swept (see leftovers).
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.errors import SyncError, failure, host_trouble, is_of_the_host
from sync.snowflake import statements
from sync.snowflake.identifiers import OWN_COLUMNS, qualified, quote
from sync.snowflake.load import FileLoad, copy, sweep_checks, upload
from sync.snowflake.session import Destination, Limits, LoginLock, Session, connect
from sync.snowflake.setup import script_statements as setup_statements
from sync.snowflake.setup.check_file import ROWS, prepare
from sync.snowflake.setup.check_fixes import Place, fix_of
from sync.snowflake.setup.check_steps import TITLES, Fix, Status, Step, failed, in_order
from sync.snowflake.statements import Table

# A statement may have to wait until the warehouse has resumed.
LIMITS = Limits(login=15, network=15, socket=20, statement=60, lock=5)
# Seconds after which no further statement is sent.
LONGEST = 90.0
# Tables of checks that began so long ago have nobody who will drop them.
ABANDONED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Checked:
    """All steps, in their order."""

    steps: tuple[Step, ...]

    @property
    def passed(self) -> bool:
        return all(step.status is Status.OK for step in self.steps)

    @property
    def logged_in(self) -> bool:
        return self.steps[list(TITLES).index("log_in")].status is Status.OK


def check_destination(
    destination: Destination,
    subject_id: object,
    *,
    key_slot: int = 1,
    directory: Path | None = None,
    login_lock: LoginLock = nullcontext,
) -> Checked:
    """Goes through all steps until one fails. One log-in, which passes through `login_lock`; never raises SyncError.

    `subject_id` is the destination's id, for the table's marker; `directory`: where the file lies
    meanwhile. After LONGEST seconds no further statement is sent. Raises what the lock raises.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="check_", dir=directory) as place:
            load = prepare(destination, subject_id, Path(place))
            return _Check(destination, load, key_slot, login_lock).run()
    except OSError as problem:
        if not is_of_the_host(problem):
            raise
        error = host_trouble(problem, "The file to upload could not be written", directory)
        return Checked(in_order([failed("reach", error, Fix(error.remedy), subject="", seconds=0.0)]))


def try_login(destination: Destination, login_lock: LoginLock) -> None:
    """Logs in and out again: one attempt, no statement. Raises SyncError, and what the lock raises."""
    with login_lock():
        session = connect(destination, LIMITS)
    session.close()


@dataclass
class _Check:
    destination: Destination
    load: FileLoad
    key_slot: int
    login_lock: LoginLock
    steps: list[Step] = field(default_factory=list)
    made_stage: bool = False
    made_table: bool = False
    uploaded: bool = False
    ended: bool = False

    def run(self) -> Checked:
        self.place = Place.of(self.destination, self.key_slot)
        self.gives_up_at = time.monotonic() + LONGEST
        session = self._enter()
        if session is not None:
            try:
                self._go_through(session)
            finally:
                self._tidy_up(session)
                session.close()
        return Checked(in_order(self.steps))

    # Getting in

    def _enter(self) -> Session | None:
        started = time.monotonic()
        try:
            host = self.destination.address.host
        except SyncError as error:
            self._fail("reach", error, started)
            return None
        try:
            session = self._log_in()
        except SyncError as error:
            self._came_as_far_as(error.entry.login_step)
            self._fail(error.entry.login_step, error, started)
            return None
        # One request says both.
        self._pass("reach", host, started)
        self._pass("log_in", self.place.user, started)
        return session

    def _log_in(self) -> Session:
        with self.login_lock():
            return connect(self.destination, LIMITS, guard=self._guard)

    def _came_as_far_as(self, last: str) -> None:
        names = list(TITLES)
        self.steps += [Step(name, Status.OK, self._subject(name)) for name in names[: names.index(last)]]

    def _guard(self) -> None:
        if time.monotonic() > self.gives_up_at and not self.ended:
            raise failure("snowflake_unavailable", f"The check was ended after {LONGEST:.0f} s")

    # The steps

    def _go_through(self, session: Session) -> None:
        works: dict[str, Callable[[Session], None]] = {
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
                work(session)
            except SyncError as error:
                self._fail(name, error, started)
                return
            self._pass(name, self._subject(name), started)

    def _role(self, session: Session) -> None:
        if self.destination.role:
            session.execute(f"USE ROLE {quote(self.destination.role)}", f"use the role {self.destination.role}")
        else:
            answer = session.execute("SELECT CURRENT_ROLE() AS ROLE", "ask for the user's role")
            self.place = replace(self.place, role=str(answer.rows[0]["role"] or ""))

    def _warehouse(self, session: Session) -> None:
        name = self.destination.warehouse
        if name:
            session.execute(f"USE WAREHOUSE {quote(name)}", f"use the warehouse {name}")
            return
        answer = session.execute("SELECT CURRENT_WAREHOUSE() AS WAREHOUSE", "ask for the user's warehouse")
        if not answer.rows[0]["warehouse"]:
            raise failure("warehouse_missing", "The configuration has no warehouse, and the user no default one")

    def _database(self, session: Session) -> None:
        name = self.destination.database
        session.execute(f"USE DATABASE {quote(name)}", f"use the database {name}")

    def _schema(self, session: Session) -> None:
        names = self.destination.database, self.destination.schema
        session.execute(f"USE SCHEMA {qualified(*names)}", f"use the schema {names[1]}")

    def _create_stage(self, session: Session) -> None:
        answer = session.execute(statements.create_stage(self.load.table), f"make the stage {self._stage}")
        said = " ".join(str(value) for row in answer.rows for value in row.values())
        self.made_stage = "successfully created" in said

    def _put(self, session: Session) -> None:
        self.uploaded = True
        upload(session, self.load)

    def _create_table(self, session: Session) -> None:
        self.made_table = True
        create = statements.create_table(self.load.table, self.load.columns, self.load.marker)
        session.execute(create, f"make the table {self.load.table}")

    def _copy(self, session: Session) -> None:
        copy(session, self.load, self.load.table, whole=True)
        self.uploaded = False  # PURGE

    def _read_back(self, session: Session) -> None:
        columns = [column for column in self.load.columns if column.name != OWN_COLUMNS[2]]
        sql = statements.read_rows(self.load.table, columns, OWN_COLUMNS[1])
        answer = session.execute(sql, f"read the rows of {self.load.table}")
        read = [tuple(str(value) for value in row.values()) for row in answer.rows]
        if read != [(execution, str(number), note) for execution, number, _, note in ROWS]:
            raise failure(
                "load_not_verified", f"{self.load.table} holds other rows than were sent", query_id=answer.query_id
            )

    def _drop(self, session: Session) -> None:
        session.execute(statements.drop(self.load.table), f"drop the table {self.load.table}")
        self.made_table = False
        sweep_checks(session, self.load.table, datetime.now(UTC) - ABANDONED)

    # Afterwards

    def _tidy_up(self, session: Session) -> None:
        """What was sent may have taken effect, whatever the answer was."""
        self.ended = True
        if self.made_table:
            session.attempt(statements.drop(self.load.table), "drop the check's table")
        if self.uploaded:
            session.attempt(statements.remove(self.load.table, self.load.staged_name), "remove the check's file")
        if self.made_stage and self._stage_is_empty(session):
            # A load that has seen it meanwhile makes it again.
            session.attempt(setup_statements.drop_stage(self._stage), "drop the check's stage")

    def _stage_is_empty(self, session: Session) -> bool:
        try:
            return (
                session.usable and not session.execute(statements.list_stage(self._stage), "look into the stage").rows
            )
        except SyncError:
            return False

    @property
    def _stage(self) -> Table:
        return self.load.table.beside(statements.STAGE)

    def _subject(self, name: str) -> str:
        destination = self.destination
        return {
            "reach": destination.address.host,
            "log_in": self.place.user,
            "role": self.place.role,
            "warehouse": destination.warehouse,
            "database": destination.database,
            "schema": destination.schema,
            "create_stage": str(self._stage),
            "put": str(self._stage),
        }.get(name, str(self.load.table))

    def _pass(self, name: str, subject: str, started: float) -> None:
        self.steps.append(Step(name, Status.OK, subject, _since(started)))

    def _fail(self, name: str, error: SyncError, started: float) -> None:
        what = fix_of(name, error, self.place, self.load.table)
        subject = "" if name == "reach" else self._subject(name)
        self.steps.append(failed(name, error, what, subject=subject, seconds=_since(started)))


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)
