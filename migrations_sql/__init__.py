"""SQL in pairs, `NNNN_name.up.sql` and `NNNN_name.down.sql`, and the migration operation that runs them.

A pair that has been published is never edited: a change is a new pair. Each file runs as one transaction and
takes locks on as few of the application's tables as it can, so that giving up on a lock and coming back later
(see the `migrate` command) never leaves half of it done.
"""

import re
from pathlib import Path
from typing import Any

from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation

DIRECTORY = Path(__file__).parent


class RunSQLFile(RunSQL):
    """Runs `name.up.sql` forwards and `name.down.sql` backwards; models are given as state operations.

    With `concurrently`, in a migration that is not atomic, it runs statement by statement: CREATE INDEX
    CONCURRENTLY waits for as long as it takes, and holds nobody up.
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

    def describe(self) -> str:
        return f"SQL pair {self.name}"
