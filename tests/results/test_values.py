"""Which values a declared type takes, and what the file gets for them: by both projections alike."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from sync.errors import PermanentError
from sync.snowflake.types import parse_declared
from tests.results.conftest import Executions

pytestmark = pytest.mark.usefixtures("path")

LONG = "12345678901234567890123456789012345678"
NTZ = "timestamp"
TZ = "timestamptz"
# A wall clock in Berlin is another moment in UTC.
ZONED = "DateTime64(3, 'Europe/Berlin')"


def _moment(text: str) -> str:
    """A date and time with a blank between them, and without the zeros at the end of its fraction."""
    text = text.replace("T", " ")
    return re.sub(r"\.?0*(?=[+-]\d\d:\d\d$|$)", "", text) if "." in text else text


# Two texts of one value are equal under these.
MEANINGS: dict[str, Callable[[str], Any]] = {
    "int": Decimal,
    "decimal": Decimal,
    "float": float,
    NTZ: _moment,
    TZ: _moment,
    "DateTime64": _moment,
}

ACCEPTED = [
    ("text", '"x"', "x"),
    ("text", '""', ""),
    ("text", "12.50", "12.50"),
    ("text", "true", "true"),
    ("text", "null", None),
    ("text", '{"b": [1, null], "a": "x"}', '{"a": "x", "b": [1, null]}'),
    ("text", '"\\\\N"', "\\N"),
    ("int", "42", "42"),
    ("int", "-9223372036854775809", "-9223372036854775809"),
    ("int", LONG, LONG),
    ("int", "1.0", "1"),
    ("int", "1e3", "1000"),
    ("int", "-0", "0"),
    ("int", '"42"', "42"),
    ("int", '"+007"', "7"),
    ("int", '"4.2e1"', "42"),
    ("int", "null", None),
    ("decimal(12,2)", "79.19", "79.19"),
    ("decimal(12,2)", "-9999999999.99", "-9999999999.99"),
    ("decimal(12,2)", "5.1000", "5.1"),
    ("decimal(12,2)", '"5"', "5"),
    ("decimal(12,2)", '"1e2"', "100"),
    ("decimal(12,2)", '".5"', "0.5"),
    ("decimal(38,37)", "1." + "1" * 37, "1." + "1" * 37),
    ("decimal(2,2)", "0.99", "0.99"),
    ("decimal(2,2)", "null", None),
    ("float", "0.1", "0.1"),
    ("float", "1", "1"),
    ("float", "1.7976931348623157e308", "1.7976931348623157e308"),
    ("float", "-5e-324", "-5e-324"),
    ("float", '"1.5e3"', "1500"),
    ("float", '"-Infinity"', "-inf"),
    ("float", '"INF"', "inf"),
    ("float", '"+inf"', "inf"),
    ("float", "0.1234567890123456789012345678901234567890", "0.12345678901234568"),
    ("boolean", "true", "true"),
    ("boolean", "false", "false"),
    ("boolean", '"True"', "true"),
    ("boolean", '"no"', "false"),
    ("boolean", '"off"', "false"),
    ("boolean", "1", "true"),
    ("boolean", "0.0", "false"),
    ("boolean", "null", None),
    ("date", '"2024-02-29"', "2024-02-29"),
    ("date", '"2000-02-29"', "2000-02-29"),
    ("date", '"0001-01-01"', "0001-01-01"),
    ("date", '"9999-12-31"', "9999-12-31"),
    ("date", "null", None),
    ("time", '"23:59:59"', "23:59:59"),
    ("time", '"23:59:59.25"', "23:59:59.25"),
    ("time", '"07:05"', "07:05:00"),
    ("time", '"07:05:09.123456789"', "07:05:09.123456789"),
    (NTZ, '"2024-01-05T10:20:30"', "2024-01-05 10:20:30"),
    (NTZ, '"2024-01-05 10:20:30"', "2024-01-05 10:20:30"),
    (NTZ, '"2024-01-05T10:20"', "2024-01-05 10:20:00"),
    (NTZ, '"2024-01-05"', "2024-01-05 00:00:00"),
    (NTZ, '"2024-01-05T10:20:30.123456"', "2024-01-05 10:20:30.123456"),
    (NTZ, '"2024-01-05T10:20:30.000000"', "2024-01-05 10:20:30"),
    (NTZ, '"2024-01-05T10:20:30.123456789"', "2024-01-05 10:20:30.123456789"),
    (NTZ, '"2024-01-05T10:20:30Z"', "2024-01-05 10:20:30"),
    (NTZ, '"2024-01-05T10:20:30.5Z"', "2024-01-05 10:20:30.5"),
    (NTZ, '"2024-01-05T10:20:30+00:00"', "2024-01-05 10:20:30"),
    (NTZ, '"2024-01-05T10:20:30.120+00:00"', "2024-01-05 10:20:30.12"),
    (NTZ, '"2024-01-05t10:20:30z"', "2024-01-05 10:20:30"),
    (NTZ, '"2024-01-05 10:20:30+00"', "2024-01-05 10:20:30"),
    (NTZ, '"2024-01-05 10:20:30+0000"', "2024-01-05 10:20:30"),
    (NTZ, "null", None),
    (TZ, '"2024-01-05T10:20:30+05:30"', "2024-01-05 10:20:30+05:30"),
    (TZ, '"2024-01-05T10:20:30.25-0800"', "2024-01-05 10:20:30.25-08:00"),
    (TZ, '"2024-01-05 10:20:30+14:00"', "2024-01-05 10:20:30+14:00"),
    (TZ, '"2024-01-05 10:20:30-03"', "2024-01-05 10:20:30-03:00"),
    (TZ, '"2024-01-05T10:20:30Z"', "2024-01-05 10:20:30+00:00"),
    (TZ, '"2024-01-05T10:20:30.123456789Z"', "2024-01-05 10:20:30.123456789+00:00"),
    (TZ, '"2024-01-05T10:20:30"', "2024-01-05 10:20:30+00:00"),
    (TZ, '"2024-01-05T10:20:30.5"', "2024-01-05 10:20:30.5+00:00"),
    (TZ, '"2024-01-05"', "2024-01-05 00:00:00+00:00"),
    (TZ, "null", None),
    (ZONED, '"2024-01-05T10:20:30+01:00"', "2024-01-05 10:20:30+01:00"),
    (ZONED, '"2024-01-05 10:20:30.5Z"', "2024-01-05 10:20:30.5+00:00"),
    (ZONED, "null", None),
    ("json", '{"b": 1.0, "a": ["x", null]}', '{"a": ["x", null], "b": 1.0}'),
    ("json", '"text"', '"text"'),
    ("json", '"null"', '"null"'),
    ("json", "null", None),
    ("json", "true", "true"),
    ("json", LONG, LONG),
    ("json", f"[0.{LONG}, 1e300]", f"[0.{LONG}, 1{'0' * 300}]"),
    ("json", f'["{LONG}999"]', f'["{LONG}999"]'),
]

# JSON texts; LONG stands for its digits.
_REFUSED = {
    "int": """1.5 · "x" · "" · " 42 " · "0x1F" · "1_000" · "1,000" · true · LONG9 · 1e38 · "NaN" · "inf" · [1] ·
        "1e99999" · "--1" · "१" · "1e1_0" """,
    "decimal(12,2)": """1.234 · 10000000000 · "x" · "" · "NaN" · "Infinity" · " 1" · "0x1F" · "1_0" · true · {} ·
        -10000000000 · "1e-99999" · "." · "-" """,
    "decimal(2,2)": """1 · 1.00""",
    "decimal(38,0)": """1e38 · 0.5""",
    "float": """ "x" · "" · " 1" · "0x1F" · "0x1p3" · "1_0" · 1.8e308 · 1e-400 · "1e400" · true · "nano" · [] · "in" ·
        "infinit" · "-NaN" · "1e99999" """,
    "boolean": """ "maybe" · 2 · "" · " true" · [] · 0.5 · "tru" · 10""",
    "date": """ "2024-02-30" · "2023-02-29" · "1900-02-29" · "2024-13-01" · "2024-00-10" · "2024-01-00" · "0000-01-01" ·
        "2024-01-05T00:00:00" · "2024-01-05 10:00:00" · "today" · "infinity" · "-infinity" · "epoch" · 20240105 ·
        "20240105" · "05/01/2024" · "2024-1-5" · "24-01-05" · " 2024-01-05" · "2024-01-05Z" · "12024-01-05" ·
        "0044-03-15 BC" · "" · 1704067200 · "2024-04-31" · "Jan 5 2024" · "2024 01 05" · true ·
        "2024/01/05" · "2024.01.05" · "2024-Jan-5" · "2024 Jan 5" · "20240105BC" """,
    "time": """ "24:00:00" · "23:60" · "23:59:60" · "7:05" · "07:05:09Z" · "07:05:09+00" · "allballs" · "now" · 7 ·
        "07:05:09.1234567890" · "10:00 PM" · "070509" · "" · "2024-01-05 10:00:00" · "07:05:09." """,
    NTZ: """ "2024-01-05T10:20:30+05:30" · "2024-01-05T10:20:30-00:30" · "2024-02-30T00:00:00" · "2024-01-05T24:00:00" ·
        "2024-01-05T23:59:60" · "now" · "infinity" · "epoch" · 1704067200 · "1704067200" · "2024-01-05T10" · "" ·
        "2024-01-05T10:20:30.1234567890" · "2024-01-05  10:20:30" · "2024-01-05T10:20:30 UTC" · "20240105T102030" ·
        "2024-01-05T10:20:30.5Z+00:00" · "2024-01-05T10:20:30ZZ" · "0044-03-15 10:00:00 BC" · "2024-01-05Z" ·
        true · "0044-03-15 10:00:00.123 BC" · "0044-03-15 10:00:00.5 BC00" · "12024-01-05 10:20:30.12345" ·
        "12024-01-05 10:20:30" · "2024-01-05 10:20:30." · "2024-01-05 10:20:30PM" · "0000-01-05 10:20:30" ·
        "2024-01-05 10:20:30 America/New_York" · "2024-01-05 10:20:30.12345Z0" · "2024-01-05 10:20:30EST" ·
        "2024-01-05T24:00:00.000000" · "2024-01-05T23:59:60.000000" · "2024/01/05 10:20:30.123456" ·
        "2024-01-05 10:20:30.12345 " """,
    TZ: """ "2024-01-05T10:20:30+15:00" · "2024-01-05T10:20:30+05:60" · "2024-01-05T10:20:30+14:01" · "now" ·
        1704067200 · "2024-02-30T00:00:00Z" · "2024-01-05T10:20:30 EST" · "2024-01-05T10:20:30+5" ·
        "2024-01-05+00:00" · "" · "2024-01-05T10:20:30+05:30:15" · "2024-01-05T24:00:00Z" · "infinity" ·
        "2024-01-05T10:20:30.1234567890Z" """,
    ZONED: """ "2024-01-05 10:20:30" · "2024-01-05T10:20:30.123" · "2024-01-05" ·
        "2024-01-05 10:20:30 Europe/Berlin" """,
    "json": """LONG9 · {"a": [1, {"b": -LONG.5}]} · 0.1LONG · [[LONG1]] · LONG9e5""",
}
REFUSED = [
    (declared, value.strip().replace("LONG", LONG))
    for declared, values in _REFUSED.items()
    for value in values.split("·")
]


def meaning(declared: str, text: str | None) -> Any:
    base = declared.partition("(")[0]
    return text if text is None else MEANINGS.get(base, str)(text)


@pytest.mark.parametrize(("declared", "value", "expected"), ACCEPTED)
def test_accepted(executions: Executions, declared: str, value: str, expected: str | None) -> None:
    assert meaning(declared, executions.value(declared, value)) == meaning(declared, expected)


@pytest.mark.parametrize(
    ("value", "text"), [("nan", "NaN"), ("NaN", "NaN"), ("Infinity", "inf"), ("-Infinity", "-inf"), ("+inf", "inf")]
)
def test_doubles_that_are_no_numbers_are_spelled_as_snowflake_does(
    executions: Executions, value: str, text: str
) -> None:
    assert executions.value("float", f'"{value}"') == text


@pytest.mark.parametrize(("declared", "value"), REFUSED)
def test_refused_with_column_and_row(executions: Executions, declared: str, value: str) -> None:
    executions.store([{"name": "id"}, {"name": "the c", "type": declared}], f'[{{"id": 1}}, {{"the c": {value}}}]')
    with pytest.raises(PermanentError) as raised:
        executions.export()
    assert raised.value.code == "value_does_not_fit"
    assert "Execution e, column 'the c', row 2: " in str(raised.value)
    assert parse_declared(declared).ddl in str(raised.value)


@pytest.mark.parametrize("declared", ["text", "json"])
def test_text_of_the_largest_size(executions: Executions, declared: str) -> None:
    # In JSON, the quotes count too.
    room = 16_777_216 - (2 if declared == "json" else 0)
    column = [{"name": "c", "type": declared}]
    executions.store(column, "[]")
    fill = (
        "UPDATE workflow_executions SET result_rows = jsonb_build_array(jsonb_build_array(repeat('ä', %s) || %s::text))"
    )
    executions.execute(fill, [room // 2, ""])
    assert len(str(executions.export()[0][0]).encode()) == 16_777_216
    executions.execute(fill, [room // 2, "a"])
    with pytest.raises(PermanentError, match="row 1: the value does") as raised:
        executions.export()
    assert raised.value.code == "value_does_not_fit"
    assert len(str(raised.value)) < 600


def test_another_zone_says_what_to_declare(executions: Executions) -> None:
    with pytest.raises(PermanentError, match='declare "timestamp with time zone"'):
        executions.value(NTZ, '"2024-01-05T10:20:30+05:30"')


def test_the_value_itself_is_not_in_the_message(executions: Executions) -> None:
    with pytest.raises(PermanentError, match="row 1: the value does") as raised:
        executions.value(NTZ, '"2024-01-05T99"')
    assert "T99" not in str(raised.value)
