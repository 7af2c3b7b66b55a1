"""SQL in pairs, `NNNN_name.up.sql` and `NNNN_name.down.sql`, and the migration operation that runs them.

A pair that has been published is never edited, because whoever has run it does not run it again: a change is a new
pair. Those of `published.sha256` are; a release adds its own (`sha256sum *.sql > published.sha256`, in this directory).
Each file runs as one transaction, unless RunSQLFile is told otherwise, and takes locks on as few of the application's
tables as it can, so that giving up on a lock and coming back later (see the `migrate` command) never leaves half of it
done.

The application's schema may hold operators and functions that fit an argument better than PostgreSQL's own do, and
whoever may create things there chose them. So no statement here looks anything up in it: each runs `pinned` and has
`:schema.` before what is the application's or ours.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from migrations_sql.closing import close, refuse_what_others_planted, refuse_what_others_wrote

DIRECTORY = Path(__file__).parent
# The name stands within literals, identifiers and formats.
_UNUSABLE = re.compile(r"['\"%\\$]")
# The schema is not in the search path, so that each is named with it.
_BROKEN_OFF = """
SELECT format('DROP INDEX CONCURRENTLY %s', c.oid::regclass)
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE c.relnamespace = ':schema'::regnamespace AND c.relname LIKE 'snowflake\\_sync\\_%' AND NOT i.indisvalid
"""


class RunSQLFile(RunSQL):
    """Runs `name.up.sql` forwards and `name.down.sql` backwards; models are given as state operations.

    With `concurrently`, in a migration that is not atomic, it runs statement by statement, and not pinned, which
    takes a transaction: CREATE INDEX CONCURRENTLY waits for as long as it takes, and holds nobody up. What such a
    statement that was broken off has left behind goes first.

    With `in_pages`, in a migration that is not atomic, each of its statements forwards is run until it answers NULL, or
    nothing: a page, of what comes after `%(after)s`, its last answer, in a transaction of its own. What gives up on
    a lock keeps its pages, and begins at the first.
    """

    def __init__(
        self,
        name: str,
        state_operations: list[Operation] | None = None,
        *,
        concurrently: bool = False,
        in_pages: bool = False,
    ) -> None:
        self.name = name
        self.concurrently = concurrently
        self.in_pages = in_pages
        super().__init__(sql=self._read("up"), reverse_sql=self._read("down"), state_operations=state_operations)

    def _read(self, direction: str) -> Any:
        text = (DIRECTORY / f"{self.name}.{direction}.sql").read_text(encoding="ascii")
        if not self.concurrently and not (self.in_pages and direction == "up"):
            return text
        return [statement for statement in re.split(r";\s*$", text, flags=re.MULTILINE) if statement.strip()]

    def _run_sql(self, schema_editor: BaseDatabaseSchemaEditor, sqls: Any) -> None:
        if schema_editor.collect_sql:
            super()._run_sql(schema_editor, sqls)  # type: ignore[misc]
            return
        forwards = sqls is self.sql
        connection = schema_editor.connection
        with pinned(connection) as schema, connection.cursor() as cursor:
            refuse_what_others_planted(cursor, schema)
            if not forwards:
                refuse_what_others_wrote(cursor, schema)
            if isinstance(sqls, str):
                cursor.execute(sqls.replace(":schema", schema))
                sqls = []
            elif self.concurrently:
                cursor.execute(_BROKEN_OFF.replace(":schema", schema))
                sqls = [*(drop for (drop,) in cursor.fetchall()), *sqls]
        for statement in sqls:
            if self.in_pages:
                _run_in_pages(connection, statement.replace(":schema", schema))
            else:
                schema_editor.execute(statement.replace(":schema", schema), params=None)
        if forwards:
            with pinned(connection), connection.cursor() as cursor:
                close(cursor, schema)

    def describe(self) -> str:
        return f"SQL pair {self.name}"


def _run_in_pages(connection: BaseDatabaseWrapper, statement: str) -> None:
    """Until a page has no last row."""
    after, is_left = None, True
    while is_left:
        with pinned(connection), connection.cursor() as cursor:
            if "%(after)s" in statement:
                # A page is looked up row by row: reading a whole table for each would be a square of it.
                cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_mergejoin = off")
            cursor.execute(statement, {"after": after})
            after = next(iter(cursor.fetchone() or ()), None) if cursor.description else None
            is_left = after is not None


def again(connection: BaseDatabaseWrapper, names: list[str]) -> None:
    """Runs these pairs forwards again: each may be."""
    for migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values():
        for operation in migration.operations:
            if isinstance(operation, RunSQLFile) and operation.name in names:
                with connection.schema_editor(atomic=migration.atomic) as editor:
                    operation._run_sql(editor, operation.sql)  # noqa: SLF001


@contextmanager
def pinned(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """A transaction that looks names up among PostgreSQL's own; yields the schema of new tables, quoted if need be."""
    pin = """
        SELECT pg_catalog.set_config('search_path', %s, true),
            pg_catalog.set_config('snowflake_sync.search_path', %s, true)
    """
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.current_schema(), pg_catalog.current_setting('search_path')")
        schema, before = cursor.fetchone()
        if schema is None or _UNUSABLE.search(schema):
            raise CommandError(
                f"There is no schema to install in, or its name has odd characters; search_path: {before}"
            )
        cursor.execute(pin, ["pg_catalog, pg_temp", before])
        cursor.execute("SELECT quote_ident(%s)", [schema])
        yield cursor.fetchone()[0]
        # It may be part of a transaction that goes on.
        cursor.execute(pin, [before, ""])
