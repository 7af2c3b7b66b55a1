"""A completed item follows what somebody has changed in Snowflake."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sync.postgres import read_sql, short_transaction
from sync.queue.execution_status import lock_executions, write_status

(_ADOPT,) = read_sql(__file__, "adopt")


def adopt_item(
    execution_id: str,
    configuration_id: UUID,
    *,
    as_of: datetime,
    rows: int | None = None,
    table_name: str | None = None,
) -> bool:
    """Notes how many rows the execution's table has by now, or its name; and writes it to the execution.

    False: something has become of the item since then. Raises django.db.Error where somebody holds the execution.
    """
    params: dict[str, Any] = {"execution": execution_id, "configuration": configuration_id, "as_of": as_of}
    with short_transaction() as cursor:
        locked = lock_executions(cursor, [execution_id])
        cursor.execute(_ADOPT, params | {"rows": rows, "table_name": table_name})
        done = bool(cursor.rowcount)
        if done:
            write_status(cursor, locked)
    return done
