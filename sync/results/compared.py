"""Both sides of a comparison, by a column's declared type: SQL for its values, and a rule's value in the same form.

Numbers are numeric, JSON is jsonb. All else is text that is ordered by its bytes: YYYY-MM-DD, HH:MM:SS, no zeros at
the end of a fraction; but a moment with a zone is its seconds since 1970. Fractions of a second have nine digits, three
more than PostgreSQL's own types.
"""

import json
import re
from datetime import date, datetime
from decimal import Decimal

from psycopg2 import sql

from sync.results import exact
from sync.results.shape import Making
from sync.rules import Value
from sync.snowflake.types import NUMBERS, ColumnType, Kind

_FLOATING = {*NUMBERS, Kind.FLOAT}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - its offset is taken off besides
_BY_BYTES = '{c} COLLATE "C"'
_TRIMMED = """CASE WHEN {c} LIKE '%.%' THEN rtrim(rtrim({c}, '0'), '.') ELSE {c} END COLLATE "C\""""
_SECONDS = """extract(epoch FROM (left({c}, 19) || right({c}, 6))::timestamptz)
    + coalesce(nullif(substr({c}, 20, length({c}) - 25), ''), '0')::numeric"""
_ORDERED = {Kind.TIME: _TRIMMED, Kind.TIMESTAMP_NTZ: _TRIMMED, Kind.TIMESTAMP_TZ: _SECONDS}
_SPECIAL = """CASE WHEN {word} ~* '^nan$' THEN 'NaN'::numeric
    WHEN {word} ~* '^[+]?inf(inity)?$' THEN 'Infinity'::numeric
    WHEN {word} ~* '^-inf(inity)?$' THEN '-Infinity'::numeric END"""
_WANTED = {
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date as YYYY-MM-DD",
    Kind.TIME: "a time as HH:MM:SS",
    Kind.TIMESTAMP_NTZ: "a date and time as in ISO 8601, without a zone or in UTC",
    Kind.TIMESTAMP_TZ: "a date and time as in ISO 8601",
}


def sql_type(column: ColumnType) -> str:
    """What both sides are for PostgreSQL."""
    if column.kind is Kind.VARIANT:
        return "jsonb"
    return "numeric" if column.kind in {*_FLOATING, Kind.TIMESTAMP_TZ} else "text"


def comparable(column: ColumnType, text: sql.Composable, value: sql.Composable) -> tuple[Making, ...]:
    """The steps from a value in row r, its text and its jsonb; NULL where it is null, or none of the type."""
    if column.kind is Kind.TEXT:
        return (lambda _: sql.SQL('({}) COLLATE "C"').format(text),)
    if column.kind is Kind.VARIANT:
        return (lambda _: sql.SQL("nullif({}, 'null'::jsonb)").format(value),)
    if column.kind in _FLOATING:
        return (
            lambda _: value,
            lambda c: sql.SQL(_number(column, c)),
            lambda c: sql.SQL(f"CASE WHEN {_has_place(column, c)} THEN {c} END"),
        )
    return (
        lambda _: text,
        lambda c: sql.SQL(f"nullif({exact.normalised(column, c)}, '')"),
        lambda c: sql.SQL(_ORDERED.get(column.kind, _BY_BYTES).format(c=c)),
    )


def constant(column: ColumnType, value: Value) -> str:
    """A rule's value as the text of one of `sql_type`. Raises ValueError, which says what is wanted."""
    written = json.dumps(value, ensure_ascii=False)
    if column.kind is Kind.VARIANT:
        return written
    text = value if isinstance(value, str) else written
    if (read := _read(column, text)) is None:
        raise ValueError(_WANTED.get(column.kind, "a number"))
    return read


def _number(column: ColumnType, c: str) -> str:
    text = f"({c} #>> '{{}}')"
    special = f"ELSE {_SPECIAL.format(word=exact.in_ascii(text))} " if column.kind is Kind.FLOAT else ""
    return f"""CASE jsonb_typeof({c}) WHEN 'number' THEN {c}::numeric
        WHEN 'string' THEN CASE WHEN {exact.is_number(text)} THEN {text}::numeric {special}END END"""


def _has_place(column: ColumnType, c: str) -> str:
    if column.kind is Kind.FLOAT:
        return f"{exact.is_double(f'abs({c})')} OR {c} IN ('NaN', 'Infinity', '-Infinity')"
    if not column.is_resolved:
        return "TRUE"
    whole, scale = column.digits
    return f"abs({c}) < 1e{whole} AND {c} = round({c}, {scale})"


def _read(column: ColumnType, text: str) -> str | None:
    match column.kind:
        case Kind.TEXT:
            return text
        case Kind.BOOLEAN:
            return _boolean(text)
        case Kind.TIME:
            return _clock(text) if re.fullmatch(exact.TIME, text) else None
        case Kind.DATE | Kind.TIMESTAMP_NTZ | Kind.TIMESTAMP_TZ:
            return _moment(column, text)
    is_number = len(text) <= exact.MAX_NUMBER and re.fullmatch(exact.NUMBER, text)
    return str(Decimal(text)) if is_number else None


def _boolean(text: str) -> str | None:
    if re.fullmatch(exact.TRUE, text, re.IGNORECASE | re.ASCII):
        return "true"
    return "false" if re.fullmatch(exact.FALSE, text, re.IGNORECASE | re.ASCII) else None


def _moment(column: ColumnType, text: str) -> str | None:
    zones = exact.UTC if column.kind is Kind.TIMESTAMP_NTZ else exact.ZONE
    behind = "" if column.kind is Kind.DATE else rf"([Tt ](?P<time>{exact.TIME})(?P<zone>{zones})?)?"
    found = re.fullmatch(f"(?P<day>{exact.DATE}){behind}", text)
    if found is None or (column.needs_offset and not found["zone"]):
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    if column.kind is Kind.DATE:
        return found["day"]
    time = _clock(found["time"] or "00:00")
    if column.kind is Kind.TIMESTAMP_NTZ:
        return f"{day} {time}"
    whole, _, fraction = time.partition(".")
    seconds = (datetime.fromisoformat(f"{day} {whole}") - _EPOCH).total_seconds() - _offset(found["zone"] or "Z")
    return str(int(seconds) + Decimal(f"0.{fraction or 0}"))


def _clock(time: str) -> str:
    """With seconds, and without zeros at the end of their fraction."""
    whole, point, fraction = time.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole:0<5}{':00' if len(whole) == 5 else ''}{point if fraction else ''}{fraction}"


def _offset(zone: str) -> int:
    """Seconds east of UTC."""
    if zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if zone[0] == "-" else 1)
