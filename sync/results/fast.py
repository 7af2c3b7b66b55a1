"""The cheap check of a chunk of lines: sure of what it accepts; what it does not is for `exact` to judge.

It reads the bytes that go into the file, by one expression for a line's fields in order. They are CSV as PostgreSQL
writes it: NULL is nothing, text and JSON are in quotes, and so is whatever is empty or has a comma, a quote or the end
of a line in it. So none can pass for two, or for NULL. RE2 reads a byte once, however long the expression is.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

import re2

from sync.snowflake.types import MAX_DIGITS, ColumnType, Kind

# Snowflake's VARCHAR, and what its PARSE_JSON reads, in bytes.
MAX_TEXT = 16_777_216

FRACTION = "([.][0-9]{1,9})?"
_OFFSET = "([+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"

# Days from 1000-01-01 to 9999-12-31.
_COMMON_DAY = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_LEAP_DAY = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|2000)-02-29"
_DATE = f"([1-9][0-9]{{3}}-({_COMMON_DAY})|{_LEAP_DAY})"
_TIME = f"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]{FRACTION}"
# A run of so many digits may be one number with more than Snowflake keeps: that is for `exact` to say.
_DIGITS = f"[0-9.]{{1,{MAX_DIGITS}}}"
_PATTERNS = {
    Kind.TEXT: '"([^"]|"")*"',
    Kind.VARIANT: f'"({_DIGITS}([^"0-9.]|"")|[^"0-9.]|"")*({_DIGITS})?"',
    # Far within the range of a double.
    Kind.FLOAT: "-?[0-9]{1,20}([.][0-9]{1,30})?",
    Kind.BOOLEAN: "true|false",
    Kind.DATE: _DATE,
    Kind.TIME: _TIME,
    # AUTO reads a T as well as a blank: docs.snowflake.com/en/sql-reference/date-time-input-output
    Kind.TIMESTAMP_NTZ: f"{_DATE}[T ]{_TIME}",
    Kind.TIMESTAMP_TZ: f"{_DATE}[T ]{_TIME}{_OFFSET}",
}

# What an expression and its automaton may take, in bytes; with less, a line of 1,500 columns is read more slowly.
_MEMORY = 32 << 20


def check(columns: Iterable[ColumnType]) -> Callable[[bytes], bool]:
    """Whether lines with `output` for the values of these columns, and an empty field at the end, may all be loaded."""
    fields = [f"({_pattern(column)})?," for column in columns]
    pattern = _compiled(f"({''.join(fields)}\n)*".encode())
    # What is no longer than a text may be has none that is longer.
    return lambda lines: len(lines) <= MAX_TEXT and pattern.fullmatch(lines) is not None


def output(column: ColumnType, c: str) -> str:
    """SQL: the text that the file gets for the value `c`; one that does not pass, if `c` is no value of the type."""
    if column.kind is Kind.TIMESTAMP_NTZ:
        # Snowflake stores the wall clock of UTC.
        without = f"WHEN {c} LIKE '%Z' THEN left({c}, -1) WHEN {c} LIKE '%+00:00' THEN left({c}, -6)"
        return f"CASE WHEN {_is_bare(c)} THEN {c} {without} ELSE {c} END"
    if column.kind is Kind.TIMESTAMP_TZ:
        with_offset = f"replace({c}, 'Z', '+00:00')"
        if column.needs_offset:
            return with_offset
        return f"CASE WHEN {_is_bare(c)} THEN {c} || '+00:00' ELSE {with_offset} END"
    return c


# To make one takes some milliseconds; results of a workflow have the same columns again and again.
@lru_cache(maxsize=8)
def _compiled(pattern: bytes) -> re2._Regexp:
    options = re2.Options()
    # Bytes are read as they are: what is in quotes need not be known.
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    options.max_mem = _MEMORY
    options.log_errors = False
    compiled = re2.compile(pattern, options)
    # It would keep 128 of its own.
    re2.purge()
    return compiled


def _is_bare(c: str) -> str:
    """SQL: whether a moment has no zone, guessed from its length: in seconds, milliseconds or microseconds."""
    return f"octet_length({c}) IN (19, 23, 26)"


def _pattern(column: ColumnType) -> str:
    """A regular expression for a value as it stands in a line."""
    if column.kind is Kind.INTEGER:
        return _number(MAX_DIGITS, 0)
    if column.kind is Kind.DECIMAL:
        scale = column.scale or 0
        return _number((column.precision or MAX_DIGITS) - scale, scale)
    return _PATTERNS[column.kind]


def _number(whole: int, scale: int) -> str:
    """A number of so many digits before and after the point, zeros at the end apart."""
    digits = f"-?[0-9]{{1,{whole}}}" if whole else "-?0"
    return f"{digits}([.][0-9]{{1,{scale}}}0*)?" if scale else digits
