"""An execution that is made to be synced and removed again, in tables with columns that only the application knows."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from psycopg2.errors import UndefinedColumn, UndefinedTable

from sync.models import WorkflowExecution
from sync.postgres import fetch, first_line, read_sql

NAME = "universal-snowflake-sync-test"
COLUMNS = [{"name": "note", "type": "string"}, {"name": "amount", "type": "decimal(10,2)"}]
ROWS: list[dict[str, str | None]] = [
    {"note": 'what\'s "quoted",\na line further \\ and \u00e9', "amount": "12.50"},
    {"note": "", "amount": None},
]

_NEEDED, _A_WORKFLOW, _AN_EXECUTION, _REMOVE = read_sql(__file__, "needed", "a_workflow", "an_execution", "remove")


class SampleError(Exception):
    """The application's tables do not take the sample; the message says why, and what to do."""


@contextmanager
def sample_execution(user_id: UUID) -> Iterator[str]:
    """Completes an execution as an application does, results after the rest; at the end it is deleted in any case.

    Yields its execution_id, which tells a person who meets it what it is. The columns that only the application knows
    get the values of another row of the same user. Raises SampleError.
    """
    execution_id = f"{NAME}-{uuid.uuid4().hex[:12]}"
    _remove(user_id)
    try:
        with transaction.atomic():
            _make(user_id, execution_id)
    except DatabaseError as error:
        raise SampleError(_refused(error)) from None
    try:
        yield execution_id
    finally:
        _remove(user_id)


def _refused(error: DatabaseError) -> str:
    said = f"The application's tables take no test execution: {first_line(error)}."
    if isinstance(error.__cause__, (UndefinedColumn, UndefinedTable)):
        return f"{said} manage.py verify_sync_install names what is not as it was."
    return (
        f"{said} Run this as the role that the application uses; where a column is missing a value, let the "
        "application run one execution of this user first."
    )


def _make(user_id: UUID, execution_id: str) -> None:
    now, workflow_id = datetime.now(UTC), uuid.uuid4()
    workflow = {"id": workflow_id, "workflow_id": execution_id, "user_id": user_id, "name": NAME}
    _insert("workflows", workflow, _template(_A_WORKFLOW, user_id))
    execution = {
        "id": uuid.uuid4(),
        "execution_id": execution_id,
        "workflow_id": workflow_id,
        "status": "completed",
        "created_at": now,
        "completed_at": now,
    }
    _insert("workflow_executions", execution, _template(_AN_EXECUTION, user_id))
    made = WorkflowExecution.objects.filter(execution_id=execution_id)
    made.update(result_columns=COLUMNS, result_rows=ROWS, result_total_rows=len(ROWS))


def _template(statement: str, user_id: UUID) -> dict[str, Any]:
    found = fetch(statement, [user_id])
    return dict(json.loads(found[0][0])) if found else {}


def _insert(table: str, values: Mapping[str, Any], template: Mapping[str, Any]) -> None:
    quote = connection.ops.quote_name
    needed = {name: template[name] for (name,) in fetch(_NEEDED, [table]) if name in template and name not in values}
    with connection.cursor() as cursor:
        # The copied values keep the types of the application's columns on the way through JSON.
        cursor.execute(
            f"INSERT INTO {quote(table)} ({', '.join(map(quote, [*values, *needed]))}) "  # noqa: S608 - quoted
            f"SELECT {', '.join(['%s'] * len(values) + [f'given.{quote(name)}' for name in needed])} "
            f"FROM jsonb_populate_record(NULL::{quote(table)}, %s::jsonb) AS given",
            [*values.values(), json.dumps(needed)],
        )


def _remove(user_id: UUID) -> None:
    """Removes the sample, and those of tests that were killed; the queue's items and attempts go along."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REMOVE, {"user_id": user_id, "name": NAME, "like": f"{NAME}-%"})
