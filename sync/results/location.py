"""Names the row and the column that a result cannot be loaded for; the value itself is for its owner's eyes alone."""

import re
from ast import literal_eval

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import SyncError, failure
from sync.results.projection import Projection
from sync.results.shape import Place, Shape
from sync.snowflake.types import MAX_DIGITS, NUMBERS, ColumnType, Kind

# Characters of a column's name that an error shows.
SHOWN = 100
_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_PLACE = re.compile(rf"(?:column (?P<column>{_QUOTED}), )?row (?P<row>[0-9]{{1,9}}): ")

# Where the table's column is what the value does not fit, and its digits are used up: another declaration is no help.
_FULL = (
    "Correct the value; or, since the table's column cannot grow any more, give the column another name in "
    "result_columns, or the execution another snowflake_table_name, then retry the run."
)
_FULL_BY_A_RULE = (
    "Correct the value; or, since the table's column cannot grow any more, let a rule rename the column, so that it "
    "gets one beside that of before, then retry the run."
)

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
        refused = f"Execution {projection.shape.execution_id}: no row is at fault, yet it was refused"
        return failure("unexpected", refused)
    row, json_type, key, column = found
    execution_id = projection.shape.execution_id
    if key is not None:
        return failure(
            "undeclared_key", f"{located(execution_id, row)}: no column is declared for the key {shown(key)}"
        )
    if column is None:
        return _malformed(projection, row, json_type)
    if column < 0:
        assert projection.shape.shaping  # noqa: S101 - it tells of faults
        fault = projection.shape.shaping.faults[-1 - column]
        where = located(execution_id, row, fault.column, is_covered=fault.is_covered)
        return failure(fault.code, f"{where}: {fault.said}")
    place = projection.places[column - 1]
    return unfit(projection.shape, place, row, misfit(place[0].type))


def unfit(shape: Shape, place: Place, row: int, said: str) -> SyncError:
    """The error for a value that its column's type cannot hold; it is the rule's fault if the value is."""
    column, cell = place[0], shape.cell(place[1])
    if cell and cell.constant_of:
        where = f"Execution {shape.execution_id}, column {shown(column.key)}"
        return failure("rule_does_not_fit", f"{where}, as the rule {shown(cell.constant_of)} fills it: {said}")
    where = _where(shape, place, row)
    is_full = place[1] is not None and _is_narrower(column.type, shape.columns[place[1]].type)
    if cell and cell.cast_by:
        by = shown(cell.cast_by)
        remedy = f"Correct the value, or let the rule {by} cast it to a type that holds it, then retry the run."
        remedy = _FULL_BY_A_RULE if is_full else remedy
        return failure("value_does_not_fit", f"{where}: {said}; the rule {by} casts it", remedy=remedy)
    return failure("value_does_not_fit", f"{where}: {said}", remedy=_FULL if is_full else "")


def _is_narrower(there: ColumnType, own: ColumnType) -> bool:
    """Whether a table's number has fewer digits before the point than the result's own type would have."""
    return {there.kind, own.kind} <= NUMBERS and there.is_resolved and there.digits[0] < own.digits[0]


def no_text(shape: Shape, place: Place | None, row: int) -> SyncError:
    """The error for a value, somewhere in the row if it has no place, that is no text."""
    where = _where(shape, place, row) if place else located(shape.execution_id, row)
    return failure(
        "value_does_not_fit",
        f"{where}: the value holds bytes that are no text in UTF-8",
        remedy="Correct the value, then retry the run.",
    )


def _where(shape: Shape, place: Place, row: int) -> str:
    cell = shape.cell(place[1])
    return located(shape.execution_id, row, place[0].key, is_covered=cell is not None and cell.is_covered)


def misfit(column: ColumnType) -> str:
    """What is said of a value that is none of the type."""
    if not column.is_resolved:
        return "the value is no number"
    return f"the value does not fit {column.ddl}, which takes {_wanted(column)}"


def located(execution_id: str, row: int, column: str | None = None, *, is_covered: bool = False) -> str:
    """How a message begins that is about a row or a value; `location_in` reads it, unless rules cover the value."""
    if is_covered and column is not None:
        return f"Execution {execution_id}, row {row}, column {shown(column)}, which rules change"
    return f"Execution {execution_id}, {'' if column is None else f'column {shown(column)}, '}row {row}"


def location_in(message: str, execution_id: str) -> tuple[int, str | None] | None:
    """Row and column that a message is about, no column where it is the row as a whole; None where it tells neither.

    A column's name that was shortened is none.
    """
    before = f"Execution {execution_id}, "
    found = _PLACE.match(message, len(before)) if message.startswith(before) else None
    return (int(found["row"]), found["column"] and literal_eval(found["column"])) if found else None


def _malformed(projection: Projection, row: int, json_type: str) -> SyncError:
    shape = projection.shape
    wanted = "an object" if shape.rows_as_objects else f"an array of {len(shape.keys)} values"
    is_array = json_type == "array" and not shape.rows_as_objects
    found = "an array of another length" if is_array else f"of JSON type {json_type}"
    return failure(
        "malformed_result",
        f"{located(shape.execution_id, row)}: {wanted} was expected, as the first row and "
        f"result_columns say; the row is {found}",
    )


def shown(text: str) -> str:
    """A name as an error shows it: quoted, and shortened."""
    return repr(text) if len(text) <= SHOWN else f"{text[:SHOWN]!r}…"


def _wanted(column: ColumnType) -> str:
    if column.needs_offset and column.kind is Kind.TIMESTAMP_TZ:
        return f"{_WANTED[column.kind]} and an offset from UTC, as the declared type names a zone"
    if column.kind is not Kind.DECIMAL:
        return _WANTED[column.kind]
    whole = (column.precision or 0) - (column.scale or 0)
    return f"a number of at most {whole} digits before the point and {column.scale} after it"
