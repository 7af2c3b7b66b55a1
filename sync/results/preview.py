"""The first rows of a result, cut: for people to look at. The rest of it never leaves PostgreSQL."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

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
