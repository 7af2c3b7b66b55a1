"""What rules do to values, in SQL of PostgreSQL's own functions, none of which can fail and tell a value.

What is made of NULL is NULL. `c` is the SQL of the value.
"""

from collections.abc import Callable, Sequence

from psycopg2 import sql

from sync.results.exact import is_number
from sync.rules import Mask

Made = Callable[[sql.Composable], sql.Composable]

_PAD = "(SELECT decode({}, 'hex') FROM pg_temp.snowflake_sync_hash_pads)"
_OUTER, _INNER = _PAD.format("outer_pad"), _PAD.format("inner_pad")
_HMAC = f"encode(sha256({_OUTER} || sha256({_INNER} || convert_to({{}}, 'UTF8'))), 'hex')"
# JSON's numbers keep zeros at their end, and have no exponent.
_HAS_ZEROS = "{c} LIKE '%.%0'"
_CANONICAL = "trim_scale({c}::numeric)::text"
_KEPT = {
    "last": "CASE WHEN length({c}) > {n} THEN {text} || right({c}, {n}) WHEN {c} IS NOT NULL THEN {text} END",
    "first": "CASE WHEN length({c}) > {n} THEN left({c}, {n}) || {text} WHEN {c} IS NOT NULL THEN {text} END",
    "domain": "CASE WHEN {c} ~ '^[^@]+@[A-Za-z0-9.-]+$' THEN {text} || substr({c}, strpos({c}, '@')) "
    "WHEN {c} IS NOT NULL THEN {text} END",
    "nothing": "CASE WHEN {c} IS NOT NULL THEN {text} END",
}
_ELEMENTS = """(SELECT CASE WHEN bool_and(x IS NOT NULL) IS NOT FALSE THEN coalesce(jsonb_agg(x ORDER BY n), '[]') END
    FROM (SELECT {x} AS x, n FROM jsonb_array_elements({array}) WITH ORDINALITY AS t ({e}, n) OFFSET 0) AS q)"""


def hashed(c: sql.Composable) -> sql.Composable:
    """HMAC-SHA256 of a text in UTF-8 (RFC 2104), with the key that the snapshot was given, as 64 hexadecimal digits."""
    return sql.SQL(_HMAC).format(c)


def masked(c: sql.Composable, rule: Mask) -> sql.Composable:
    """What the rule keeps of a text."""
    return sql.SQL(_KEPT[rule.keep]).format(c=c, n=sql.Literal(rule.characters), text=sql.Literal(rule.text))


def text_of(c: sql.Composable) -> sql.Composable:
    """The text of a jsonb."""
    return sql.SQL("({} #>> '{{}}')").format(c)


def canonical_json(c: sql.Composable) -> sql.Composable:
    """The text of a jsonb that is hashed: a number's is the same for all equal ones, any other's its own."""
    return sql.SQL(
        "CASE jsonb_typeof({c}) WHEN 'number' THEN trim_scale({c}::numeric)::text ELSE {c} #>> '{{}}' END"
    ).format(c=c)


def canonical_number(c: str) -> sql.Composable:
    """The same of a text in a column of numbers."""
    return sql.SQL(f"CASE WHEN {is_number(c)} THEN {_CANONICAL.format(c=c)} ELSE {c} END")


def canonical_text(c: str, value: sql.Composable, *, of_numbers: bool) -> sql.Composable:
    """The same of a value that came as JSON, by its text, and the jsonb, which is looked at only if need be."""
    number = _CANONICAL.format(c=c)
    trimmed = f"WHEN 'number' THEN CASE WHEN {_HAS_ZEROS.format(c=c)} THEN {number} ELSE {c} END"
    if of_numbers:
        before, behind = (
            "CASE jsonb_typeof(",
            f") {trimmed} ELSE CASE WHEN {is_number(c)} THEN {number} ELSE {c} END END",
        )
    else:
        before = f"CASE WHEN {_HAS_ZEROS.format(c=c)} THEN CASE jsonb_typeof("
        behind = f") WHEN 'number' THEN {number} ELSE {c} END ELSE {c} END"
    return sql.Composed([sql.SQL(before), value, sql.SQL(behind)])


def hashed_json(c: sql.Composable) -> sql.Composable:
    """A jsonb with the hash in it; null stays null."""
    return sql.SQL("CASE jsonb_typeof({}) WHEN 'null' THEN {} ELSE to_jsonb({}) END").format(
        c, c, hashed(canonical_json(c))
    )


def masked_json(c: sql.Composable, rule: Mask) -> sql.Composable:
    """The same with what the rule keeps."""
    return sql.SQL("CASE jsonb_typeof({}) WHEN 'null' THEN {} ELSE to_jsonb({}) END").format(
        c, c, masked(text_of(c), rule)
    )


def along(c: sql.Composable, path: Sequence[str], made: Made | None, depth: int = 0) -> sql.Composable:
    """A jsonb in which something is made of what stands at a path; without `made` it is taken out.

    What is missing, or null on the way there, stays as it is. NULL if there is something else on the way than an
    object, or, for *, an array: a value in it might be the one that is meant.
    """
    before, rest = (path[: path.index("*")], path[path.index("*") + 1 :]) if "*" in path else (path, None)
    there = _at(c, before)
    on_the_way = [_is(_at(c, before[:length]), "object") for length in range(len(before))]
    if rest is None:
        new = _set(c, before, made(there)) if made else sql.SQL("{} #- {}").format(c, _path(before))
    else:
        on_the_way.append(_is(there, "array"))
        new = _set(c, before, _in_elements(there, rest, made, depth))
        there = sql.SQL("CASE jsonb_typeof({}) WHEN 'array' THEN {} END").format(there, there)
    return sql.SQL("CASE WHEN {} THEN CASE WHEN {} IS NULL THEN {} ELSE {} END END").format(
        sql.SQL(" AND ").join(on_the_way), there, c, new
    )


def _in_elements(array: sql.Composable, path: Sequence[str], made: Made | None, depth: int) -> sql.Composable:
    element = sql.SQL(f"e{depth}")
    if path:
        x = along(element, path, made, depth + 1)
    elif made:
        x = made(element)
    else:
        return sql.SQL("'[]'::jsonb")
    return sql.SQL(_ELEMENTS).format(x=x, array=array, e=element)


def _at(c: sql.Composable, path: Sequence[str]) -> sql.Composable:
    return sql.SQL("({} #> {})").format(c, _path(path)) if path else c


def _set(c: sql.Composable, path: Sequence[str], new: sql.Composable) -> sql.Composable:
    return sql.SQL("jsonb_set({}, {}, {})").format(c, _path(path), new) if path else new


def _is(c: sql.Composable, json_type: str) -> sql.Composable:
    return sql.SQL("coalesce(jsonb_typeof({}), 'null') IN ('null', {})").format(c, sql.Literal(json_type))


def _path(path: Sequence[str]) -> sql.Composable:
    return sql.SQL("{}::text[]").format(sql.Literal(list(path)))
