import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.snowflake.types import MAX_SCALE, ColumnType, Kind, _parsed, number, parse_declared
from tests.growth import LINEAR, growth

# By the documentation of PostgreSQL, Redshift, MySQL, SQL Server, Oracle, BigQuery, Trino, Spark, ClickHouse, DuckDB,
# Arrow, pandas and Polars. What would change a value is never guessed: it is text, or refused by name when it is read.
SPELLINGS = {
    "VARCHAR": """string · text · varchar · varchar(255) · character varying · character varying(10) · char ·
        char(3) · character · uuid · str · object_id · nvarchar(max) · bpchar · large_string · bytea ·
        interval · timedelta64[ns] · time with time zone · timetz · enum('a', 'b') · category ·
        geography · unknown · long text · bit varying · int( · decimal( · (int) · [] · <> · %s ·
        int; drop table x · none · unsigned · bit · bit(1) · bit(8) · year · uniqueidentifier · sql_variant ·
        hierarchyid · xml · rowversion · bytes · binary(16) · varbinary(max) · blob · citext · inet · money_range ·
        FixedString(16) · Enum8('a' = 1) · LowCardinality(String) · LowCardinality(Nullable(String)) · IPv4 ·
        SimpleAggregateFunction(sum, Decimal(38, 2)) · interval day to second · time(3) with time zone · varbyte ·
        hllsketch · duration[ns] · fixed_size_binary[16] · string[pyarrow] · string[python] · period[M] ·
        Sparse[int] · varchar2(10 char) · USER-DEFINED · range<date>""",
    "NUMBER(38,0)": """int · integer · smallint · tinyint · mediumint · bigint · long · short · byte · int2 · int4 ·
        int8 · int16 · int32 · int64 · int128 · uint8 · UInt64 · hugeint · serial · bigserial · int(11) ·
        int(11) unsigned · bigint unsigned · unsigned bigint · INTEGER NOT NULL · Optional[int] ·
        int | None · int? · Nullable(Int64) · np.int64 · numpy.int32 · pg_catalog.int4 · BigInteger ·
        decimal(38,0) · NUMBER(38, 0) · number(38) · numeric(*,0) · tinyint(1) · bigint(20) unsigned ·
        int(10) unsigned zerofill · mediumint(8) unsigned · UInt256 · Int256 · LowCardinality(UInt8) · uhugeint ·
        int64[pyarrow] · Decimal128(0) · Decimal256(0) · Decimal(precision=None, scale=0) · pl.Int64""",
    "FLOAT": """float · double · real · double precision · DOUBLE  PRECISION · double_precision · float4 ·
        float8 · float32 · float64 · Float64 · float(53) · half · halffloat · binary_double · np.float64 ·
        Optional[float] · float(7,4) · double unsigned · Nullable(Float32) · BFloat16 · double[pyarrow]""",
    "BOOLEAN": "bool · boolean · BOOL · Boolean · bool8 · Nullable(Bool) · bool | None · bool[pyarrow]",
    "DATE": "date · DATE · date32 · Date32 · date32[day] · date64[ms] · datetime.date · date not null",
    "TIME": """time · time(6) · time without time zone · time(3) without time zone · time64[us] · time32[ms] ·
        datetime.time · time(7)""",
    "TIMESTAMP_NTZ": """timestamp · datetime · TIMESTAMP WITHOUT TIME ZONE · timestamp(6) without time zone ·
        timestamp(3) · timestamp (9) · timestamp_ntz · timestampntz · TIMESTAMP_NTZ(9) · datetime2(7) ·
        smalldatetime · datetime64[ns] · datetime64[us] · timestamp[ns] · timestamp_ns ·
        datetime.datetime · DateTime · timestamp without timezone · DateTime64(3) · DateTime32 · timestamp(12) ·
        timestamp[us][pyarrow] · Datetime(time_unit='us', time_zone=None) · DateTime(timezone=False)""",
    "TIMESTAMP_TZ": """timestamp with time zone · TIMESTAMP WITH TIME ZONE · timestamptz · timestamptz(3) ·
        timestamp_tz · timestamp_ltz · TIMESTAMP_TZ(9) · timestamp(6) with time zone ·
        timestamp with timezone · datetimeoffset(7) · timestamp with local time zone ·
        datetime with time zone · datetime64[ns, UTC] · datetime64[us, Europe/Berlin] ·
        timestamp[us, tz=UTC] · DateTime64(3, 'UTC') · date-time · datetimetz · DateTime('Europe/Berlin') ·
        DateTime('UTC') · Nullable(DateTime64(6, 'Asia/Kolkata')) · timestamp[ns, tz=UTC][pyarrow] ·
        Datetime(time_unit='us', time_zone='UTC') · DateTime(timezone=True)""",
    "VARIANT": """json · jsonb · JSON · object · array · map · struct · list · variant · dict · Dict[str, Any] ·
        row(a int) · array<int> · array<struct<a:int,b:decimal(50,2)>> · ARRAY(Integer) ·
        array(decimal(99,1)) · list[int] · List<String> · list<item: int64> · map<string,int> ·
        struct<a: int> · tuple[int, str] · int[] · text[] · varchar(9)[] · integer[][] · integer[3] ·
        integer ARRAY · integer ARRAY[4] · typing.List[int] · Optional[list[str]] · record · super ·
        Array(Nullable(Decimal256(4))) · Map(String, Decimal(76, 2)) · Tuple(a Decimal(76, 1)) · Nested(a Int8) ·
        Object('json') · large_list_view<item: string> · list<item: int64>[pyarrow]""",
    "NUMBER(12,2)": """decimal(12,2) · numeric(12, 2) · NUMBER( 12 , 2 ) · Decimal(12,2) · dec(12,2) ·
        decimal128(12, 2) · decimal(12,2) not null · Nullable(Decimal(12, 2)) · fixed(12,2) ·
        decimal(12,2) unsigned · decimal(12,2) unsigned zerofill · bignumeric(12, 2) · decimal256(12, 2) ·
        decimal128(12, 2)[pyarrow] · Decimal(precision=12, scale=2) · LowCardinality(Nullable(Decimal(12, 2)))""",
    "NUMBER(10,0)": "decimal(10) · number(10) · numeric(10,0)",
    "NUMBER(38,37)": "decimal(38,37) · number(*, 37)",
    "NUMBER(2,2)": "decimal(2,2)",
    # ClickHouse: 9, 18, 38 and 76 digits, and the only argument is the scale.
    "NUMBER(9,2)": "Decimal32(2) · Nullable(Decimal32(2))",
    "NUMBER(18,4)": "Decimal64(4) · LowCardinality(Decimal64(4))",
    "NUMBER(38,10)": "Decimal128(10) · Decimal256(10)",
    # PostgreSQL from 15 on, and Oracle.
    "NUMBER(5,0)": "numeric(3,-2) · number(5)",
    "NUMBER(4,4)": "numeric(2,4)",
}
CASES = [(spelling.strip(), ddl) for ddl, spellings in SPELLINGS.items() for spelling in spellings.split("·")]


