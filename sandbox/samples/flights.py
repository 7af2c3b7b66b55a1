"""Results over real data: flights that left New York City in 2013."""

import csv
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from sandbox.samples.execution import SampleExecution, as_arrays, columns

_FILE = Path(__file__).resolve().parents[1] / "data" / "flights.csv"
_COLUMNS = columns(
    time_hour="timestamp with time zone",
    carrier="string",
    flight="integer",
    tailnum="string",
    origin="string",
    dest="string",
    sched_dep_time="integer",
    dep_time="integer",
    dep_delay="integer",
    arr_delay="integer",
    air_time="integer",
    distance="integer",
)
_WHOLE = {column["name"] for column in _COLUMNS if column["type"] == "integer"}


@cache
def flights() -> list[dict[str, Any]]:
    """All 500 of them, as a workflow would give them: objects, unknown values None."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return [{name: _value(name, text) for name, text in row.items()} for row in csv.DictReader(lines)]


def _value(name: str, text: str) -> str | int | None:
    if text == "":
        return None
    return int(text) if name in _WHOLE else text


def delays(random: Random) -> SampleExecution:
    """Some of the flights, as objects or as arrays."""
    chosen = random.sample(flights(), random.randint(50, 200))
    arrays = random.random() < 0.5
    rows: list[Any] = list(as_arrays(_COLUMNS, chosen)) if arrays else list(chosen)
    return SampleExecution("Flight delays", _COLUMNS, rows)
