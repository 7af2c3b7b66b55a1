"""DuckDB's errors in Snowflake's words and numbers; nothing becomes an HTTP 500.

The driver retries a 500 practically for ever, so an exception inside must not look like one.
"""

import re

import duckdb
from snowflake.connector.errors import Error, ProgrammingError

from sandbox.snowflake.mends.identifiers import shown

_MISSING = "SQL compilation error:\n{} '{}' does not exist or not authorized."
_INVALID = "SQL compilation error: error line 1 at position 0\ninvalid identifier '{}'"
# DuckDB's message → errno, sqlstate, Snowflake's message
_RULES: list[tuple[str, int, str, str]] = [
    (r'Column with name "?(.+?)"? already exists', 1430, "42601", "column '{}' already exists"),
    (r'already has a column \D*"?(.+?)"?[.!]?$', 1430, "42601", "column '{}' already exists"),
    (
        r'with name "?(.+?)"? already exists',
        2002,
        "42710",
        "SQL compilation error:\nObject '{}' already exists.",
    ),
    (r'Schema with name "?(.+?)"? does not exist', 2003, "02000", _MISSING.format("Schema", "{}")),
    (r'^Catalog "(.+?)" does not exist', 2003, "02000", _MISSING.format("Database", "{}")),
    (
        r'(?:Table|View) with name "?(.+?)"? does not exist',
        2003,
        "42S02",
        _MISSING.format("Object", "{}"),
    ),
    (r'Referenced (?:update )?column "?(.+?)"? (?:was )?not found', 904, "42000", _INVALID),
    (r'does not have a column (?:with name|named) "?(.+?)"?[.!]?$', 904, "42000", _INVALID),
    (
        r"NOT NULL constraint failed: (.+)$",
        100072,
        "22000",
        "NULL result in a non-nullable column: {}",
    ),
]
_KIND = re.compile(r"^(?:[A-Z]\w+ )+Error: ")


def translated(error: Exception) -> Error:
    """The Snowflake error for anything that went wrong in a statement."""
    text = getattr(error, "raw_msg", None) or str(error)
    first = _KIND.sub("", shown(text).split("\n", 1)[0])
    if isinstance(error, (duckdb.Error, ProgrammingError)) and text.startswith(_known(text)):
        for pattern, errno, sqlstate, message in _RULES:
            if found := re.search(pattern, first):
                return ProgrammingError(msg=message.format(found[1]), errno=errno, sqlstate=sqlstate)
    if isinstance(error, Error):
        return error
    if isinstance(error, duckdb.InterruptException):
        return ProgrammingError(msg="SQL execution canceled", errno=604, sqlstate="57014")
    if is_conflict(error):
        return ProgrammingError(msg=f"Statement could not get its lock: {first}", errno=625, sqlstate="57014")
    inside = f"Processing aborted by error 300010: {type(error).__name__}: {first}"
    return ProgrammingError(msg=f"SQL execution internal error:\n{inside}", errno=603, sqlstate="XX000")


def _known(text: str) -> str:
    """DuckDB's own messages begin with their kind; Snowflake's, made by fakesnow, are left alone."""
    found = _KIND.match(text)
    return found[0] if found else "\0"


def is_conflict(error: BaseException) -> bool:
    """Two transactions met in DuckDB, which refuses the second."""
    text = str(error).lower()
    return isinstance(error, duckdb.Error) and ("conflict" in text or "failed to commit" in text)
