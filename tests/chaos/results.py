"""Results to load, of all types and with awkward values, and what has to be found of them in Snowflake."""

import json
import random
import string
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

TYPES = {
    "campaign": "string",
    "clicks": "integer",
    "spend": "decimal(12,2)",
    "ratio": "float",
    "live": "boolean",
    "day": "date",
    "seen": "timestamp",
    "tags": "json",
}
AWKWARD = (
    "",
    'say "hi", twice',
    "a\nb\r\nc",
    "back\\slash \\N",
    "Frühling 🌷 東京",
    "\t",
    "NULL",
    "null",
    "'; --",
    " x ",
)


@dataclass(frozen=True)
class Result:
    """`columns` as the application declares them; `rows` objects or arrays."""

    columns: list[dict[str, str]]
    rows: list[Any]


def result(chance: random.Random, rows: int, *, names: tuple[str, ...] = tuple(TYPES)) -> Result:
    """`rows` rows of these columns, as objects or as arrays."""
    columns = [{"name": name, "type": TYPES[name]} for name in names]
    values = [[_value(chance, TYPES[name]) for name in names] for _ in range(rows)]
    if chance.random() < 0.5:
        return Result(columns, values)
    return Result(columns, [dict(zip(names, row, strict=True)) for row in values])


def large_result(chance: random.Random, size: int) -> Result:
    """Three rows, and so many letters that hardly get fewer when they are compressed."""
    columns = [{"name": name, "type": TYPES[name]} for name in ("campaign", "clicks")]
    return Result(
        columns, [["".join(chance.choices(string.ascii_letters, k=size // 3)), number] for number in range(3)]
    )


def bad_result() -> Result:
    """One whose second row does not fit: it fails for good, with value_does_not_fit."""
    return Result([{"name": "clicks", "type": "integer"}], [[1], ["many"]])


def _value(chance: random.Random, type_: str) -> Any:  # noqa: PLR0911 - a table of types
    if chance.random() < 0.1:
        return None
    match type_:
        case "string":
            return chance.choice([*AWKWARD, "".join(chance.choices(string.ascii_letters, k=20))])
        case "integer":
            return chance.choice([0, -1, chance.randrange(10**6), 2**53 + chance.randrange(1000)])
        case "float":
            return chance.choice([0.5, -1e-9, chance.uniform(-1e6, 1e6)])
        case "boolean":
            return chance.random() < 0.5
        case "date":
            return f"20{chance.randrange(10, 40)}-0{chance.randrange(1, 10)}-{chance.randrange(10, 29)}"
        case "timestamp":
            return f"2026-03-0{chance.randrange(1, 10)}T12:{chance.randrange(10, 60)}:00.{chance.randrange(10, 99)}"
        case "json":
            return chance.choice([{"a": [1, None, "ü"]}, [], {"nested": {"x": chance.random()}}, "text", 7])
        case _:
            return str(Decimal(chance.randrange(-(10**9), 10**9)) / 100)


def expected(columns: list[dict[str, str]], rows: list[Any]) -> list[dict[str, Any]]:
    """The rows as Snowflake has to show them, by upper-case column name."""
    return [
        {column["name"].upper(): _loaded(column["type"], value) for column, value in zip(columns, values, strict=True)}
        for values in (_in_order(columns, row) for row in rows)
    ]


def _in_order(columns: list[dict[str, str]], row: Any) -> list[Any]:
    return [row.get(column["name"]) for column in columns] if isinstance(row, dict) else row


def _loaded(type_: str, value: Any) -> Any:
    if value is None:
        return None
    match type_:
        case "date":
            return date.fromisoformat(value)
        case "timestamp":
            return datetime.fromisoformat(value)
        case "decimal(12,2)":
            return Decimal(str(value))
        case _:
            return value


def shown(type_: str, value: Any) -> Any:
    """A value that the connector read, in the same form."""
    if value is None:
        return None
    return json.loads(value) if type_ == "json" else value
