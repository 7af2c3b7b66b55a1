"""Checks of a row as a whole: object or array as the others, no undeclared key, a value a column."""

import json
from collections.abc import Iterable, Mapping, Sequence

from psycopg2 import sql

from sync.results.shape import Shape

# A function takes at most 100 arguments.
_MAX_ARGUMENTS = 100
# Up to here taking the declared keys away is cheaper than asking for each key that is there.
_FEW_KEYS = 40


def form_check(shape: Shape, aliases: Mapping[str, str]) -> sql.Composed:
    """SQL: whether row r has the result's form. `aliases`: values that were taken out of it already, by their keys."""
    if not shape.rows_as_objects:
        length = sql.SQL("jsonb_array_length(r) = {}").format(sql.Literal(len(shape.keys)))
        return _of_type("array", length)
    keys = list(dict.fromkeys(shape.keys))
    declared = _only_declared(keys)
    no_more = sql.SQL("r < {}::jsonb").format(sql.Literal(_one_more(keys)))
    all_there = sql.SQL("{} AND r ?& {} OR {}").format(no_more, sql.Literal(keys), declared)
    slowly = _of_type("object", all_there)
    if not aliases:
        return slowly
    return sql.SQL("({} AND {} OR {})").format(no_more, _all_have_values(keys, aliases), slowly)


def undeclared_key(shape: Shape) -> sql.Composable:
    """SQL: a key of object row r that no column declares, or NULL."""
    if not shape.rows_as_objects:
        return sql.SQL("NULL")
    return sql.SQL("CASE jsonb_typeof(r) WHEN 'object' THEN (SELECT k FROM {} LIMIT 1) END").format(
        _undeclared(list(dict.fromkeys(shape.keys)))
    )


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


def _all_have_values(keys: Sequence[str], aliases: Mapping[str, str]) -> sql.Composed:
    """Whether no key is missing, and none that was taken out null: the cheapest proof that all are there.

    A row that has a value for a key is an object.
    """
    names = [sql.SQL(alias) for alias in aliases.values()]
    counts = [
        sql.SQL("num_nonnulls({})").format(sql.SQL(", ").join(names[at : at + _MAX_ARGUMENTS]))
        for at in range(0, len(names), _MAX_ARGUMENTS)
    ]
    taken = sql.SQL("{} = {}").format(sql.SQL(" + ").join(counts), sql.Literal(len(names)))
    others = [key for key in keys if key not in aliases]
    return sql.SQL("{} AND r ?& {}").format(taken, sql.Literal(others)) if others else taken


def _only_declared(keys: list[str]) -> sql.Composed:
    if len(keys) <= _FEW_KEYS:
        return sql.SQL("r - {} = '{{}}'").format(sql.Literal(keys))
    return sql.SQL("NOT EXISTS (SELECT FROM {})").format(_undeclared(keys))


def _undeclared(keys: list[str]) -> sql.Composed:
    return sql.SQL("jsonb_object_keys(r) AS k WHERE k <> ALL ({})").format(sql.Literal(keys))
