"""Names the row, the column and the value that a result cannot be loaded for."""

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import SyncError, failure
from sync.results.projection import Projection
from sync.snowflake.types import MAX_DIGITS, ColumnType, Kind

# Characters of a value that an error shows.
SHOWN = 100

_WANTED = {
    Kind.TEXT: "text of at most 16,777,216 bytes",
    Kind.INTEGER: f"a whole number of at most {MAX_DIGITS} digits",
    Kind.FLOAT: "a number within the range of a double",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date as YYYY-MM-DD, without a time",
    Kind.TIME: "a time as HH:MM:SS, without a zone, with at most 9 digits after the point",
    Kind.TIMESTAMP_NTZ: "a date and time as in ISO 8601, without a zone or in UTC, with at most 9 "
    'digits after the point; for other zones declare "timestamp with time zone"',
    Kind.TIMESTAMP_TZ: "a date and time as in ISO 8601, with at most 9 digits after the point",
    Kind.VARIANT: f"JSON of at most 16,777,216 bytes, its numbers of at most {MAX_DIGITS} digits",
}


def refusal(cursor: Cursor, projection: Projection, first: int) -> SyncError:
    """The error for the first row, from row `first` on, that cannot be loaded."""
    cursor.execute(projection.offender(first))
    found = cursor.fetchone()
    if found is None:
        return failure("unexpected", f"{_name(projection)}: no row is at fault, yet it was refused")
    row, json_type, key, column = found
    if key is not None:
        return failure(
            "undeclared_key",
            f"{_name(projection)}, row {row}: no column is declared for the key {shown(key)}",
        )
    if column is None:
        return _malformed(projection, row, json_type)
    cursor.execute(projection.value(row, column, SHOWN + 1))
    value = cursor.fetchone()
    return _unfit(projection, row, column, value[0] if value else "")


def _unfit(projection: Projection, row: int, column: int, value: str) -> SyncError:
    """The error for a value, given as text of up to SHOWN + 1 characters; column from 1."""
    at_fault, _ = projection.places[column - 1]
    return failure(
        "value_does_not_fit",
        f"{_name(projection)}, column {shown(at_fault.key)}, row {row}: {shown(value)} does not "
        f"fit {at_fault.type.ddl}, which takes {_wanted(at_fault.type)}",
    )


def _malformed(projection: Projection, row: int, json_type: str) -> SyncError:
    shape = projection.shape
    wanted = "an object" if shape.rows_as_objects else f"an array of {len(shape.columns)} values"
    is_array = json_type == "array" and not shape.rows_as_objects
    found = "an array of another length" if is_array else f"of JSON type {json_type}"
    return failure(
        "malformed_result",
        f"{_name(projection)}, row {row}: {wanted} was expected, as the first row and "
        f"result_columns say; the row is {found}",
    )


def shown(text: str) -> str:
    """A name or value as an error shows it: quoted, and shortened."""
    return repr(text) if len(text) <= SHOWN else f"{text[:SHOWN]!r}…"


def _wanted(column: ColumnType) -> str:
    if column.needs_offset and column.kind is Kind.TIMESTAMP_TZ:
        return f"{_WANTED[column.kind]} and an offset from UTC, as the declared type names a zone"
    if column.kind is not Kind.DECIMAL:
        return _WANTED[column.kind]
    whole = (column.precision or 0) - (column.scale or 0)
    return f"a number of at most {whole} digits before the point and {column.scale} after it"


def _name(projection: Projection) -> str:
    return f"Execution {projection.shape.execution_id}"
