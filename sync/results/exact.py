"""The careful projection of a column: every spelling that means a value, and nothing else.

Used from the first row on that `fast` does not vouch for. It reads with regular expressions
before it casts, so that no value makes it fail and every version of PostgreSQL reads the same.
No backslashes: whether they need doubling depends on standard_conforming_strings.
"""

from sync.results.fast import FRACTION, MAX_TEXT
from sync.snowflake.types import MAX_DIGITS, ColumnType, Kind

NUMBER = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?$"
# A double's decimal form has some 340 digits at most.
MAX_NUMBER = 1000
DATE = "[0-9]{4}-(0[1-9]|1[0-2])-[0-9]{2}"
TIME = f"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]{FRACTION})?"
UTC = "[Zz]|[+-]00(:?00)?"
ZONE = "[Zz]|[+-]((0[0-9]|1[0-3])(:?[0-5][0-9])?|14(:?00)?)"
TRUE = "^(true|t|yes|y|on|1([.]0+)?)$"
FALSE = "^(false|f|no|n|off|0([.]0+)?)$"


def normalised(column: ColumnType, c: str) -> str:
    """SQL: the text to load for `c`, the JSON value as text; NULL for NULL; '' if it has no place.

    Text is the exception: it is passed as it is, for `fits` to look at.
    """
    if column.kind is Kind.TEXT:
        return c
    return f"CASE WHEN {c} IS NOT NULL THEN coalesce({_value(column, c)}, '') END"


def fits(column: ColumnType, x: str) -> str:
    """SQL: whether `x`, a normalised value, may be loaded; NULL for NULL."""
    if column.kind is Kind.TEXT:
        return f"octet_length({x}) <= {MAX_TEXT}"
    return f"{x} <> ''"


def _value(column: ColumnType, c: str) -> str:  # noqa: PLR0911 - a table of kinds
    match column.kind:
        case Kind.INTEGER:
            return _number(c, MAX_DIGITS, 0)
        case Kind.DECIMAL:
            return _number(c, column.precision or MAX_DIGITS, column.scale or 0)
        case Kind.FLOAT:
            return _double(c)
        case Kind.BOOLEAN:
            return _boolean(in_ascii(c))
        case Kind.DATE:
            return f"CASE WHEN {c} ~ '^{DATE}$' THEN CASE WHEN {_is_day(c)} THEN {c} END END"
        case Kind.TIME:
            return f"CASE WHEN {c} ~ '^{TIME}$' THEN {_full_time(c)} END"
        case Kind.TIMESTAMP_NTZ:
            return _timestamp(c, UTC, "''")
        case Kind.TIMESTAMP_TZ:
            return _timestamp(c, ZONE, _full_zone(f"substr({c}, 12)"), needs_zone=column.needs_offset)
        case _:
            return f"CASE WHEN octet_length({c}) <= {MAX_TEXT} AND NOT {_long_number(c)} THEN {c} END"


def is_double(size: str) -> str:
    """SQL: whether a double can hold a number of this size, and is not 0 or infinite if the number is not."""
    return f"{size} <= 1.7976931348623157e308 AND ({size} >= 4.9e-324 OR {size} = 0)"


def is_number(c: str) -> str:
    """SQL: whether `c` can be cast to numeric, whatever the version of PostgreSQL."""
    return f"(octet_length({c}) <= {MAX_NUMBER} AND {c} ~ '{NUMBER}')"


def in_ascii(c: str) -> str:
    """For upper and lower case: in Turkish the small I is another letter."""
    return f'({c} COLLATE "C")'


def _boolean(c: str) -> str:
    return f"CASE WHEN {c} ~* '{TRUE}' THEN 'true' WHEN {c} ~* '{FALSE}' THEN 'false' END"


def _number(c: str, precision: int, scale: int) -> str:
    n = f"{c}::numeric"
    fits = f"abs({n}) < 1e{precision - scale} AND {n} = round({n}, {scale})"
    return f"CASE WHEN {is_number(c)} THEN CASE WHEN {fits} THEN trim_scale({n})::text END END"


def _double(c: str) -> str:
    """The shortest text of the same double; of what becomes 0 or infinite on the way, nothing."""
    word = in_ascii(c)
    special = f"lower(ltrim({word}, '+'))"
    return f"""CASE WHEN {is_number(c)} THEN CASE WHEN {is_double(f"abs({c}::numeric)")} THEN {c}::float8::text END
        WHEN {word} ~* '^nan$' THEN 'NaN'
        WHEN {word} ~* '^[+-]?inf(inity)?$' THEN left({special}, 3 + strpos({special}, '-')) END"""


def _is_day(c: str) -> str:
    """Whether the day exists, for a date of the right form; there is no year 0."""
    last = f"(make_date(left({c}, 4)::int, substr({c}, 6, 2)::int, 1) + interval '1 month -1 day')"
    days = f"extract(day FROM {last})"
    year = f"left({c}, 4) <> '0000'"
    return f"CASE WHEN {year} THEN substr({c}, 9, 2)::int BETWEEN 1 AND {days} END"


def _full_time(time: str) -> str:
    """With minutes and seconds, where they were left out."""
    return f"{time} || substr('00:00:00', octet_length({time}) + 1)"


def _full_zone(tail: str) -> str:
    """`+05:30` for +05:30, +0530; `+05:00` for +05; UTC for Z or nothing. `tail` begins a time."""
    digits = f"rpad(replace(substring({tail} FROM '[+-].*$'), ':', ''), 5, '0')"
    return f"coalesce(left({digits}, 3) || ':' || right({digits}, 2), '+00:00')"


def _timestamp(c: str, zone: str, suffix: str, *, needs_zone: bool = False) -> str:
    form = f"^{DATE}[Tt ]{TIME}({zone})$" if needs_zone else f"^{DATE}([Tt ]{TIME}({zone})?)?$"
    time = f"regexp_replace(substr({c}, 12), '[Zz+-].*$', '')"
    text = f"left({c}, 10) || ' ' || {_full_time(time)} || {suffix}"
    return f"CASE WHEN {c} ~ '{form}' THEN CASE WHEN {_is_day(c)} THEN {text} END END"


def _long_number(c: str) -> str:
    """Whether a number in it has more significant digits than Snowflake keeps."""
    digits = "trim(BOTH '0' FROM translate(n::text, '-.', ''))"
    numbers = f"""jsonb_path_query({c}::jsonb, 'strict $.** ? (@.type() == "number")')"""
    return f"EXISTS (SELECT FROM {numbers} AS n WHERE length({digits}) > {MAX_DIGITS})"
