"""Checks of a row as a whole: object or array as the others, no undeclared key, a value a column."""

import json
from collections.abc import Iterable, Sequence

from psycopg2 import sql

from sync.results.shape import Place, Shape

# A function takes at most 100 arguments.
_MAX_ARGUMENTS = 100
# Up to here taking the declared keys away is cheaper than asking for each key that is there.
_FEW_KEYS = 40


def form_check(shape: Shape, places: Sequence[Place]) -> sql.Composed:
    """SQL: whether row r has the result's form. `places` are the columns c1, c2, … beside it."""
    if not shape.rows_as_objects:
        length = sql.SQL("jsonb_array_length(r) = {}").format(sql.Literal(len(shape.columns)))
        return _of_type("array", length)
    keys = _keys(shape)
    declared = _only_declared(keys)
    no_more = sql.SQL("r < {}::jsonb").format(sql.Literal(_one_more(keys)))
    all_there = sql.SQL("{} AND r ?& {} OR {}").format(no_more, sql.Literal(keys), declared)
    return sql.SQL("({} AND {} OR {})").format(no_more, _all_have_values(keys, places), _of_type("object", all_there))


def undeclared_key(shape: Shape) -> sql.Composable:
    """SQL: a key of object row r that no column declares, or NULL."""
    if not shape.rows_as_objects:
        return sql.SQL("NULL")
    return sql.SQL("CASE jsonb_typeof(r) WHEN 'object' THEN (SELECT k FROM {} LIMIT 1) END").format(
        _undeclared(_keys(shape))
    )


def _keys(shape: Shape) -> list[str]:
    return list(dict.fromkeys(column.key for column in shape.columns))


def _of_type(json_type: str, check: sql.Composable) -> sql.Composed:
    """Some operators take arrays, objects and scalars alike, so the type comes first."""
    return sql.SQL("CASE jsonb_typeof(r) WHEN {} THEN {} ELSE FALSE END").format(sql.Literal(json_type), check)


def _one_more(keys: Iterable[str]) -> str:
    """JSON that tells, by one comparison, that a row with all the keys has no other.

    jsonb compares objects by their number of keys first; where that is equal, key by key, the shortest first, and
    value by value, null being the least. A row with all the keys and another has either a longer first key than the
    empty one here, or the same keys and no lesser values: it is never less. (Where the empty key is declared, no row
    with all the keys is less, and the comparison proves nothing.)
    """
    # Not every PostgreSQL takes escapes: one in SQL_ASCII has no characters that they could stand for.
    return json.dumps(dict.fromkeys(["", *keys]), ensure_ascii=False)


def _all_have_values(keys: Sequence[str], places: Sequence[Place]) -> sql.Composed:
    """Whether no key is missing or null: the cheapest proof that all are there."""
    numbers = {column.key: n for n, (column, at) in enumerate(places, start=1) if at is not None}
    aliases = [sql.SQL(f"c{n}") for n in numbers.values()]
    counts = [
        sql.SQL("num_nonnulls({})").format(sql.SQL(", ").join(aliases[at : at + _MAX_ARGUMENTS]))
        for at in range(0, len(aliases), _MAX_ARGUMENTS)
    ]
    return sql.SQL("{} = {}").format(sql.SQL(" + ").join(counts), sql.Literal(len(keys)))


def _only_declared(keys: list[str]) -> sql.Composed:
    if len(keys) <= _FEW_KEYS:
        return sql.SQL("r - {} = '{{}}'").format(sql.Literal(keys))
    return sql.SQL("NOT EXISTS (SELECT FROM {})").format(_undeclared(keys))


def _undeclared(keys: list[str]) -> sql.Composed:
    return sql.SQL("jsonb_object_keys(r) AS k WHERE k <> ALL ({})").format(sql.Literal(keys))
