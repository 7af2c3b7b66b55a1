"""Finds the scale of decimal columns that are declared without one."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from psycopg2 import DataError, sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import SyncError, failure
from sync.results.exact import is_number
from sync.results.location import SHOWN, shown
from sync.results.rows import values
from sync.results.shape import Place, ResultColumn, Shape
from sync.snowflake.types import MAX_SCALE, ColumnType, Kind, number

Scale = Callable[[str], str]


def resolved(cursor: Cursor, shape: Shape, known: Mapping[str, ColumnType]) -> Shape:
    """The shape with a scale for every decimal column: the known one, or the data's largest."""
    columns = tuple(_with_known(column, known) for column in shape.columns)
    open_places: list[Place] = [(c, at) for at, c in enumerate(columns) if not c.type.is_resolved]
    if open_places:
        scales = _scales(cursor, shape, open_places) if shape.rows else [0] * len(open_places)
        found = {at: scale for (_, at), scale in zip(open_places, scales, strict=True)}
        columns = tuple(
            replace(column, type=number(found[at])) if at in found else column for at, column in enumerate(columns)
        )
    return replace(shape, columns=columns)


def _with_known(column: ResultColumn, known: Mapping[str, ColumnType]) -> ResultColumn:
    kept = known.get(column.key)
    if column.type.is_resolved or kept is None or kept.kind not in (Kind.INTEGER, Kind.DECIMAL):
        return column
    return replace(column, type=kept)


def _scales(cursor: Cursor, shape: Shape, places: list[Place]) -> list[int]:
    """The most digits after the point in each column, zeros at the end apart."""
    scale: Scale = _quick_scale
    cursor.execute("SAVEPOINT scale")
    try:
        scales = _largest(cursor, shape, places, scale)
    except DataError:
        # Not all are numbers; which one is not comes to light when the rows are read.
        cursor.execute("ROLLBACK TO SAVEPOINT scale")
        scale = _careful_scale
        scales = _largest(cursor, shape, places, scale)
    cursor.execute("RELEASE SAVEPOINT scale")
    for place, largest in zip(places, scales, strict=True):
        if largest > MAX_SCALE:
            raise _too_fine(cursor, shape, place, scale)
    return scales


def _largest(cursor: Cursor, shape: Shape, places: list[Place], scale: Scale) -> list[int]:
    scales = [sql.SQL(f"coalesce(max({scale(f'c{n}')}), 0)") for n in range(1, len(places) + 1)]
    source = values(shape, places)
    cursor.execute(sql.SQL("SELECT {} FROM ({}) AS v").format(sql.SQL(", ").join(scales), source))
    return list(cursor.fetchone() or ())


def _quick_scale(c: str) -> str:
    return f"min_scale({c}::numeric)"


def _careful_scale(c: str) -> str:
    return f"CASE WHEN {is_number(c)} THEN {_quick_scale(c)} END"


def _too_fine(cursor: Cursor, shape: Shape, place: Place, scale: Scale) -> SyncError:
    cursor.execute(
        sql.SQL("SELECT o, left(c1, {}) FROM ({}) AS v WHERE {} > {} LIMIT 1").format(
            sql.Literal(SHOWN + 1),
            values(shape, [place]),
            sql.SQL(scale("c1")),
            sql.Literal(MAX_SCALE),
        )
    )
    row, value = cursor.fetchone() or (0, "")
    return failure(
        "value_does_not_fit",
        f"Execution {shape.execution_id}, column {shown(place[0].key)}, row {row}: {shown(value)} "
        f"has more than the {MAX_SCALE} digits after the point that Snowflake's NUMBER takes",
    )
