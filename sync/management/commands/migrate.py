"""Django's migrate, but the application's statements go first, and the tables that are made are closed to others.

The application never waits behind a migration for long. See migrations_sql for who may do what with these tables.
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2.errors
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from migrations_sql import again, closing, djangos_own, pinned
from migrations_sql.djangos_statements import through_views
from migrations_sql.heirs import refuse_heirs
from sync.activity import Action
from sync.management.command import machine_user

# A statement that waits for a lock makes everyone who comes after it wait, too: so it waits no longer than this. The
# setting is LOCAL, because a pooler may hand the session to the application.
_LIMITS = "SET LOCAL lock_timeout = '200ms'; SET LOCAL statement_timeout = 0; "


_ENTRY = """
INSERT INTO :schema.snowflake_sync_activity (face, user_name, action, subject_kind, note)
VALUES ('command', %s, %s, 'installation', %s || ' as role ' || current_user)
"""


class Command(migrate.Command):
    _connection: BaseDatabaseWrapper
    # Django's tables that this run made or is to make: they are closed to others as ours are.
    _djangos: list[str]
    # What was done, for the record.
    _done: list[str]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-wait",
            type=float,
            default=3600.0,
            help="Seconds to go on trying while something else holds a lock that a migration needs.",
        )
        parser.add_argument(
            "--worker-role",
            help="A role that does not own the tables and that workers and web log in as: it is given what it needs on "
            "what is ours, also on what later migrations make.",
        )
        parser.add_argument("--again", nargs="+", metavar="PAIR", help="Run these SQL pairs again, and nothing else.")

    def check(self, *args: Any, **options: Any) -> None:
        """Runs all checks but those of the database: a secret that no key decrypts must not keep a migration away."""
        super().check(*args, **(options | {"databases": None}))

    def handle(self, *args: Any, lock_wait: float = 3600.0, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        deadline = time.monotonic() + lock_wait
        self._connection, self._done = connections[options["database"]], []
        try:
            self._persistently(deadline, lock_wait, *args, **options)
        finally:
            self._record()

    def _persistently(self, deadline: float, lock_wait: float, *args: Any, **options: Any) -> None:
        while not self._attempt(*args, **options):
            if time.monotonic() > deadline:
                raise CommandError(
                    f"A migration needs a lock that something else held for {lock_wait:.0f} s. What is done is kept: "
                    "end the long-running transactions (see pg_stat_activity) and run migrate again."
                )
            if options["verbosity"] > 0:
                self.stdout.write(" waiting for a lock; the application goes first")
            time.sleep(random.uniform(0.3, 1.0))  # noqa: S311 - jitter

    def _attempt(self, *args: Any, **options: Any) -> bool:
        """Migrates as far as it gets. Returns False if something else holds a lock that it needs."""
        try:
            with self._connection.execute_wrapper(through_views), self._connection.execute_wrapper(_limited):
                self._migrate(*args, **options)
        except OperationalError as error:
            match error.__cause__:
                case psycopg2.errors.LockNotAvailable():
                    return False
                # migrations_sql/0000_requirements: it names all that is in the way.
                case psycopg2.errors.ObjectNotInPrerequisiteState(diag=said) if said.message_hint:
                    raise CommandError(f"{said.message_primary}:\n{said.message_hint}") from None
            raise
        return True

    def _migrate(self, *args: Any, **options: Any) -> None:
        with pinned(self._connection) as schema, self._connection.cursor() as cursor:
            djangos_own.refuse_an_earlier_installation(cursor, schema)
            refuse_heirs(cursor, schema)
            closing.refuse_what_others_planted(cursor, schema, djangos_own.tables())
            closing.doubt_what_others_could_write(cursor, schema)
            self._djangos = djangos_own.made_or_to_be_made(cursor, schema)
        for name, whose, _ in self._close(role := options.pop("worker_role", None)):
            # What the role had before it was let in, it has again.
            if options["verbosity"] > 0 and whose.partition(":")[0] != role:
                self.stdout.write(f"Closed {name} ({whose}). Let a role in, if it was meant: --worker-role ROLE")
        made = self._made_of_djangos()
        if pairs := options.pop("again", None):
            again(self._connection, pairs)
            self._done += [f"again {pair}" for pair in pairs]
        else:
            super().handle(*args, **options)
        self._close(role)
        with pinned(self._connection) as schema, self._connection.cursor() as cursor:
            if made and not closing.is_installed(cursor, schema):
                djangos_own.remove(cursor, schema, made)

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        super().migration_progress_callback(action, migration, fake)
        if action in ("apply_success", "unapply_success"):
            self._done.append(f"{'back from ' if action == 'unapply_success' else ''}{migration}")
        if action == "apply_success":
            self._close()

    def _close(self, worker_role: str | None = None) -> Sequence[closing.Open]:
        """Closes our tables to all but the roles that are let in. Returns what was open."""
        with pinned(self._connection) as schema, self._connection.cursor() as cursor:
            if closing.is_installed(cursor, schema):
                djangos_own.note(cursor, schema, self._djangos)
                if worker_role:
                    self._done.append(f"let in {worker_role}")
                    closing.let_in(cursor, schema, worker_role)
                return closing.close(cursor, schema)
        return ()

    def _record(self) -> None:
        """Writes down who did what, also where it was broken off; not where there is no log."""
        done = ", ".join(dict.fromkeys(self._done))
        if not done or self._connection.in_atomic_block:
            return
        with (
            self._connection.execute_wrapper(_limited),
            pinned(self._connection) as schema,
            self._connection.cursor() as cursor,
        ):
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{schema}.snowflake_sync_activity"])
            if cursor.fetchone()[0]:
                # In words that every state of the table has, whatever the models know.
                cursor.execute(_ENTRY.replace(":schema", schema), [machine_user(), Action.MIGRATED, done])

    def _made_of_djangos(self) -> list[str]:
        with pinned(self._connection) as schema, self._connection.cursor() as cursor:
            return djangos_own.made(cursor, schema)


def _limited(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001
    """Limits statements in a transaction only: CREATE INDEX CONCURRENTLY, outside one, holds nobody up as it waits."""
    in_transaction = context["connection"].in_atomic_block
    return execute(_LIMITS + sql if in_transaction else sql, params, many, context)
