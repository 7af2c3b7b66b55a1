"""Every type at its edges, from PostgreSQL's JSONB to what a query in Snowflake answers."""

import json
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.live.settings import REAL
from tests.live.whole_way import arrive
from tests.world import World

NINES = 10**38 - 1
TEXTS = [
    "",
    None,
    " ",
    '"',
    "''",
    "a,b",
    "a\nb\r\nc",
    "\\",
    "\\N",
    "\\n\\t\\",
    "NULL",
    "ünï ✓ 𝄞 \u202e",
    "$1; DROP TABLE T",
]
FAR_EAST, FAR_WEST = (timezone(timedelta(hours=hours)) for hours in (14, -12))

# Declared type → pairs of what the application wrote and what is read in Snowflake.
CASES: dict[str, list[tuple[Any, Any]]] = {
    "string": [(text, text) for text in TEXTS],
    "integer": [(n, n) for n in (0, -1, 2**63, NINES, -NINES, None)],
    "decimal(38,9)": [
        ("0.000000001", Decimal("0.000000001")),
        ("-99999999999999999999999999999.999999999", Decimal("-99999999999999999999999999999.999999999")),
        (None, None),
    ],
    "float": [(n, n) for n in (0.1, -1e-300, 1.7976931348623157e308, None)],
    "boolean": [(True, True), (False, False), (None, None)],
    "date": [(text, date.fromisoformat(text)) for text in ("0001-01-01", "1582-10-10", "2024-02-29", "9999-12-31")],
    "time": [("00:00:00", time()), ("23:59:59.123456", time(23, 59, 59, 123456)), (None, None)],
    "timestamp": [
        (text, datetime.fromisoformat(text))
        for text in ("0001-01-01T00:00:00", "1969-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999")
    ],
    "timestamptz": [
        ("2024-02-29T12:00:00.5+14:00", datetime(2024, 2, 29, 12, 0, 0, 500000, FAR_EAST)),
        ("2024-02-29T12:00:00-12:00", datetime(2024, 2, 29, 12, tzinfo=FAR_WEST)),
        ("1950-01-01T00:00:00Z", datetime(1950, 1, 1, tzinfo=UTC)),
        (None, None),
    ],
}


@pytest.mark.parametrize("declared", CASES)
def test_a_type_at_its_edges(world: World, declared: str) -> None:
    """What the application wrote is what a query answers."""
    written = [[value] for value, _ in CASES[declared]]
    found = world.rows(arrive(world, [("v", declared)], written))
    assert [value for (value,) in found] == [read for _, read in CASES[declared]]


def test_offsets_from_utc(world: World) -> None:
    """A TIMESTAMP_TZ keeps the offset that it came with, up to 14 hours."""
    texts = ["2024-02-29T12:00:00+14:00", "2024-02-29T12:00:00-12:00", "2024-02-29T12:00:00+05:45"]
    execution = arrive(world, [("v", "timestamptz")], [[text] for text in texts])
    assert [value.utcoffset() for (value,) in world.rows(execution)] == [
        datetime.fromisoformat(text).utcoffset() for text in texts
    ]


def test_nanoseconds(world: World) -> None:
    """TIME, TIMESTAMP_NTZ and TIMESTAMP_TZ keep nanoseconds."""
    columns = [("t", "time"), ("n", "timestamp"), ("z", "timestamptz")]
    row = ["07:05:09.123456789", "2024-02-29T07:05:09.123456789", "2024-02-29T07:05:09.123456789+01:00"]
    execution = arrive(world, columns, [row])
    asked = ", ".join(f"DATE_PART(NANOSECOND, {name})" for name in "TNZ")
    assert world.rows(execution, asked) == [(123456789,) * 3]


def test_numbers_that_are_none(world: World) -> None:
    """A FLOAT takes NaN and both infinities, spelled as the product writes them."""
    found = world.rows(arrive(world, [("v", "float")], [["NaN"], ["Infinity"], ["-Infinity"]]))
    assert math.isnan(found[0][0])
    assert [value for (value,) in found[1:]] == [math.inf, -math.inf]


@pytest.mark.parametrize("number", ["12345678901234567890", str(NINES), "0.1", "1e100", "-0.5"])
def test_a_number_in_json(world: World, number: str) -> None:
    """A number in a VARIANT is the one that was written."""
    execution = arrive(world, [("v", "json")], [[{"n": json.loads(number)}]])
    assert world.rows(execution, f"V:n = {number}") == [(True,)]


def test_json_of_every_kind(world: World) -> None:
    """VARIANT gives back objects, lists, texts, booleans and JSON's null."""
    values: list[Any] = [{}, [], "", 'a"b\\n\n', True, [[], [[None]]], {"ü": [1, {"b": None}]}]
    execution = arrive(world, [("v", "json")], [[value] for value in values])
    assert [json.loads(value) for (value,) in world.rows(execution)] == values


@pytest.mark.timeout(900)
def test_a_very_long_text(world: World) -> None:
    """A text of 16 MB arrives whole: 16,777,216 bytes are what VARCHAR holds at least."""
    length = 16_777_216 if REAL else 1_000_000
    execution = arrive(world, [("v", "string")], [["x" * length]])
    assert world.rows(execution, "LENGTH(V)") == [(length,)]


def test_wide_and_long_names(world: World) -> None:
    """300 columns, one of them with a name of 255 characters, make a table."""
    names = ["n" * 255, *(f"column_{number}" for number in range(299))]
    execution = arrive(world, [(name, "integer") for name in names], [list(range(300))])
    assert world.rows(execution) == [tuple(range(300))]
