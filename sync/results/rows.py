"""The sub-selects that every projection begins with: an execution's rows, and the values in them.

OFFSET 0 keeps the levels apart, so that a value is taken out of its row once however often the
checks name it. Rows are taken by their index from the unpacked array: unlike
jsonb_array_elements() that keeps no copy of them, in memory or on disk.
"""

from collections.abc import Iterable

from psycopg2 import sql

from sync.results.shape import Place, ResultColumn, Shape
from sync.snowflake.types import Kind

# A chunk's JSON in bytes, on average, and its most rows: enough for what is done once a chunk not to
# count, and little enough for the memory of both sides.
CHUNK = 1_000_000
_MOST_ROWS = 10_000

# `#> '{}'` unpacks a stored value and hands it on as it is.
_ARRAY = """SELECT result_rows::jsonb #> '{{}}' AS arr FROM workflow_executions
    WHERE execution_id = {execution_id} OFFSET 0"""
_CHUNKS = """SELECT arr, last, step, generate_series({first}, last, step) AS start FROM (
    SELECT arr, last, least(1 + {bytes}::bigint * last / pg_column_size(arr), {rows})::int AS step FROM (
        SELECT arr, jsonb_array_length(arr) AS last FROM ({array}) AS e OFFSET 0) AS f OFFSET 0) AS g"""
_ALL = "SELECT arr, generate_series({first}, jsonb_array_length(arr)) AS o FROM ({array}) AS e"
_ONE_CHUNK = "SELECT generate_series(start, least(start + step - 1, last)) AS o"
_FORMS = {
    # JSON, not the text in it; JSON null is SQL's NULL all the same.
    Kind.VARIANT: "nullif((r -> {})::text, 'null')",
    # As PostgreSQL writes a timestamp; here it is done once for check and output.
    Kind.TIMESTAMP_NTZ: "replace(r ->> {}, 'T', ' ')",
    Kind.TIMESTAMP_TZ: "replace(r ->> {}, 'T', ' ')",
}
_VALUES = """SELECT r, o, {values} FROM (
    SELECT arr -> (o - 1) AS r, o FROM ({numbers}) AS n OFFSET 0) AS t OFFSET 0"""


def chunks(shape: Shape, first: int) -> sql.Composed:
    """SELECT of the runs of rows, from row `first`, that are written at a time."""
    return sql.SQL(_CHUNKS).format(
        first=sql.Literal(first), bytes=sql.Literal(CHUNK), rows=sql.Literal(_MOST_ROWS), array=_array(shape)
    )


def chunk_values(shape: Shape, places: Iterable[Place]) -> sql.Composed:
    """As `values`, of the rows of one of the `chunks`."""
    return _values(shape, places, sql.SQL(_ONE_CHUNK))


def values(shape: Shape, places: Iterable[Place], first: int = 1) -> sql.Composed:
    """SELECT of r (the row), o (its number, from 1), c1, c2, … (text) in order, from row `first`.

    A place is a column and where it stands in the result; None gives NULL.
    """
    return _values(shape, places, sql.SQL(_ALL).format(first=sql.Literal(first), array=_array(shape)))


def _array(shape: Shape) -> sql.Composed:
    return sql.SQL(_ARRAY).format(execution_id=sql.Literal(shape.execution_id))


def _values(shape: Shape, places: Iterable[Place], numbers: sql.Composable) -> sql.Composed:
    extracted = [
        sql.SQL(f"{{}} AS c{number}").format(_text(shape, column, position))
        for number, (column, position) in enumerate(places, start=1)
    ]
    return sql.SQL(_VALUES).format(values=sql.SQL(", ").join(extracted), numbers=numbers)


def _text(shape: Shape, column: ResultColumn, position: int | None) -> sql.Composable:
    if position is None:
        return sql.SQL("NULL::text")
    place = sql.Literal(column.key if shape.rows_as_objects else position)
    return sql.SQL(_FORMS.get(column.type.kind, "r ->> {}")).format(place)
