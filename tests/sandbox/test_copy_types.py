"""COPY INTO from CSV: every type that the product makes, and what does not fit."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.conftest import Snowflake
from tests.sandbox.loading import FORMAT, as_csv, copy, put

naive = datetime  # TIMESTAMP_NTZ comes back without a zone
ISO = {
    "DATE_INPUT_FORMAT": "YYYY-MM-DD",
    "TIME_INPUT_FORMAT": "HH24:MI:SS.FF9",
    "TIMESTAMP_INPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF9",
}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("NUMBER(38,0)", "1", 1),
        ("NUMBER(38,0)", "-" + "9" * 38, -int("9" * 38)),
        ("INTEGER", "9" * 38, int("9" * 38)),
        ("BIGINT", "9" * 19, int("9" * 19)),
        ("NUMBER(38,10)", "1234567890123456789012345678.0123456789",
         Decimal("1234567890123456789012345678.0123456789")),
        ("NUMBER(10,2)", "12.30", Decimal("12.30")),
        ("NUMBER(38,37)", "1.5", Decimal("1.5")),
        ("FLOAT", "0.1", 0.1),
        ("FLOAT", "-1.7976931348623157e308", -1.7976931348623157e308),
        ("BOOLEAN", "true", True),
        ("BOOLEAN", "false", False),
        ("BOOLEAN", "T", True),
        ("BOOLEAN", "off", False),
        ("DATE", "0001-01-01", date(1, 1, 1)),
        ("DATE", "9999-12-31", date(9999, 12, 31)),
        ("TIME", "23:59:59.999999", time(23, 59, 59, 999999)),
        ("TIME", "00:00:00", time(0)),
        ("TIMESTAMP_NTZ", "1969-12-31 23:59:59.999999", naive(1969, 12, 31, 23, 59, 59, 999999)),
        ("TIMESTAMP_NTZ", "2024-02-29T12:00:00", naive(2024, 2, 29, 12)),
        ("TIMESTAMP_TZ", "2024-02-29 12:00:00.000001+05:30",
         datetime(2024, 2, 29, 6, 30, 0, 1, tzinfo=UTC)),
        ("TIMESTAMP_TZ", "1960-01-01 00:00:00.5 -0300", datetime(1960, 1, 1, 3, 0, 0, 500000, tzinfo=UTC)),
        ("TIMESTAMP_TZ", "2024-01-01 00:00:00+00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("VARCHAR", "x", "x"),
    ],
)  # fmt: skip
def test_values_come_back_exactly(snowflake: Snowflake, tmp_path: Path, kind: str, text: str, value: Any) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute(f"CREATE TABLE t (n NUMBER(38,0), v {kind})")

    copy(cursor, "t", put(cursor, tmp_path, as_csv([("1", text), ("2", None)])))

    rows = snowflake.rows("SELECT v, v IS NULL FROM t ORDER BY n")
    assert rows == [(value, False), (None, True)]
    assert type(rows[0][0]) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": [1, 2.50, null, true, "x"]}, "é": "日本"}',
        '{"big": 12345678901234567890123456789012345678, "small": 0.1234567890123456789}',
        '["\\u0000", "\\"", "\\n"]',
        '"just text"',
        "[]",
        "12",
    ],
)
def test_json_keeps_its_value(snowflake: Snowflake, tmp_path: Path, text: str) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (j VARIANT)")
    reference = put(cursor, tmp_path, as_csv([(text,)]))

    cursor.execute(f"COPY INTO t (j) FROM (SELECT PARSE_JSON($1) FROM {reference}) {FORMAT}")

    ((found,),) = snowflake.rows("SELECT j FROM t")
    assert json.loads(found, parse_float=Decimal) == json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize(
    ("kind", "text", "errno", "said"),
    [
        ("NUMBER(38,0)", "abc", 100038, "Numeric value 'abc' is not recognized"),
        ("NUMBER(38,0)", "", 100038, "Numeric value '' is not recognized"),
        ("NUMBER(38,0)", "1_000", 100038, "Numeric value '1_000' is not recognized"),
        ("NUMBER(38,0)", "1" * 39, 100038, f"Numeric value '{'1' * 39}' is not recognized"),
        ("NUMBER(4,2)", "100", 100038, "Numeric value '100' is not recognized"),
        ("FLOAT", "x", 100038, "Numeric value 'x' is not recognized"),
        ("BOOLEAN", "maybe", 100037, "Boolean value 'maybe' is not recognized"),
        ("DATE", "2024-02-30", 100040, "Date '2024-02-30' is not recognized"),
        ("DATE", "2024-02-01 10:00:00", 100040, "Date '2024-02-01 10:00:00' is not recognized"),
        ("DATE", "infinity", 100040, "Date 'infinity' is not recognized"),
        ("TIME", "25:00:00", 100108, "Time '25:00:00' is not recognized"),
        ("TIMESTAMP_NTZ", "soon", 100035, "Timestamp 'soon' is not recognized"),
        ("TIMESTAMP_NTZ", "2024-01-01 00:00:00+02", 100035, "Timestamp '2024-01-01 00:00:00+02'"),
        ("TIMESTAMP_TZ", "2024-13-01 00:00:00+00:00", 100035, "Timestamp '2024-13-01 00:00:00+"),
    ],
)
def test_values_that_do_not_fit(
    snowflake: Snowflake, tmp_path: Path, kind: str, text: str, errno: int, said: str
) -> None:
    cursor = snowflake.connect(session_parameters=ISO).cursor()
    cursor.execute(f'CREATE TABLE t (n NUMBER(38,0), "the value" {kind})')
    reference = put(cursor, tmp_path, as_csv([("1", None), ("2", text)]))

    with pytest.raises(ProgrammingError) as raised:
        copy(cursor, 't (n, "the value")', reference)

    assert raised.value.errno == errno
    assert said in str(raised.value)
    assert 'Row 2, column "T"["the value":2]' in str(raised.value)
    assert snowflake.rows("SELECT count(*) FROM t") == [(0,)]


def test_json_that_is_none(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (j VARIANT)")
    reference = put(cursor, tmp_path, as_csv([("{oops",)]))

    with pytest.raises(ProgrammingError, match="Error parsing JSON") as raised:
        cursor.execute(f"COPY INTO t FROM (SELECT PARSE_JSON($1) FROM {reference}) {FORMAT}")

    assert raised.value.errno == 100069


def test_text_in_a_variant_is_a_json_string(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (j VARIANT)")

    copy(cursor, "t", put(cursor, tmp_path, as_csv([("[1]",)])))

    assert snowflake.rows("SELECT j FROM t") == [('"[1]"',)]
