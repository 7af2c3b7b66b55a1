import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import PermanentError
from sync.snowflake.types import MAX_SCALE, ColumnType, Kind, from_ddl, number, parse_declared

SPELLINGS = {
    "VARCHAR": """string · text · varchar · varchar(255) · character varying · character varying(10) · char ·
        char(3) · character · uuid · str · object_id · nvarchar(max) · bpchar · large_string · bytea ·
        interval · timedelta64[ns] · time with time zone · timetz · enum('a', 'b') · category ·
        geography · unknown · long text · bit varying · int( · decimal( · (int) · [] · <> · %s ·
        int; drop table x · none""",
    "NUMBER(38,0)": """int · integer · smallint · tinyint · mediumint · bigint · long · short · byte · int2 · int4 ·
        int8 · int16 · int32 · int64 · int128 · uint8 · UInt64 · hugeint · serial · bigserial · int(11) ·
        int(11) unsigned · bigint unsigned · unsigned bigint · INTEGER NOT NULL · Optional[int] ·
        int | None · int? · Nullable(Int64) · np.int64 · numpy.int32 · pg_catalog.int4 · BigInteger ·
        decimal(38,0) · NUMBER(38, 0) · number(38) · numeric(*,0)""",
    "FLOAT": """float · double · real · double precision · DOUBLE  PRECISION · double_precision · float4 ·
        float8 · float32 · float64 · Float64 · float(53) · half · halffloat · binary_double · np.float64 ·
        Optional[float]""",
    "BOOLEAN": "bool · boolean · BOOL · Boolean · bool8 · Nullable(Bool) · bool | None",
    "DATE": "date · DATE · date32 · Date32 · date32[day] · date64[ms] · datetime.date · date not null",
    "TIME": """time · time(6) · time without time zone · time(3) without time zone · time64[us] · time32[ms] ·
        datetime.time""",
    "TIMESTAMP_NTZ": """timestamp · datetime · TIMESTAMP WITHOUT TIME ZONE · timestamp(6) without time zone ·
        timestamp(3) · timestamp (9) · timestamp_ntz · timestampntz · TIMESTAMP_NTZ(9) · datetime2(7) ·
        smalldatetime · datetime64[ns] · datetime64[us] · timestamp[ns] · timestamp_ns ·
        datetime.datetime · DateTime · timestamp without timezone""",
    "TIMESTAMP_TZ": """timestamp with time zone · TIMESTAMP WITH TIME ZONE · timestamptz · timestamptz(3) ·
        timestamp_tz · timestamp_ltz · TIMESTAMP_TZ(9) · timestamp(6) with time zone ·
        timestamp with timezone · datetimeoffset(7) · timestamp with local time zone ·
        datetime with time zone · datetime64[ns, UTC] · datetime64[us, Europe/Berlin] ·
        timestamp[us, tz=UTC] · DateTime64(3, 'UTC') · date-time · datetimetz""",
    "VARIANT": """json · jsonb · JSON · object · array · map · struct · list · variant · dict · Dict[str, Any] ·
        row(a int) · array<int> · array<struct<a:int,b:decimal(50,2)>> · ARRAY(Integer) ·
        array(decimal(99,1)) · list[int] · List<String> · list<item: int64> · map<string,int> ·
        struct<a: int> · tuple[int, str] · int[] · text[] · varchar(9)[] · integer[][] · integer[3] ·
        integer ARRAY · integer ARRAY[4] · typing.List[int] · Optional[list[str]] · record""",
    "NUMBER(12,2)": """decimal(12,2) · numeric(12, 2) · NUMBER( 12 , 2 ) · Decimal(12,2) · dec(12,2) ·
        decimal128(12, 2) · decimal(12,2) not null · Nullable(Decimal(12, 2))""",
    "NUMBER(10,0)": "decimal(10) · number(10) · numeric(10,0)",
    "NUMBER(38,37)": "decimal(38,37) · number(*, 37)",
    "NUMBER(2,2)": "decimal(2,2)",
}
CASES = [(spelling.strip(), ddl) for ddl, spellings in SPELLINGS.items() for spelling in spellings.split("·")]


@pytest.mark.parametrize(("declared", "ddl"), CASES)
def test_usual_spellings(declared: str, ddl: str) -> None:
    for spelling in (declared, declared.upper(), declared.lower(), f"  {declared}\t"):
        assert parse_declared(spelling).ddl == ddl


@pytest.mark.parametrize(
    "declared", ["decimal", "NUMERIC", "number", "currency", "money", "Decimal", "decimal.Decimal", "decimal()", "dec"]
)
def test_decimals_without_a_scale_wait_for_their_data(declared: str) -> None:
    column = parse_declared(declared)
    assert column == ColumnType(Kind.DECIMAL)
    assert not column.is_resolved
    with pytest.raises(ValueError, match="no scale"):
        _ = column.ddl


@pytest.mark.parametrize("declared", [None, 7, 1.5, True, [], {"type": "int"}, "", "  ", "\0", "☃", "int\nx"])
def test_everything_else_is_text(declared: object) -> None:
    assert parse_declared(declared) == ColumnType(Kind.TEXT)


IMPOSSIBLE = """decimal(39,2) · numeric(100) · number(38,38) · decimal(5,6) · decimal(0) · decimal(0,0) ·
    decimal(10,-2) · decimal(a,b) · decimal(10,) · decimal(,2) · decimal(1,2,3) · decimal(1.5) ·
    Decimal(\u0663,1) · money(99999999999999)"""


@pytest.mark.parametrize("declared", [declared.strip() for declared in IMPOSSIBLE.split("·")])
def test_decimals_that_snowflake_lacks_are_named(declared: str) -> None:
    with pytest.raises(PermanentError, match=re.escape(repr(declared))) as raised:
        parse_declared(declared)
    assert raised.value.code == "malformed_result"


@pytest.mark.parametrize("length", [10_000, 1_000_000])
def test_long_declarations_take_no_time(length: int) -> None:
    assert parse_declared("int" + "?" * length).kind is Kind.INTEGER
    assert parse_declared("struct<" + "a: int, " * length + ">").kind is Kind.VARIANT
    assert parse_declared("[" * length).kind is Kind.TEXT
    assert parse_declared("nullable(" * length).kind is Kind.TEXT


def test_scale_from_the_data() -> None:
    assert number(0) == ColumnType(Kind.INTEGER)
    assert number(4).ddl == "NUMBER(38,4)"


@given(st.sampled_from(Kind), st.integers(1, 38), st.integers(0, MAX_SCALE))
def test_ddl_is_read_back(kind: Kind, precision: int, scale: int) -> None:
    is_decimal = kind is Kind.DECIMAL and scale <= precision
    column = (
        ColumnType(kind, precision, scale) if is_decimal else ColumnType(Kind.TEXT if kind is Kind.DECIMAL else kind)
    )
    assert from_ddl(column.ddl).ddl == column.ddl
    if column.ddl != "NUMBER(38,0)":
        assert from_ddl(column.ddl) == column


@given(st.text(max_size=60) | st.text("intdecmalrysog()[]<>,? |0123456789*", max_size=40))
def test_any_text_is_a_type_or_a_named_error(declared: str) -> None:
    # Nothing but a decimal may be refused.
    with suppress(PermanentError):
        assert parse_declared(declared) == parse_declared(declared.strip())