@pytest.mark.parametrize(("declared", "ddl"), CASES)
def test_usual_spellings(declared: str, ddl: str) -> None:
    for spelling in (declared, declared.upper(), declared.lower(), f"  {declared}\t"):
        assert parse_declared(spelling).ddl == ddl


@pytest.mark.parametrize(
    "declared",
    [
        "decimal",
        "NUMERIC",
        "number",
        "currency",
        "money",
        "Decimal",
        "decimal.Decimal",
        "decimal()",
        "dec",
        "smallmoney",
        "BIGNUMERIC",
        "bigdecimal",
        "Decimal64",
        "fixed",
        "numeric unsigned",
        "Nullable(Decimal)",
    ],
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


@pytest.mark.parametrize(
    ("declared", "needs_offset"),
    [("DateTime('Europe/Berlin')", True), ("datetime64[ns, Asia/Kolkata]", True), ("timestamp[us, tz=+05:30]", True)]
    + [
        (utc, False)
        for utc in ("DateTime('UTC')", "datetime64[ns, UTC]", "timestamp[us, tz=Etc/UTC]", "timestamptz(3)")
    ],
)
def test_a_zone_that_is_named_makes_times_without_an_offset_ambiguous(declared: str, needs_offset: bool) -> None:
    assert parse_declared(declared).needs_offset is needs_offset


IMPOSSIBLE = """decimal(39,2) · numeric(100) · number(38,38) · decimal(0) · decimal(0,0) · decimal(38,-1) ·
    decimal(a,b) · decimal(10,) · decimal(,2) · decimal(1,2,3) · decimal(1.5) · numeric(50,10) · Decimal256(38) ·
    bignumeric(76,38) · decimal(65,30) · Decimal(\u0663,1) · money(99999999999999) · numeric(99999,99999)"""


@pytest.mark.parametrize("declared", [declared.strip() for declared in IMPOSSIBLE.split("·")])
def test_decimals_that_snowflake_lacks_are_named(declared: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(declared))):
        parse_declared(declared)


HEAVY = [
    "?",
    "nullable(",
    "optional[",
    "| none",
    "[",
    "[0",
    "a ",
    "not null ",
    "decimal(",
    "struct<a: int, ",
    ",",
    "= ",
]


@pytest.mark.parametrize("part", HEAVY)
def test_the_work_grows_with_the_length_and_is_bounded(part: str) -> None:
    whole = part * 1000
    assert growth(lambda size: _parsed.__wrapped__(f"int{whole}"[:size]), 250) < LINEAR
    assert parse_declared("int " + whole) == parse_declared(("int " + whole)[:1000])


def test_wrappers_are_taken_off_and_long_declarations_known_by_their_beginning() -> None:
    assert parse_declared("Nullable(Optional[int?])??").kind is Kind.INTEGER
    assert parse_declared("struct<" + "a: int, " * 100_000 + ">").kind is Kind.VARIANT
    assert parse_declared("nullable(" * 100_000).kind is Kind.TEXT


def test_scale_from_the_data() -> None:
    assert number(0) == ColumnType(Kind.INTEGER)
    assert number(4).ddl == "NUMBER(38,4)"


@given(st.sampled_from(Kind), st.integers(1, 38), st.integers(0, MAX_SCALE))
def test_ddl_is_read_back(kind: Kind, precision: int, scale: int) -> None:
    is_decimal = kind is Kind.DECIMAL and scale <= precision
    column = (
        ColumnType(kind, precision, scale) if is_decimal else ColumnType(Kind.TEXT if kind is Kind.DECIMAL else kind)
    )
    assert parse_declared(column.ddl).ddl == column.ddl
    if column.ddl != "NUMBER(38,0)":
        assert parse_declared(column.ddl) == column


@given(st.text(max_size=60) | st.text("intdecmalrysog()[]<>,? |0123456789*", max_size=40))
def test_any_text_is_a_type_or_a_named_error(declared: str) -> None:
    # Nothing but a decimal may be refused.
    with suppress(ValueError):
        assert parse_declared(declared) == parse_declared(declared.strip())
