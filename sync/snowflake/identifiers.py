"""Names in Snowflake: quoting, and from what the application calls things to what Snowflake calls
them. (Columns: sync.snowflake.load.columns.)

Rules: docs.snowflake.com/en/sql-reference/identifiers-syntax. Every name is quoted in our SQL, so any character works
and, but for a few names of columns, reserved words do; names in upper case, of A-Z, 0-9 and _, need no quotes when
users write them. Letters of other scripts are kept: two names in Japanese are two names.
"""

import hashlib
import re
import unicodedata
from datetime import date
from typing import Literal

IdentifierCase = Literal["upper", "preserve"]

MAX_LENGTH = 255
OWN_COLUMNS = ("_EXECUTION_ID", "_ROW_NUMBER", "_SYNCED_AT")

_HASH_DIGITS = 10
_UNQUOTED = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*", re.ASCII)
# docs.snowflake.com/en/sql-reference/reserved-keywords
_RESERVED = frozenset(
    """
    ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONNECTION CONSTRAINT CREATE CROSS
    CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DELETE DISTINCT DROP ELSE EXISTS
    FALSE FOLLOWING FOR FROM FULL GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS
    ISSUE JOIN LATERAL LEFT LIKE LOCALTIME LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER ORGANIZATION
    QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SCHEMA SELECT SET SOME START TABLE TABLESAMPLE THEN TO
    TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHENEVER WHERE WITH
    """.split()  # noqa: SIM905 - one a line would be a page
)
_READABLE = re.compile(r'"((?:[^"]|"")+)"|([^."]+)')
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


def readable(*names: str) -> str:
    """The same for people, without quotes where none are needed: `DATABASE.SCHEMA."Object"`."""
    return ".".join(name if _PLAIN.fullmatch(name) and name not in _RESERVED else quote(name) for name in names)


def names_in(text: str) -> list[str]:
    """The names that `readable` has put together."""
    return [quoted.replace('""', '"') or plain for quoted, plain in _READABLE.findall(text)]


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

    The date is YYYYMMDD: it sorts, and being of fixed width it cannot be confused with the id. In upper case two ids
    may fold to one name ('a-b' and 'a_b'), so whatever was changed carries a hash of the id, and so does what looks
    like such a name already. A lower-case UUID goes without one: its letters are all lower case and its dashes in fixed
    places, so only one UUID folds to that name, and anything else that would gets the hash.
    """
    prefix = f"workflow_execution_{created_on.isoformat().replace('-', '')}_"
    if case == "preserve":
        return cut(prefix + execution_id, execution_id)
    upper = upper_ascii(execution_id)
    name = prefix.upper() + upper
    if _UUID.fullmatch(execution_id) or (upper == execution_id and not _ambiguous(upper)):
        return cut(name, execution_id)
    return cut(name, execution_id, always=True)


def workflow_table(workflow_id: str, case: IdentifierCase) -> str:
    """The table that a workflow's executions share: `workflow_{workflow_id}`.

    In upper case, an id that is more than its name in small letters carries a hash: `sales_eu` is WORKFLOW_SALES_EU,
    and neither `sales-eu` nor `Sales_EU` is. Of what looks like a hashed name, see `table_name`.
    """
    if case == "preserve":
        return cut(f"workflow_{workflow_id}", workflow_id)
    name = folded(workflow_id)
    plain = _UUID.fullmatch(workflow_id) or (name.lower() == workflow_id and not _ambiguous(name))
    return cut(f"WORKFLOW_{name}", workflow_id, always=not plain)


def view_names(workflow: str, seed: str, case: IdentifierCase, *, hashed: bool = False) -> tuple[str, str]:
    """What the views of a workflow's latest result, and of all, are called: `{workflow}_LATEST` and `{workflow}_ALL`.

    `hashed`: with a hash of `seed`, for where another workflow's name folds to the same, or the names are somebody's.
    """
    name, latest, of_all = workflow, "_latest", "_all"
    if case == "upper":
        name = unquoted(re.sub("_+", "_", folded(workflow)).strip("_"))
        latest, of_all = latest.upper(), of_all.upper()
    room = MAX_LENGTH - len(latest)
    if hashed or not name or len(name) > room:
        name = cut(name[: room - _HASH_DIGITS - 1] or "WORKFLOW", seed, always=True)
    return name + latest, name + of_all


def requested_table(name: str, case: IdentifierCase) -> str:
    """A table that somebody asked for: in upper case, and with a hash where more than case had to be changed."""
    if case == "preserve":
        return cut(name, name)
    upper = unquoted(folded(name))
    return cut(upper, name, always=upper.lower() != name.lower())


def requested_schema(name: str, case: IdentifierCase) -> str:
    """A schema that somebody asked for; it is there already, so a hash would find nothing."""
    return cut(name if case == "preserve" else unquoted(folded(name)), name)


def folded(text: str) -> str:
    """In upper case, of letters, marks and digits of any script, and underscores for all else.

    Letters are composed (NFC): what looks the same to people is one name, and a hash tells it apart like any clash.
    """
    upper = unicodedata.normalize("NFC", text.upper())
    return "".join(c if c == "_" or unicodedata.category(c)[0] in "LMN" else "_" for c in upper)


def unquoted(name: str) -> str:
    """A folded name that may stand without quotes as far as its first character goes."""
    return f"_{name}" if name[:1].isdigit() else name


def cut(name: str, seed: str, *, always: bool = False) -> str:
    """`name`, or its beginning and a hash of `seed` where it is too long (or `always`)."""
    if len(name) <= MAX_LENGTH and not always:
        return name
    digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name[: MAX_LENGTH - _HASH_DIGITS - 1]}_{digest[:_HASH_DIGITS].upper()}"


def upper_ascii(text: str) -> str:
    """In upper case, of A-Z and 0-9, and underscores for all else."""
    return re.sub(r"[^A-Z0-9_]", "_", re.sub(r"[a-z]", lambda found: found[0].upper(), text))


def _ambiguous(name: str) -> bool:
    return bool(_FOLDED_UUID.fullmatch(name) or _ENDS_LIKE_A_HASH.fullmatch(name))
