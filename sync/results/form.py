"""Checks of a row as a whole: object or array as the others, no undeclared key, a value a column."""

import json
from collections.abc import Sequence

from psycopg2 import sql

from sync.results.rows import Place
from sync.results.shape import Shape

# A function takes at most 100 arguments.
_MAX_ARGUMENTS = 100
# Up to here taking the declared keys away is cheaper than asking for each key that is there.
_FEW_KEYS = 40


def form_check(shape: Shape, places: Sequence[Place]) -> sql.Composed:
    """SQL: whether row r has the result's form. `places` are the columns c1, c2, … beside it."""
    if not shape.rows_as_objects:
        length = sql.SQL("jsonb_array_length(r) = {}").format(sql.Literal(len(shape.columns)))
        return sql.SQL("CASE jsonb_typeof(r) WHEN 'array' THEN {} ELSE FALSE END").format(length)
    keys = _keys(shape)
    return sql.SQL("(r < {larger} AND ({full} OR r ?& {keys}) OR {only_declared})").format(
        larger=_larger_than(len(keys)),
        full=_all_present(keys, places),
        keys=sql.Literal(keys),
        only_declared=_only_declared(keys),
    )


def undeclared_key(shape: Shape) -> sql.Composable:
    """SQL: a key of object row r that no column declares, or NULL."""
    if not shape.rows_as_objects:
        return sql.SQL("NULL")
    return sql.SQL("CASE jsonb_typeof(r) WHEN 'object' THEN (SELECT k FROM {} LIMIT 1) END").format(
        _undeclared(_keys(shape))
    )


def _keys(shape: Shape) -> list[str]:
    return list(dict.fromkeys(column.key for column in shape.columns))


def _larger_than(keys: int) -> sql.Composed:
    """jsonb sorts objects by their number of keys before anything else, and after all else.

    So a row that is smaller than an object of n + 1 keys has at most n; with all n declared ones
    it has no other.
    """
    larger = json.dumps(dict.fromkeys(map(str, range(keys + 1)), 1))
    return sql.SQL("{}::jsonb").format(sql.Literal(larger))


def _all_present(keys: Sequence[str], places: Sequence[Place]) -> sql.Composed:
    """Whether every key has a value that is not null: the cheapest proof that all are there."""
    numbers = {column.key: n for n, (column, at) in enumerate(places, start=1) if at is not None}
    aliases = [sql.SQL(f"c{n}") for n in numbers.values()]
    counts = [
        sql.SQL("num_nonnulls({})").format(sql.SQL(", ").join(aliases[at : at + _MAX_ARGUMENTS]))
        for at in range(0, len(aliases), _MAX_ARGUMENTS)
    ]
    return sql.SQL("{} = {}").format(sql.SQL(" + ").join(counts), sql.Literal(len(keys)))


def _only_declared(keys: list[str]) -> sql.Composed:
    if len(keys) <= _FEW_KEYS:
        check = sql.SQL("r - {} = '{{}}'").format(sql.Literal(keys))
    else:
        check = sql.SQL("NOT EXISTS (SELECT FROM {})").format(_undeclared(keys))
    return sql.SQL("CASE jsonb_typeof(r) WHEN 'object' THEN {} ELSE FALSE END").format(check)


def _undeclared(keys: list[str]) -> sql.Composed:
    return sql.SQL("jsonb_object_keys(r) AS k WHERE k <> ALL ({})").format(sql.Literal(keys))
