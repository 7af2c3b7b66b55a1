"""What became of attempts, as `sync.reporting.history` keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from sync.reporting.history import reading_sql as sql

HOUR = timedelta(hours=1)


class Period(Enum):
    """How far back one looks, in steps of which length, from lines of which grain."""

    HOUR = ("hour", 60, timedelta(minutes=1), "minute")
    DAY = ("day", 24, timedelta(hours=1), "hour")
    WEEK = ("week", 28, timedelta(hours=6), "hour")

    def __init__(self, word: str, steps: int, step: timedelta, grain: str) -> None:
        self.word, self.steps, self.step, self.grain = word, steps, step, grain

    def first(self, now: datetime) -> datetime:
        """Where the first step begins; the last one is that of now."""
        seconds = self.step.total_seconds()
        start = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
        return start - (self.steps - 1) * self.step


class Clock(NamedTuple):
    """PostgreSQL's time, and as of when the past has been added up."""

    now: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What came to an end in a step of time. Lag: seconds from due to loaded, on average and at most."""

    start: datetime
    completed: int = 0
    failed: int = 0
    rows: int = 0
    lag: float | None = None
    longest_lag: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a destination: loads, failures, and attempts that are repeated."""

    start: datetime
    completed: int = 0
    failed: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A destination's last day and its latest success; `paused_since`: since when it has refused, if it does."""

    cells: tuple[Cell, ...]
    rows: int
    bytes: int
    statements: float
    last_success: datetime | None
    paused_since: datetime | None


def clock() -> Clock:
    """One look at it."""
    return Clock(*_rows(sql.CLOCK, {})[0])


def series(period: Period, configuration_ids: list[UUID] | None, now: datetime) -> list[Step]:
    """All steps of the period, also those in which nothing happened."""
    first = period.first(now)
    params = {
        "step": period.step.total_seconds(),
        "grain": period.grain,
        "first": first,
        "configurations": configuration_ids,
    }
    statement = sql.SERIES_OF_ALL if configuration_ids is None else sql.SERIES_OF_SOME
    found = {row[0]: Step(*row) for row in _rows(statement, params)}
    starts = (first + number * period.step for number in range(period.steps))
    return [found.get(start, Step(start)) for start in starts]


def records(destinations: Mapping[UUID, bool], now: datetime) -> dict[UUID, Record]:
    """The last 24 hours, this one included, of each of these destinations, and since when those that are paused are."""
    first = Period.DAY.first(now)
    params = {"first": first, "configurations": list(destinations), "paused": list(destinations.values())}
    hours: dict[UUID, dict[datetime, tuple[Any, ...]]] = {}
    for configuration_id, start, *figures in _rows(sql.STRIPS, params):
        hours.setdefault(configuration_id, {})[start] = tuple(figures)
    starts = [first + number * HOUR for number in range(24)]
    return {
        id_: _record(starts, hours.get(id_, {}), last_success, paused_since)
        for id_, last_success, paused_since in _rows(sql.SUCCESSES, params)
    }


def rates(worker_ids: list[int], now: datetime, minutes: int = 5) -> dict[int, float]:
    """Loads a minute, over the last so many whole minutes."""
    first = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    found = _rows(sql.RATES, {"first": first, "workers": worker_ids})
    return {worker_id: float(count or 0) / minutes for worker_id, count in found}


def _record(
    starts: list[datetime],
    hours: dict[datetime, tuple[Any, ...]],
    last_success: datetime | None,
    paused_since: datetime | None,
) -> Record:
    cells = tuple(Cell(start, *hours[start][:3]) if start in hours else Cell(start) for start in starts)
    rows, size, statements = (sum(figures[place] for figures in hours.values()) for place in (3, 4, 5))
    return Record(cells, int(rows), int(size), float(statements), last_success, paused_since)


def _rows(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
