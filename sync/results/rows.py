"""The sub-selects that every projection begins with: an execution's rows, and the values in them.

OFFSET 0 keeps the levels apart, so that a value is taken out of its row once however often the
checks name it. Rows are taken by their index from the unpacked array: unlike
jsonb_array_elements() that keeps no copy of them, in memory or on disk.
"""

from collections.abc import Iterable

from psycopg2 import sql

from sync.results.shape import Place, ResultColumn, Shape
from sync.snowflake.types import Kind

# `#> '{}'` unpacks a stored value and hands it on as it is.
_ARRAY = """SELECT result_rows::jsonb #> '{{}}' AS arr FROM workflow_executions
    WHERE execution_id = {execution_id} OFFSET 0"""
_ALL = "SELECT arr, generate_series({first}, jsonb_array_length(arr)) AS o FROM ({array}) AS e"
_VALUES = """SELECT r, o, {values} FROM (
    SELECT arr -> (o - 1) AS r, o FROM ({numbers}) AS n OFFSET 0) AS t OFFSET 0"""


def values(shape: Shape, places: Iterable[Place], first: int = 1) -> sql.Composed:
    """SELECT of r (the row), o (its number, from 1), c1, c2, … (text) in order, from row `first`.

    A place is a column and where it stands in the result; None gives NULL.
    """
    array = sql.SQL(_ARRAY).format(execution_id=sql.Literal(shape.execution_id))
    numbers = sql.SQL(_ALL).format(first=sql.Literal(first), array=array)
    extracted = [
        sql.SQL(f"{{}} AS c{number}").format(_text(shape, column, position))
        for number, (column, position) in enumerate(places, start=1)
    ]
    return sql.SQL(_VALUES).format(values=sql.SQL(", ").join(extracted), numbers=numbers)


def _text(shape: Shape, column: ResultColumn, position: int | None) -> sql.Composable:
    if position is None:
        return sql.SQL("NULL::text")
    place = sql.Literal(column.key if shape.rows_as_objects else position)
    # JSON, not the text in it; JSON null is SQL's NULL all the same.
    form = "nullif((r -> {})::text, 'null')" if column.type.kind is Kind.VARIANT else "r ->> {}"
    return sql.SQL(form).format(place)
