"""What `result_columns` declares → the Snowflake column that holds it (the design's table of types).

Declarations come from people, ORMs, data frames and other databases; what is not known is text,
which holds every value as it is.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sync.errors import SyncError, failure

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


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type. A DECIMAL without a scale gets it from the data, before there is a table."""

    kind: Kind
    precision: int | None = None
    scale: int | None = None

    @property
    def is_resolved(self) -> bool:
        return self.kind is not Kind.DECIMAL or None not in (self.precision, self.scale)

    @property
    def ddl(self) -> str:
        """The type in Snowflake's SQL, `NUMBER(12,2)`; `from_ddl` reads it back.

        ValueError while the scale is not known.
        """
        if not self.is_resolved:
            raise ValueError("A decimal column has no scale before its data was looked at.")
        if self.kind is Kind.DECIMAL:
            return f"NUMBER({self.precision},{self.scale})"
        return self.kind.value


_SPELLINGS = {
    Kind.INTEGER: """int integer smallint tinyint mediumint bigint hugeint byte byteint long short
        longlong long_long int2 int4 int8 int16 int32 int64 int128 int256
        uint uint8 uint16 uint32 uint64 uint128 uint256
        utinyint usmallint uinteger ubigint uhugeint
        serial bigserial smallserial serial2 serial4 serial8
        int_unsigned integer_unsigned tinyint_unsigned smallint_unsigned mediumint_unsigned
        bigint_unsigned unsigned_int unsigned_integer unsigned_tinyint unsigned_smallint
        unsigned_bigint unsigned_long biginteger smallinteger""",
    Kind.DECIMAL: """decimal numeric number dec currency money smallmoney bignumeric bigdecimal
        decimal32 decimal64 decimal128 decimal256""",
    Kind.FLOAT: """float double real double_precision float4 float8 float16 float32 float64
        half halffloat binary_float binary_double""",
    Kind.BOOLEAN: "bool boolean bool8",
    Kind.DATE: "date date32 date64",
    Kind.TIME: "time time32 time64 time_without_time_zone time_without_timezone",
    Kind.TIMESTAMP_NTZ: """timestamp datetime datetime2 smalldatetime datetime64 timestamp_ntz
        timestampntz timestamp_without_time_zone timestamp_without_timezone
        datetime_without_time_zone timestamp_s timestamp_ms timestamp_us timestamp_ns""",
    Kind.TIMESTAMP_TZ: """timestamptz timestamp_tz timestamp_ltz timestampltz datetimetz
        datetime_tz datetimeoffset date_time timestamp_with_time_zone timestamp_with_timezone
        timestamp_with_local_time_zone datetime_with_time_zone datetime_with_timezone""",
    Kind.VARIANT: """json jsonb object array map struct list variant dict dictionary mapping row
        record tuple set frozenset sequence large_list fixed_size_list nested super""",
}
_KINDS = {name: kind for kind, names in _SPELLINGS.items() for name in names.split()}

_WRAPPER = re.compile(r"(?:nullable|optional|lowcardinality)\s*[(\[<](.*)[)\]>]|(.*?)\s*(?:\| *none|\?)")
_MODULE = re.compile(r"(?:pg_catalog|datetime|decimal|numpy|np|pandas|pd|pyarrow|pa|typing)\.|.* (?=array$)")
_NULLABLE = re.compile(r"\s+(?:not null|null)$")
# Name, arguments in some bracket, rest: "timestamp (6) with time zone", "list[int]", "char(9)[]"
_FORM = re.compile(r"(?P<name>[^()\[\]<>]+)(?P<args>[(\[<].*?[)\]>])?(?P<rest>.*)")
_ARRAY = re.compile(r".*(?:\[\s*\d*\s*\]|\barray)")


def parse_declared(declared: object) -> ColumnType:
    """The column type for a declared one, in any usual spelling and case; the unknown is text.

    Raises `malformed_result` for a decimal that Snowflake's NUMBER cannot be: more than 38 digits,
    a scale above 37 or above the precision.
    """
    return _parsed(declared) if isinstance(declared, str) else ColumnType(Kind.TEXT)


# Results of a workflow declare the same types again and again.
@lru_cache(maxsize=1_000)
def _parsed(declared: str) -> ColumnType:
    form = _FORM.fullmatch(_simplified(declared))
    if form is None:
        return ColumnType(Kind.TEXT)
    if _ARRAY.fullmatch(form.string) or _kind(form["name"]) is Kind.VARIANT:
        return ColumnType(Kind.VARIANT)
    kind = _kind(f"{form['name']} {form['rest']}")
    arguments = [part.strip() for part in (form["args"] or "")[1:-1].split(",")]
    if kind is Kind.DECIMAL:
        return _decimal(declared, arguments)
    # datetime64[ns, UTC] and timestamp[us, tz=UTC] name a zone; timestamp(6) does not.
    if kind is Kind.TIMESTAMP_NTZ and len(arguments) > 1:
        return ColumnType(Kind.TIMESTAMP_TZ)
    return ColumnType(kind or Kind.TEXT)


def from_ddl(ddl: str) -> ColumnType:
    """The type that `ddl` wrote, or that Snowflake's DESCRIBE says: `TIMESTAMP_NTZ(9)`."""
    return parse_declared(ddl)


def number(scale: int) -> ColumnType:
    """The type of a decimal column whose scale came from its data: `NUMBER(38,scale)`."""
    if scale == 0:
        return ColumnType(Kind.INTEGER)
    return ColumnType(Kind.DECIMAL, MAX_DIGITS, scale)


def _simplified(declared: str) -> str:
    """Without what says nothing of the type: `Optional[…]`, `datetime.`, `not null`."""
    # A struct's declaration can be long; its beginning tells what it is.
    text = _NULLABLE.sub("", " ".join(declared[:1000].lower().split()))
    while wrapped := _WRAPPER.fullmatch(text):
        text = (wrapped[1] or wrapped[2] or "").strip()
    prefix = _MODULE.match(text)
    return text[prefix.end() :] if prefix else text


def _kind(name: str) -> Kind | None:
    return _KINDS.get(re.sub(r"[\s_-]+", "_", name.strip()))


def _decimal(declared: str, arguments: list[str]) -> ColumnType:
    """DECIMAL; beside a precision the scale is 0 if not given, as in SQL."""
    if arguments == [""]:
        return ColumnType(Kind.DECIMAL)
    numbers = [MAX_DIGITS if part == "*" else _small(part) for part in arguments]
    precision, scale = (*numbers, 0)[:2]
    possible = 1 <= precision <= MAX_DIGITS and 0 <= scale <= min(precision, MAX_SCALE)
    if not possible or len(numbers) > 2:
        raise _impossible(declared)
    if (precision, scale) == (MAX_DIGITS, 0):
        return ColumnType(Kind.INTEGER)
    return ColumnType(Kind.DECIMAL, precision, scale)


def _small(digits: str) -> int:
    """A precision or scale; -1, which is neither, for what is no small number."""
    return int(digits) if re.fullmatch(r"\d{1,9}", digits, re.ASCII) else -1


def _impossible(declared: str) -> SyncError:
    return failure(
        "malformed_result",
        f"result_columns declares the type {declared[:100]!r}; Snowflake's NUMBER has 1 to "
        f"{MAX_DIGITS} digits, at most {MAX_SCALE} of them after the point",
    )
