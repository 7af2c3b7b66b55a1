"""The cheap check of a chunk of rows: sure of what it accepts; what it does not is for `exact` to judge.

A call of a function costs as much as a hundred characters of a regular expression. So the values
of a chunk are put into one text, and one expression reads it. The text is what PostgreSQL writes
for records, `(1,2.50,,"2024-01-05 10:20:30")`: NULL is nothing, and a value that is empty or has a
comma, bracket, quote, backslash or blank in it stands in quotes. So none can pass for two, or for NULL.
"""

from collections.abc import Sequence

from sync.snowflake.types import MAX_DIGITS, ColumnType, Kind

# Snowflake's VARCHAR, and what its PARSE_JSON reads, in bytes.
MAX_TEXT = 16_777_216

FRACTION = "([.][0-9]{1,9})?"
OFFSET = "[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00"

# Days from 1000-01-01 to 9999-12-31.
_COMMON_DAY = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_LEAP_DAY = "([1-9][0-9](0[48]|[2468][048]|[13579][26])|2000)-02-29"
_DATE = f"([1-9][0-9]{{3}}-({_COMMON_DAY})|{_LEAP_DAY})"
_TIME = f"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]{FRACTION}"
_PATTERNS = {
    # Far within the range of a double.
    Kind.FLOAT: "-?[0-9]{1,20}([.][0-9]{1,30})?",
    Kind.BOOLEAN: "true|false",
    Kind.DATE: _DATE,
    Kind.TIME: _TIME,
    Kind.TIMESTAMP_NTZ: f'"{_DATE} {_TIME}(Z|[+]00:00)?"',
    Kind.TIMESTAMP_TZ: f'"{_DATE} {_TIME}(Z|{OFFSET})?"',
}
_WITH_OFFSET = f'"{_DATE} {_TIME}(Z|{OFFSET})"'

# An expression for more kinds of decimals than that takes PostgreSQL long to compile; `exact` has none.
_MOST_PATTERNS = 50

# A column's type, and SQL for its value as `rows` takes it out.
Values = Sequence[tuple[ColumnType, str]]


def evidence(values: Values) -> str:
    """SQL for what `check` looks at: aggregates over the rows of a chunk."""
    fields = [field for _, fields in _records(values) for field in fields]
    texts = [c for column, c in values if column.kind is Kind.VARIANT]
    found = [f"string_agg(ROW({', '.join(fields)})::text, '') AS records"] if fields else []
    found += [f"string_agg(array_to_string(ARRAY[{', '.join(texts)}], ' '), ' ') AS json"] if texts else []
    return ", ".join(found) or "NULL"


def check(values: Values) -> str:
    """SQL: whether all values of a chunk may be loaded as `output` has them."""
    patterns = [pattern for pattern, _ in _records(values)]
    checks = [f"records ~ '^([(]{','.join(patterns)}[)])*$'"] if patterns else []
    if any(column.kind is Kind.VARIANT for column, _ in values):
        # Whether so many digits are one number, and significant, is for `exact` to say.
        checks.append(f"json !~ '[0-9.]{{{MAX_DIGITS + 1}}}'")
    return " AND ".join(checks) or "TRUE"


def output(column: ColumnType, c: str) -> str:
    """SQL: the text that the file gets for a value that passed."""
    if column.kind is Kind.TIMESTAMP_NTZ:
        # Snowflake stores the wall clock of UTC.
        return f"split_part(split_part({c}, 'Z', 1), '+', 1)"
    if column.kind is Kind.TIMESTAMP_TZ:
        return f"CASE WHEN {c} LIKE '%:%:%:%' THEN {c} ELSE split_part({c}, 'Z', 1) || '+00:00' END"
    return c


def _records(values: Values) -> list[tuple[str, list[str]]]:
    """What a record is made of: fields, and the expression that they match.

    Fields of one pattern stand together, with a mark behind them, so that their number does not
    matter: an expression in which each had states of its own would be slow.
    """
    found: dict[str, list[str]] = {}
    for column, c in values:
        if column.kind not in (Kind.TEXT, Kind.VARIANT):
            found.setdefault(_pattern(column), []).append(c)
    if len(found) > _MOST_PATTERNS:
        # Matches no record.
        return [("x", ["''"])]
    return [
        (f"(({pattern})?,)+[|]", [*fields, "'|'"]) if len(fields) > 1 else (f"({pattern})?", fields)
        for pattern, fields in found.items()
    ]


def _pattern(column: ColumnType) -> str:
    """A regular expression for a value as it stands in a record."""
    if column.kind is Kind.INTEGER:
        return _number(MAX_DIGITS, 0)
    if column.kind is Kind.DECIMAL:
        scale = column.scale or 0
        return _number((column.precision or MAX_DIGITS) - scale, scale)
    if column.needs_offset:
        return _WITH_OFFSET
    return _PATTERNS[column.kind]


def _number(whole: int, scale: int) -> str:
    """A number of so many digits before and after the point, zeros at the end apart."""
    digits = f"-?[0-9]{{1,{whole}}}" if whole else "-?0"
    return f"{digits}([.][0-9]{{1,{scale}}}0*)?" if scale else digits
