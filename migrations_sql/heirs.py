"""Tables that inherit from the executions', and are no partitions: no key or trigger of it holds for their rows."""

from django.core.management.base import CommandError
from django.db.backends.utils import CursorWrapper

from migrations_sql.closing import is_installed

AT_FAULT = "inherits from workflow_executions, whose keys and triggers do not hold for its rows"
_HEIRS = """
SELECT heir.oid::regclass::text
FROM pg_inherits AS heirs
JOIN pg_class AS heir ON heir.oid = heirs.inhrelid
WHERE heirs.inhparent = to_regclass(%s) AND NOT heir.relispartition
ORDER BY 1
"""


def heirs(cursor: CursorWrapper, executions: str = "workflow_executions") -> list[str]:
    """Their names, as the search path wants them; `executions` is looked up by it, too."""
    cursor.execute(_HEIRS, [executions])
    return [heir for (heir,) in cursor.fetchall()]


def refuse_heirs(cursor: CursorWrapper, schema: str) -> None:
    """Raises CommandError where there are any, and nothing of ours yet."""
    if is_installed(cursor, schema):
        return
    if found := heirs(cursor, f"{schema}.workflow_executions"):
        raise CommandError(
            f"Universal Snowflake Sync cannot be installed in this database:\n{', '.join(found)}: {AT_FAULT}. Take it "
            f"out (ALTER TABLE {found[0]} NO INHERIT workflow_executions;), or make it a partition of a table that is "
            "partitioned by execution_id, by hash or by range."
        )
