"""SQL in pairs, `NNNN_name.up.sql` and `NNNN_name.down.sql`, and the migration operation that runs them.

A pair that has been published is never edited: a change is a new pair. Each file runs as one transaction and
takes locks on as few of the application's tables as it can, so that giving up on a lock and coming back later
(see the `migrate` command) never leaves half of it done.
"""

import re
from pathlib import Path
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation

DIRECTORY = Path(__file__).parent


class RunSQLFile(RunSQL):
    """Runs `name.up.sql` forwards and `name.down.sql` backwards; models are given as state operations.

    With `concurrently`, in a migration that is not atomic, it runs statement by statement and waits for
    locks as long as it takes: CREATE INDEX CONCURRENTLY holds nobody up while it waits.
    """

    def __init__(
        self,
        name: str,
        state_operations: list[Operation] | None = None,
        *,
        concurrently: bool = False,
    ) -> None:
        self.name = name
        self.concurrently = concurrently
        super().__init__(
            sql=self._read("up"),
            reverse_sql=self._read("down"),
            state_operations=state_operations,
        )

    def _read(self, direction: str) -> Any:
        text = (DIRECTORY / f"{self.name}.{direction}.sql").read_text(encoding="utf-8")
        if not self.concurrently:
            return text
        return [statement for statement in re.split(r";\s*$", text, flags=re.MULTILINE) if statement.strip()]

    def _run_sql(self, schema_editor: BaseDatabaseSchemaEditor, sqls: Any) -> None:
        if not self.concurrently:
            super()._run_sql(schema_editor, sqls)  # type: ignore[misc]
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            before = cursor.fetchone()[0]
            cursor.execute("SET lock_timeout = 0")
            try:
                super()._run_sql(schema_editor, sqls)  # type: ignore[misc]
            finally:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])

    def describe(self) -> str:
        return f"SQL pair {self.name}"
