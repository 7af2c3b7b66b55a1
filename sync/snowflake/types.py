"""What `result_columns` declares → the Snowflake column that holds it (the design's table of types).

Declarations come from people, ORMs, data frames and other databases; what is not known is text,
which holds every value as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

MAX_DIGITS = 38
MAX_SCALE = 37  # Snowflake's documentation of NUMBER


class Kind(StrEnum):
    """The kinds of column that are made; the value is Snowflake's name of the type."""

    TEXT = "VARCHAR"
    INTEGER = "NUMBER(38,0)"
    DECIMAL = "NUMBER"
    FLOAT = "FLOAT"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP_NTZ = "TIMESTAMP_NTZ"
    TIMESTAMP_TZ = "TIMESTAMP_TZ"
    VARIANT = "VARIANT"


NUMBERS = frozenset({Kind.DECIMAL, Kind.INTEGER})


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type. A DECIMAL without a scale gets it from the data, before there is a table.

    `needs_offset`: the declaration names a zone that is not UTC, so a time without an offset would be stored as
    another moment. That is a matter of the result, not of the table's column.
    """

    kind: Kind
    precision: int | None = None
    scale: int | None = None
    needs_offset: bool = field(default=False, compare=False)

    @property
    def is_resolved(self) -> bool:
        return self.kind is not Kind.DECIMAL or None not in (self.precision, self.scale)

    @property
    def digits(self) -> tuple[int, int]:
        """How many digits a number has before and behind the point."""
        if self.kind is Kind.INTEGER:
            return MAX_DIGITS, 0
        precision, scale = self.precision or 0, self.scale or 0
        return precision - scale, scale

    @property
    def ddl(self) -> str:
        """The type in Snowflake's SQL, `NUMBER(12,2)`; `parse_declared` reads it back.

        ValueError while the scale is not known.
        """
        if not self.is_resolved:
            raise ValueError("A decimal column has no scale before its data was looked at.")
        if self.kind is Kind.DECIMAL:
            return f"NUMBER({self.precision},{self.scale})"
        return self.kind.value


_SPELLINGS = {
    Kind.INTEGER: """int integer smallint tinyint mediumint bigint hugeint byte byteint long short
        longlong long_long middleint int1 int2 int3 int4 int8 int16 int32 int64 int128 int256
        uint uint8 uint16 uint32 uint64 uint128 uint256
        utinyint usmallint uinteger ubigint uhugeint
        serial bigserial smallserial serial2 serial4 serial8 biginteger smallinteger""",
    Kind.DECIMAL: """decimal numeric number dec fixed currency money smallmoney bignumeric bigdecimal
        decimal32 decimal64 decimal128 decimal256""",
    Kind.FLOAT: """float double real double_precision float4 float8 float16 float32 float64
        bfloat16 half halffloat binary_float binary_double""",
    Kind.BOOLEAN: "bool boolean bool8",
    Kind.DATE: "date date32 date64",
    Kind.TIME: "time time32 time64 time_without_time_zone time_without_timezone",
    Kind.TIMESTAMP_NTZ: """timestamp datetime datetime2 smalldatetime datetime32 datetime64 timestamp_ntz
        timestampntz timestamp_without_time_zone timestamp_without_timezone
        datetime_without_time_zone timestamp_s timestamp_ms timestamp_us timestamp_ns""",
    Kind.TIMESTAMP_TZ: """timestamptz timestamp_tz timestamp_ltz timestampltz datetimetz
        datetime_tz datetimeoffset date_time timestamp_with_time_zone timestamp_with_timezone
        timestamp_with_local_time_zone datetime_with_time_zone datetime_with_timezone""",
    Kind.VARIANT: """json jsonb object array map struct list variant dict dictionary mapping row
        record tuple set frozenset sequence large_list list_view large_list_view
        fixed_size_list nested super""",
}
_KINDS = {name: kind for kind, names in _SPELLINGS.items() for name in names.split()}

# Of MySQL's numbers: Snowflake's take both signs.
_IDLE_WORDS = frozenset({"", "signed", "unsigned", "zerofill"})
# Digits that ClickHouse's types have; their only argument is the scale. Arrow's of the same names give both.
_WIDTHS = {"decimal32": 9, "decimal64": 18, "decimal128": 38, "decimal256": 76}
# What a moment's arguments say beside a zone: DateTime64(3), datetime64[ns], Datetime(time_zone=None).
_UNITS = frozenset(["d", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "none", "false"]) | {""}
_UTC = frozenset(["utc", "uct", "gmt", "z", "zulu", "universal", "etc/utc", "etc/gmt", "+00:00", "utc+00:00", "true"])

# A declaration can be as long as a struct is wide; its beginning tells what it is.
_LONGEST = 1000
# Each wrapper is a walk over the whole text, so how many are taken off is bounded.
_DEEPEST = 8
_WRAPPER = re.compile(r"(?:nullable|optional|lowcardinality)\s*[(\[<](.*)[)\]>]|(.*?)\s*(?:\| *none|\?)")
_MODULE = re.compile(r"(?:pg_catalog|datetime|decimal|numpy|np|pandas|pd|pyarrow|pa|polars|pl|typing)\.|.* (?=array$)")
_SUFFIX = re.compile(r"(?:\s+(?:not null|null)|\[pyarrow\])$")
# Name, arguments in some bracket, rest: "timestamp (6) with time zone", "list[int]", "char(9)[]"
_FORM = re.compile(r"(?P<name>[^()\[\]<>]+)(?P<args>[(\[<].*?[)\]>])?(?P<rest>.*)")
_ARRAY = re.compile(r"(?!fixed_size_binary).*(?:\[\s*\d*\s*\]|\barray)")


def parse_declared(declared: object) -> ColumnType:
    """The column type for a declared one, in any usual spelling and case; the unknown is text.

    ValueError, which says what is wrong, for a decimal that Snowflake's NUMBER cannot be: more than 38 digits, or
    more than 37 of them after the point.
    """
    return _parsed(declared[:_LONGEST]) if isinstance(declared, str) else ColumnType(Kind.TEXT)


# Results of a workflow declare the same types again and again.
@lru_cache(maxsize=1_000)
def _parsed(declared: str) -> ColumnType:
    form = _FORM.fullmatch(_simplified(declared))
    if form is None:
        return ColumnType(Kind.TEXT)
    if _ARRAY.fullmatch(form.string) or _kind(form["name"]) is Kind.VARIANT:
        return ColumnType(Kind.VARIANT)
    kind = _kind(f"{form['name']} {form['rest']}")
    arguments = [part.rpartition("=")[2].strip(" '\"") for part in (form["args"] or "")[1:-1].split(",")]
    if kind is Kind.DECIMAL:
        return _decimal(declared, form["name"].strip(), arguments)
    zone = next((word for word in arguments if not (word.isdigit() or word in _UNITS)), None)
    if kind in (Kind.TIMESTAMP_NTZ, Kind.TIMESTAMP_TZ) and zone:
        return ColumnType(Kind.TIMESTAMP_TZ, needs_offset=zone not in _UTC)
    return ColumnType(kind or Kind.TEXT)


def number(scale: int) -> ColumnType:
    """The type of a decimal column whose scale came from its data: `NUMBER(38,scale)`."""
    if scale == 0:
        return ColumnType(Kind.INTEGER)
    return ColumnType(Kind.DECIMAL, MAX_DIGITS, scale)


def holds(there: ColumnType, wanted: ColumnType) -> bool:
    """Whether a column of one type takes every value of the other as it is."""
    if {there.kind, wanted.kind} <= NUMBERS:
        return _digits_fit(there, wanted)
    # JSON goes through PARSE_JSON, which does not come out of a text column as it went in.
    return there.kind is wanted.kind or (there.kind is Kind.TEXT and wanted.kind is not Kind.VARIANT)


def widened(one: ColumnType, other: ColumnType) -> ColumnType | None:
    """The type of a column that is still to be made and takes the values of both; None where there is none.

    Numbers grow. Anything else has to be of one kind: which of several results comes first must not decide
    whether a column is text.
    """
    if one.kind is other.kind and one.kind not in NUMBERS:
        return one
    if not {one.kind, other.kind} <= NUMBERS:
        return None
    if _digits_fit(one, other):
        return one
    (whole, behind), (other_whole, other_behind) = one.digits, other.digits
    scale = max(behind, other_behind)
    return ColumnType(Kind.DECIMAL, min(max(whole, other_whole) + scale, MAX_DIGITS), scale)


def _simplified(declared: str) -> str:
    """Without what says nothing of the type: `Optional[…]`, `datetime.`, `not null`."""
    text = _SUFFIX.sub("", " ".join(declared.lower().split()))
    for _ in range(_DEEPEST):
        if (wrapped := _WRAPPER.fullmatch(text)) is None:
            break
        text = (wrapped[1] or wrapped[2] or "").strip()
    prefix = _MODULE.match(text)
    return text[prefix.end() :] if prefix else text


def _kind(name: str) -> Kind | None:
    return _KINDS.get("_".join(word for word in re.split(r"[\s_-]+", name) if word not in _IDLE_WORDS))


def _decimal(declared: str, name: str, arguments: Sequence[str]) -> ColumnType:
    """DECIMAL; beside a precision the scale is 0 if not given, as in SQL."""
    if arguments == [""]:
        return ColumnType(Kind.DECIMAL)
    numbers = [MAX_DIGITS if part in ("*", "none") else _small(part) for part in arguments]
    if len(numbers) == 1:
        # Of 76 digits the last 38 have room; a value with more is refused by name when it is read.
        numbers = [min(_WIDTHS[name], MAX_DIGITS), *numbers] if name in _WIDTHS else [*numbers, 0]
    precision, scale = numbers[:2]
    # PostgreSQL and Oracle: numeric(3,-2) is 5 digits that end in 00, numeric(2,4) is 4 that begin with 00.
    precision, scale = max(precision - min(scale, 0), scale), max(scale, 0)
    if len(numbers) > 2 or min(numbers[0], precision) < 1 or precision > MAX_DIGITS or scale > MAX_SCALE:
        raise ValueError(
            f"the type {declared[:100]!r} is declared; Snowflake's NUMBER has 1 to {MAX_DIGITS} digits, "
            f"at most {MAX_SCALE} of them after the point"
        )
    if (precision, scale) == (MAX_DIGITS, 0):
        return ColumnType(Kind.INTEGER)
    return ColumnType(Kind.DECIMAL, precision, scale)


def _small(digits: str) -> int:
    """A precision or scale; for what is no small number one that neither can be."""
    return int(digits) if re.fullmatch(r"-?\d{1,9}", digits, re.ASCII) else 10**9


def _digits_fit(there: ColumnType, wanted: ColumnType) -> bool:
    # More digits behind the point than the column has would be rounded away in silence. Before the point, a column
    # of 38 digits takes all that is likely; the value that needs more is refused by name when it is read.
    (whole, behind), (wanted_whole, wanted_behind) = there.digits, wanted.digits
    return behind >= wanted_behind and (whole >= wanted_whole or there.precision == MAX_DIGITS)
