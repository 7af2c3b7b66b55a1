"""Finds the scale of decimal columns that are declared without one."""

from collections.abc import Callable
from dataclasses import replace

from psycopg2 import DataError, sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import SyncError
from sync.results.encoding import refuse_what_is_no_utf8
from sync.results.exact import is_number
from sync.results.location import unfit
from sync.results.shape import Place, Shape
from sync.results.values import values
from sync.snowflake.types import MAX_SCALE, number

NumberIn = Callable[[str], str]


def resolved(cursor: Cursor, shape: Shape, *, is_careful: bool = False) -> Shape:
    """The shape with a scale, the data's largest, for every decimal column. `is_careful`: no value makes it fail."""
    open_places: list[Place] = [(c, at) for at, c in enumerate(shape.columns) if not c.type.is_resolved]
    if not open_places:
        return shape
    # What rules make is never read in a way that fails, since PostgreSQL's log would quote it.
    number_in = _careful_number if is_careful or shape.shaping else _quick_number
    digits = _digits(cursor, shape, open_places, number_in) if shape.rows else [(1, 0)] * len(open_places)
    columns = list(shape.columns)
    for (column, at), (whole, scale) in zip(open_places, digits, strict=True):
        columns[at or 0] = replace(column, type=number(scale), whole=whole)
    return replace(shape, columns=tuple(columns))


def _digits(cursor: Cursor, shape: Shape, places: list[Place], number_in: NumberIn) -> list[tuple[int, int]]:
    """The most digits before and behind the point in each column, zeros at the end apart."""
    cursor.execute("SAVEPOINT scale")
    try:
        digits = _largest(cursor, shape, places, number_in)
    except DataError:
        # Not all values are numbers; reading the rows will name the one that is not. Or a hash is made of no text.
        cursor.execute("ROLLBACK TO SAVEPOINT scale")
        refuse_what_is_no_utf8(cursor, shape, places)
        number_in = _careful_number
        digits = _largest(cursor, shape, places, number_in)
    cursor.execute("RELEASE SAVEPOINT scale")
    for place, (_, largest) in zip(places, digits, strict=True):
        if largest > MAX_SCALE:
            raise _too_fine(cursor, shape, place, number_in)
    return digits


def _largest(cursor: Cursor, shape: Shape, places: list[Place], number_in: NumberIn) -> list[tuple[int, int]]:
    numbers = [number_in(f"c{n}") for n in range(1, len(places) + 1)]
    sought = [f"coalesce(length(trunc(max(abs({x})))::text), 1), coalesce(max(min_scale({x})), 0)" for x in numbers]
    source = values(shape, places)
    cursor.execute(sql.SQL("SELECT {} FROM ({}) AS v").format(sql.SQL(", ".join(sought)), source))
    found = iter(cursor.fetchone() or ())
    return list(zip(found, found, strict=True))


def _quick_number(c: str) -> str:
    return f"{c}::numeric"


def _careful_number(c: str) -> str:
    return f"CASE WHEN {is_number(c)} THEN {_quick_number(c)} END"


def _too_fine(cursor: Cursor, shape: Shape, place: Place, number_in: NumberIn) -> SyncError:
    cursor.execute(
        sql.SQL("SELECT o FROM ({}) AS v WHERE {} > {} LIMIT 1").format(
            values(shape, [place]), sql.SQL(f"min_scale({number_in('c1')})"), sql.Literal(MAX_SCALE)
        )
    )
    (row,) = cursor.fetchone() or (0,)
    return unfit(
        shape,
        place,
        row,
        f"the value has more than the {MAX_SCALE} digits after the point that Snowflake's NUMBER takes",
    )
