"""What people see of a result before it is loaded: its first rows and sums over it, as a load would make them."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.results.copying import copy_rows
from sync.results.encoding import refuse_what_is_no_utf8
from sync.results.preview import LONGEST, ROWS
from sync.results.projection import Projection
from sync.results.rows import rows_of, value_in_row
from sync.results.shape import Shape
from sync.results.values import values

_AT_PATH = "SELECT count(*) FROM ({rows}) AS t WHERE {there}"
_THERE = "jsonb_path_exists({value}, {path}::jsonpath)"
_FIRST = "SELECT o, ARRAY[{texts}]::text[] FROM ({source}) AS x LIMIT {rows}"
_COUNTED = "SELECT ARRAY[{counts}], ARRAY[{different}]::bigint[] FROM ({source}) AS x"
# In the order of their bytes texts are compared fastest.
_DIFFERENT = 'count(DISTINCT c{} COLLATE "C")'


class Counted(NamedTuple):
    """Rows that are kept; how many of them have a value in each column; in some, how many different ones."""

    rows: int
    values: Sequence[int]
    different: Sequence[int]


def first_rows(cursor: Cursor, shape: Shape, columns: Sequence[int]) -> list[tuple[int, tuple[str | None, ...]]]:
    """The first ROWS that are kept: the number in the result, and the texts of these columns (from 0), cut."""
    texts = sql.SQL(", ").join(sql.SQL(f"left(c{at + 1}, {LONGEST})") for at in columns)
    source = _projection(shape).normalised(1)
    cursor.execute(sql.SQL(_FIRST).format(texts=texts, source=source, rows=sql.Literal(ROWS)))
    return [(number, tuple(row)) for number, row in cursor.fetchall()]


def counted(cursor: Cursor, shape: Shape, distinct: Sequence[int]) -> Counted:
    """Sums over the rows that are kept. `distinct`: the columns of which different values are counted."""
    projection = _projection(shape)
    counts = sql.SQL(", ").join(sql.SQL(f"count(c{at})") for at, _ in enumerate(projection.places, start=1))
    different = sql.SQL(", ").join(sql.SQL(_DIFFERENT.format(at + 1)) for at in distinct)
    source = values(shape, projection.places)
    statement = sql.SQL(_COUNTED).format(
        counts=sql.SQL("count(*), {}").format(counts), different=different, source=source
    )
    cursor.execute(statement)
    (rows, *of_columns), of_distinct = cursor.fetchone() or ([0], [])
    return Counted(rows, of_columns, of_distinct)


def rows_with(cursor: Cursor, shape: Shape, positions: Sequence[int], path: Sequence[str]) -> int:
    """In how many rows a path of a rule leads to something in one of these declared columns, be it null."""
    # Lax: what one element of an array lacks, others may have. (Where it is kinder than a rule, a load is refused.)
    keys = ["[*]" if key == "*" else f".{json.dumps(key, ensure_ascii=False)}" for key in path]
    way = sql.Literal(f"lax ${''.join(keys)}")
    there = [sql.SQL(_THERE).format(value=value_in_row(shape, at), path=way) for at in positions]
    cursor.execute(sql.SQL(_AT_PATH).format(rows=rows_of(shape), there=sql.SQL(" OR ").join(there)))
    (rows,) = cursor.fetchone() or (0,)
    return int(rows)


def check_rows(cursor: Cursor, shape: Shape) -> None:
    """Raises the SyncError that a load would."""
    copy_rows(cursor, _projection(shape), "", lambda _: None)


def check_encoding(cursor: Cursor, shape: Shape) -> None:
    """The same as far as it is about text that is none in UTF-8, which no other function here reads without failing."""
    refuse_what_is_no_utf8(cursor, shape, _projection(shape).places)


def _projection(shape: Shape) -> Projection:
    return Projection(shape, [(column, at) for at, column in enumerate(shape.columns)])
