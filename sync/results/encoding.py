"""Finds text that a database in another encoding than UTF-8 holds, and that a file has no place for."""

from collections.abc import Sequence

from psycopg2 import DataError, sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.results.location import no_text
from sync.results.shape import Place, Shape
from sync.results.values import values

_CONVERTED = """SELECT count(convert_to(ROW({fields})::text, 'UTF8'))
    FROM (SELECT * FROM ({source}) AS v LIMIT {rows}) AS w"""


def refuse_what_is_no_utf8(cursor: Cursor, shape: Shape, places: Sequence[Place]) -> None:
    """Raises `value_does_not_fit` with the first row and column whose text has no place in the file's encoding."""
    if cursor.connection.info.parameter_status("server_encoding") == "UTF8":
        return
    if _converts(cursor, shape, places, 1, shape.rows):
        return
    row = _first_row(cursor, shape, places)
    place = next((place for place in places if not _converts(cursor, shape, [place], row, 1)), None)
    number = row if shape.keeps_all else _number_in_result(cursor, shape, row)
    raise no_text(shape, place, number)


def _number_in_result(cursor: Cursor, shape: Shape, row: int) -> int:
    """Of a row that is kept."""
    no_values = values(shape, [(shape.columns[0], None)], row)
    cursor.execute(sql.SQL("SELECT o FROM ({}) AS v LIMIT 1").format(no_values))
    ((number,),) = cursor.fetchall()
    return int(number)


def _first_row(cursor: Cursor, shape: Shape, places: Sequence[Place]) -> int:
    """Searches by halves: rows that were found to be well are not read again."""
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
