"""Names in Snowflake: quoting, and from what the application calls things to what Snowflake calls
them.

Rules: docs.snowflake.com/en/sql-reference/identifiers-syntax. Every name is quoted in our SQL, so
reserved words and any character work; names in upper case, of A-Z, 0-9 and _, need no quotes when
users write them.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

IdentifierCase = Literal["upper", "preserve"]

MAX_LENGTH = 255
OWN_COLUMNS = ("_EXECUTION_ID", "_ROW_NUMBER", "_SYNCED_AT")

_HASH_DIGITS = 10
_UNQUOTED = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FOLDED_UUID = re.compile(r"[0-9A-F]{8}(_[0-9A-F]{4}){3}_[0-9A-F]{12}")
_ENDS_LIKE_A_HASH = re.compile(rf".*_[0-9A-F]{{{_HASH_DIGITS}}}", re.DOTALL)


def quote(name: str) -> str:
    """The identifier in double quotes, those inside it doubled.

    Raises ValueError for what no identifier can be: empty, longer than 255 characters, with a NUL.
    """
    if not name or len(name) > MAX_LENGTH or "\0" in name:
        raise ValueError(f"Not a Snowflake identifier (1 to 255 characters, no NUL): {name[:80]!r}")
    return '"' + name.replace('"', '""') + '"'


def qualified(*names: str) -> str:
    """`"DATABASE"."SCHEMA"."OBJECT"`."""
    return ".".join(quote(name) for name in names)


def literal(text: str) -> str:
    """A string constant.

    A backslash escapes in Snowflake's single-quoted strings, so it is doubled, too.

    Raises ValueError for a NUL.
    """
    if "\0" in text:
        raise ValueError("A NUL cannot stand in a Snowflake string")
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class Exact(str):
    """A name as Snowflake has it, which `resolve` has done its work on."""

    __slots__ = ()


def resolve(name: str) -> Exact:
    """What Snowflake makes of a name that a person typed: `sales` is SALES, `"Sales"` is Sales.

    A name that could not stand without quotes (`my-db`) is taken as it is, and so is an Exact one.
    """
    if isinstance(name, Exact):
        return name
    if len(name) > 2 and name.startswith('"') and name.endswith('"'):
        return Exact(name[1:-1].replace('""', '"'))
    return Exact(name.upper() if _UNQUOTED.fullmatch(name) else name)


def table_name(created_on: date, execution_id: str, case: IdentifierCase) -> str:
    """The execution's own table: `workflow_execution_{date}_{execution_id}`.

    The date is YYYYMMDD: it sorts, and being of fixed width it cannot be confused with the id. In
    upper case two ids may fold to one name ('a-b' and 'a_b'), so whatever was changed carries a
    hash of the id, and so does what looks like such a name already. A lower-case UUID goes without
    one: its letters are all lower case and its dashes in fixed places, so only one UUID folds to
    that name, and anything else that would gets the hash.
    """
    prefix = f"workflow_execution_{created_on:%Y%m%d}_"
    if case == "preserve":
        return _cut(prefix + execution_id, execution_id)
    folded = _upper(execution_id)
    name = prefix.upper() + folded
    if _UUID.fullmatch(execution_id) or (folded == execution_id and not _ambiguous(folded)):
        return _cut(name, execution_id)
    return _cut(name, execution_id, always=True)


def object_name(name: str, case: IdentifierCase) -> str:
    """A table or schema that somebody asked for by name: as it is, or in upper case and safe characters."""
    if case == "preserve":
        return _cut(name, name)
    folded = _upper(name)
    return _cut(f"_{folded}" if folded[:1].isdigit() else folded, name)


def column_names(keys: Iterable[str], case: IdentifierCase) -> tuple[str, ...]:
    """A column for each key, all different, none of them one of our own columns.

    First come, first served: a later key that folds to a taken name gets _2, _3, …, so that a
    column keeps its name when others are added behind it.
    """
    taken = set(OWN_COLUMNS)
    names = []
    for position, key in enumerate(keys, start=1):
        name = _unused(_column(key, position, case), taken)
        taken.add(name)
        names.append(name)
    return tuple(names)


def _column(key: str, position: int, case: IdentifierCase) -> str:
    if not key:
        return f"COLUMN_{position}"
    if case == "preserve":
        return _cut(key, key)
    folded = _upper(key)
    return _cut(f"_{folded}" if folded[0].isdigit() else folded, key)


def _unused(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        suffix = f"_{number}"
        name = wanted[: MAX_LENGTH - len(suffix)] + suffix
    return name


def _upper(text: str) -> str:
    return re.sub(r"[^A-Z0-9_]", "_", re.sub(r"[a-z]", lambda found: found[0].upper(), text))


def _ambiguous(folded: str) -> bool:
    return bool(_FOLDED_UUID.fullmatch(folded) or _ENDS_LIKE_A_HASH.fullmatch(folded))


def _cut(name: str, seed: str, *, always: bool = False) -> str:
    """`name`, or its beginning and a hash of `seed` where it is too long (or `always`)."""
    if len(name) <= MAX_LENGTH and not always:
        return name
    digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name[: MAX_LENGTH - _HASH_DIGITS - 1]}_{digest[:_HASH_DIGITS].upper()}"
