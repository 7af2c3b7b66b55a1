"""The value, or the row, that an error is about: read when somebody looks who may see results, and never stored."""

from django.db import connection

from sync.results.location import location_in
from sync.results.preview import LARGEST, LONGEST

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
