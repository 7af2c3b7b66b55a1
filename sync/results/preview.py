"""What people see of a result: its first rows, cut, and the value that an error is about. None of it is stored."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from sync.results.location import location_in

ROWS, COLUMNS, LONGEST = 20, 30, 200
# Bytes, as PostgreSQL keeps it. A larger one would be unpacked as a whole for its first rows.
LARGEST = 64 * 1024 * 1024

_SIZE = "SELECT coalesce(pg_column_size(result_rows), 0) FROM workflow_executions WHERE id = %s"

# Unpacked once. A row that is not of the documented form, or has no declared columns, is shown as it is.
_HEAD = """
WITH head AS MATERIALIZED (
    SELECT
        jsonb_path_query_array(result_rows, %(first_rows)s::jsonpath) AS rows,
        CASE jsonb_typeof(result_columns) WHEN 'array' THEN result_columns END AS columns,
        left(execution_parameters::text, 2000) AS parameters
    FROM workflow_executions
    WHERE id = %(execution)s
),
named AS MATERIALIZED (
    SELECT declared.ordinality::integer AS place, CASE jsonb_typeof(declared.value)
        WHEN 'object' THEN declared.value ->> 'name'
        ELSE declared.value #>> '{}'
    END AS name
    FROM head
    CROSS JOIN LATERAL jsonb_array_elements(head.columns) WITH ORDINALITY AS declared
    WHERE declared.ordinality <= %(columns)s
),
shown AS (
    SELECT line.ordinality AS place, to_jsonb(
        CASE WHEN NOT EXISTS (SELECT FROM named) OR jsonb_typeof(line.value) NOT IN ('object', 'array')
            THEN ARRAY[left(line.value::text, %(longest)s)]
            ELSE ARRAY(
                SELECT left(
                    CASE jsonb_typeof(line.value)
                        WHEN 'object' THEN line.value ->> named.name
                        ELSE line.value ->> (named.place - 1)
                    END,
                    %(longest)s
                )
                FROM named
                ORDER BY named.place
            )
        END
    ) AS texts
    FROM head
    CROSS JOIN LATERAL jsonb_array_elements(head.rows) WITH ORDINALITY AS line
)
SELECT
    ARRAY(SELECT left(coalesce(name, ''), %(longest)s) FROM named ORDER BY place),
    (SELECT coalesce(jsonb_array_length(columns), 0) FROM head),
    (SELECT coalesce(jsonb_agg(texts ORDER BY place), '[]') FROM shown),
    (SELECT parameters FROM head)
"""

# A column that is declared twice is shown where it stands first.
_VALUE = """
SELECT left(
    CASE
        WHEN %(column)s::text IS NULL THEN line::text
        WHEN jsonb_typeof(line) = 'object' THEN line ->> %(column)s::text
        ELSE line ->> (
            SELECT declared.ordinality::integer - 1
            FROM jsonb_array_elements(columns) WITH ORDINALITY AS declared
            WHERE %(column)s IN (declared.value ->> 'name', declared.value #>> '{}')
            ORDER BY declared.ordinality
            LIMIT 1
        )
    END,
    %(longest)s
)
FROM (
    SELECT
        result_rows -> %(row)s::integer - 1 AS line,
        CASE jsonb_typeof(result_columns) WHEN 'array' THEN result_columns ELSE '[]' END AS columns
    FROM workflow_executions
    WHERE execution_id = %(execution_id)s AND pg_column_size(result_rows) <= %(largest)s
) AS execution
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """Names of columns, of which there are `width`, and rows of texts; None where a value is null.

    `too_large`: not looked at. `parameters`: what the execution was asked to do, as JSON, cut.
    """

    columns: tuple[str, ...] = ()
    width: int = 0
    rows: tuple[tuple[str | None, ...], ...] = ()
    parameters: str | None = None
    too_large: bool = False


def preview(execution: UUID) -> Preview:
    """The first ROWS of a result, COLUMNS wide, values cut at LONGEST characters."""
    params: dict[str, Any] = {
        "execution": execution,
        "first_rows": f"$[0 to {ROWS - 1}]",
        "columns": COLUMNS,
        "longest": LONGEST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SIZE, [execution])
        size = cursor.fetchone()
        if size is None or size[0] > LARGEST:
            return Preview(too_large=size is not None)
        cursor.execute(_HEAD, params)
        columns, width, rows, parameters = cursor.fetchone()
    return Preview(tuple(columns), width, tuple(map(tuple, json.loads(rows))), parameters)


def value_at_fault(execution_id: str, message: str) -> str | None:
    """Its beginning, as the application's row has it now; None where the message is about none, or it is gone."""
    if (found := location_in(message, execution_id)) is None:
        return None
    row, column = found
    bounds = {"longest": LONGEST + 1, "largest": LARGEST}
    with connection.cursor() as cursor:
        cursor.execute(_VALUE, {"execution_id": execution_id, "row": row, "column": column, **bounds})
        value: str | None = (cursor.fetchone() or (None,))[0]
    return f"{value[:LONGEST]}\u2026" if value and len(value) > LONGEST else value
