"""The cheap projection of a column: a check that is sure of what it accepts, and the text to load.

A check that is false, or a cast that fails, only means that `exact` has to look again. Casts and
comparisons are used because a regular expression costs as much as five of them. `c` is SQL for
the value as `rows` takes it out.
"""

from collections.abc import Callable

from sync.snowflake.types import ColumnType, Kind

# Snowflake's VARCHAR, and what its PARSE_JSON reads, in bytes.
MAX_TEXT = 16_777_216

FRACTION = "([.][0-9]{1,9})?"
OFFSET = "[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00"


def check(column: ColumnType, c: str) -> str:
    """SQL: true where `output` may be loaded, NULL for NULL, else false or a data exception."""
    if column.kind is Kind.DECIMAL:
        number = f"numeric({column.precision},{column.scale})"
        # The first form spares two conversions, but knows no zero at the end, as in 5.0.
        return f"""(trim_scale({c}::{number})::text = {c}
            OR {_plain(c)} AND {c}::{number} = {c}::numeric) AND {c} <> 'NaN'"""
    return _CHECKS[column.kind](c)


def output(column: ColumnType, c: str) -> str:
    """SQL: the text that the file gets for a value that passed."""
    if column.kind is Kind.TIMESTAMP_NTZ:
        # Snowflake stores the wall clock of UTC.
        return f"""CASE WHEN octet_length({c}) = 19 THEN {c} WHEN {c} LIKE '%Z' THEN left({c}, -1)
            WHEN {c} LIKE '%+00:00' THEN left({c}, -6) ELSE {c} END"""
    if column.kind is Kind.TIMESTAMP_TZ:
        return f"""CASE WHEN {c} LIKE '%Z' THEN left({c}, -1) || '+00:00'
            WHEN substr({c}, 20) LIKE '%:%' THEN {c} ELSE {c} || '+00:00' END"""
    return c


def _plain(c: str) -> str:
    """What PostgreSQL writes back unchanged is spelled as JSON spells numbers.

    No blanks, no exponent, no 0x1F or 1_000, which some versions read; but NaN and Infinity.
    """
    return f"{c}::numeric::text = {c}"


def _begins_with_moment(c: str) -> str:
    """19 characters of date and time in full: no 24:00, no 60th second, no year 0 or BC.

    The length rules out infinity.
    """
    return f"octet_length({c}) >= 19 AND left({c}, 19)::timestamp::text = left({c}, 19)"


def _timestamp(c: str) -> str:
    # Python's isoformat() with microseconds is spared the regular expression; B stands in "BC".
    microseconds = f"""octet_length({c}) = 26 AND substr({c}, 20, 1) = '.' AND {c} NOT LIKE '%B%'
        AND rpad({c}::timestamp::text, 26, '0') = {c}"""
    other = f"""{_begins_with_moment(c)} AND substr({c}, 20) ~ '^{FRACTION}(Z|[+]00:00)?$'"""
    return f"""CASE octet_length({c}) WHEN 19 THEN {c}::timestamp::text = {c}
        ELSE ({microseconds}) OR ({other}) END"""


def _timestamp_with_zone(c: str) -> str:
    return f"""{_begins_with_moment(c)} AND (substr({c}, 20) IN ('', 'Z', '+00:00')
        OR substr({c}, 20) ~ '^{FRACTION}(Z|{OFFSET})?$')"""


_CHECKS: dict[Kind, Callable[[str], str]] = {
    Kind.TEXT: lambda c: f"octet_length({c}) <= {MAX_TEXT}",
    Kind.INTEGER: lambda c: f"{c}::bigint::text = {c}",
    Kind.FLOAT: lambda c: f"{_plain(c)} AND octet_length({c}) <= 38 AND {c} NOT LIKE '%n%'",
    Kind.BOOLEAN: lambda c: f"({c} = 'true' OR {c} = 'false')",
    Kind.DATE: lambda c: f"octet_length({c}) = 10 AND {c}::date::text = {c}",
    Kind.TIME: lambda c: f"{c}::time::text = {c} AND {c} <> '24:00:00'",
    Kind.TIMESTAMP_NTZ: _timestamp,
    Kind.TIMESTAMP_TZ: _timestamp_with_zone,
    # Whether so many digits are one number, and significant, is for `exact` to say.
    Kind.VARIANT: lambda c: f"octet_length({c}) <= {MAX_TEXT} AND {c} !~ '[0-9.]{{39}}'",
}
