"""The sub-selects that every projection begins with: an execution's rows, and the values in them.

OFFSET 0 keeps the levels apart, so that a value is taken out of its row once however often the
checks name it. Rows are taken by their index from the unpacked array: unlike
jsonb_array_elements() that keeps no copy of them, in memory or on disk.
"""

from collections.abc import Iterable

from psycopg2 import sql

from sync.results.shape import Shape

# `#> '{}'` unpacks a stored value and hands it on as it is.
_ARRAY = """SELECT result_rows::jsonb #> '{{}}' AS arr FROM workflow_executions
    WHERE execution_id = {execution_id} OFFSET 0"""
_NUMBERS = "SELECT arr, generate_series({first}, least({last}, jsonb_array_length(arr))) AS o FROM ({array}) AS e"
_ROWS = "SELECT arr -> (o - 1) AS r, o FROM ({numbers}) AS n OFFSET 0"


def rows_of(shape: Shape, first: int = 1) -> sql.Composed:
    """SELECT of r (the row) and o (its number, from 1), in order, from row `first`."""
    array = sql.SQL(_ARRAY).format(execution_id=sql.Literal(shape.execution_id))
    ends = {"first": sql.Literal(first), "last": sql.Literal(shape.rows)}
    return sql.SQL(_ROWS).format(numbers=sql.SQL(_NUMBERS).format(array=array, **ends))


def value_in_row(shape: Shape, position: int) -> sql.Composed:
    """SQL: the value of a declared column in row r, as jsonb."""
    return sql.SQL("r -> {}").format(_key(shape, position))


def text_in_row(shape: Shape, position: int, *, as_json: bool = False) -> sql.Composed:
    """SQL: its text; or JSON, of which null is SQL's NULL all the same."""
    form = "nullif((r -> {})::text, 'null')" if as_json else "r ->> {}"
    return sql.SQL(form).format(_key(shape, position))


def numbered(name: str, fields: Iterable[sql.Composable]) -> sql.Composed:
    """SQL: the fields, named with a number each, from 1."""
    return sql.SQL(", ").join(
        sql.SQL(f"{{}} AS {name}{number}").format(field) for number, field in enumerate(fields, 1)
    )


def _key(shape: Shape, position: int) -> sql.Composable:
    return sql.Literal(shape.keys[position] if shape.rows_as_objects else position)
