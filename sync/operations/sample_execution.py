"""An execution that is made to be synced and taken away again, in tables whose other columns are the application's."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from psycopg2.errors import UndefinedColumn, UndefinedTable

from sync.postgres import first_line

NAME = "universal-snowflake-sync-test"
COLUMNS = [{"name": "note", "type": "string"}, {"name": "amount", "type": "decimal(10,2)"}]
ROWS: list[dict[str, str | None]] = [
    {"note": 'what\'s "quoted",\na line further \\ and \u00e9', "amount": "12.50"},
    {"note": "", "amount": None},
]

# Columns that an INSERT has to name, since nothing else gives them a value.
_NEEDED = """
SELECT attname
FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
    AND attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = ''
"""
_A_WORKFLOW = "SELECT to_jsonb(workflow)::text FROM workflows AS workflow WHERE user_id = %s LIMIT 1"
_AN_EXECUTION = """
SELECT (to_jsonb(execution) - '{result_rows,result_columns,execution_parameters}'::text[])::text
FROM workflow_executions AS execution
WHERE workflow_id IN (SELECT id FROM workflows WHERE user_id = %s)
LIMIT 1
"""


class SampleError(Exception):
    """The application's tables do not take it; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A workflow of a user's and an execution of it, both named so that a person who meets them knows them."""

    user_id: UUID
    workflow: UUID = field(default_factory=uuid.uuid4)
    execution_id: str = field(default_factory=lambda: f"{NAME}-{uuid.uuid4().hex[:12]}")


@contextmanager
def sample_execution(user_id: UUID) -> Iterator[Sample]:
    """Completes one as an application does, results after the rest; whatever comes of it, it is deleted.

    What else a column needs is taken from another row of the same user. Raises SampleError.
    """
    sample = Sample(user_id)
    _remove(user_id)
    try:
        with transaction.atomic():
            _make(sample)
    except DatabaseError as error:
        raise SampleError(_refused(error)) from None
    try:
        yield sample
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


def _make(sample: Sample) -> None:
    now = datetime.now(UTC)
    workflow = {"id": sample.workflow, "workflow_id": sample.execution_id, "user_id": sample.user_id, "name": NAME}
    _insert("workflows", workflow, _template(_A_WORKFLOW, sample.user_id))
    execution = {
        "id": uuid.uuid4(),
        "execution_id": sample.execution_id,
        "workflow_id": sample.workflow,
        "status": "completed",
        "created_at": now,
        "completed_at": now,
    }
    _insert("workflow_executions", execution, _template(_AN_EXECUTION, sample.user_id))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflow_executions "
            "SET result_columns = %s::jsonb, result_rows = %s::jsonb, result_total_rows = %s "
            "WHERE execution_id = %s",
            [json.dumps(COLUMNS), json.dumps(ROWS), len(ROWS), sample.execution_id],
        )


def _template(statement: str, user_id: UUID) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [user_id])
        row = cursor.fetchone()
    return dict(json.loads(row[0])) if row else {}


def _insert(table: str, values: Mapping[str, Any], template: Mapping[str, Any]) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(_NEEDED, [table])
        needed = {name: template[name] for (name,) in cursor.fetchall() if name in template and name not in values}
        # The application's own values keep the types of its columns on the way through JSON.
        cursor.execute(
            f"INSERT INTO {quote(table)} ({', '.join(map(quote, [*values, *needed]))}) "  # noqa: S608 - quoted
            f"SELECT {', '.join(['%s'] * len(values) + [f'given.{quote(name)}' for name in needed])} "
            f"FROM jsonb_populate_record(NULL::{quote(table)}, %s::jsonb) AS given",
            [*values.values(), json.dumps(needed)],
        )


def _remove(user_id: UUID) -> None:
    """This one, and what a test left that was killed; the queue's items and attempts go along."""
    with transaction.atomic(), connection.cursor() as cursor:
        ours = "SELECT id FROM workflows WHERE user_id = %s AND name = %s AND workflow_id LIKE %s"
        which = (user_id, NAME, f"{NAME}-%")
        cursor.execute(f"DELETE FROM workflow_executions WHERE workflow_id IN ({ours})", which)  # noqa: S608 - constant
        cursor.execute(f"DELETE FROM workflows WHERE id IN ({ours})", which)  # noqa: S608 - constant
