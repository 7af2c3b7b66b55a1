"""Text that has no place in UTF-8, which the file is written in. Only a database in another encoding can hold any."""

from collections.abc import Sequence

from psycopg2 import DataError, sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import failure
from sync.results.location import located
from sync.results.rows import values
from sync.results.shape import Place, Shape

_CONVERTED = """SELECT count(convert_to(ROW({fields})::text, 'UTF8'))
    FROM (SELECT * FROM ({source}) AS v LIMIT {rows}) AS w"""


def refuse_what_is_no_utf8(cursor: Cursor, shape: Shape, places: Sequence[Place]) -> None:
    """Raises `value_does_not_fit` with the first row and column whose text cannot be converted."""
    if cursor.connection.info.parameter_status("server_encoding") == "UTF8":
        return
    if _converts(cursor, shape, places, 1, shape.rows):
        return
    row = _first_row(cursor, shape, places)
    column = next((column for column, at in places if not _converts(cursor, shape, [(column, at)], row, 1)), None)
    where = located(shape.execution_id, row, column.key if column else None)
    raise failure("value_does_not_fit", f"{where}: the value holds bytes that are no text in UTF-8")


def _first_row(cursor: Cursor, shape: Shape, places: Sequence[Place]) -> int:
    """By halves: what was found to be well is not read again."""
    first, rows = 1, shape.rows
    while rows > 1:
        half = rows // 2
        if _converts(cursor, shape, places, first, half):
            first, rows = first + half, rows - half
        else:
            rows = half
    return first


def _converts(cursor: Cursor, shape: Shape, places: Sequence[Place], first: int, rows: int) -> bool:
    fields = ", ".join(f"c{number}" for number, _ in enumerate(places, start=1))
    cursor.execute("SAVEPOINT encoding")
    try:
        cursor.execute(
            sql.SQL(_CONVERTED).format(
                fields=sql.SQL(fields), source=values(shape, places, first), rows=sql.Literal(rows)
            )
        )
    except DataError:
        cursor.execute("ROLLBACK TO SAVEPOINT encoding")
        return False
    return True
