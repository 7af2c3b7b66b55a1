"""Attempts added up: what became of them, by hour and destination, and for ever. Each is added once.

Workers and pages add attempts in the order in which they came. The sums stay when the attempts are pruned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from sync.postgres import fetch, read_sql

# Seconds that an attempt's transaction may take from its id to its commit. An attempt that takes longer is missed
# here, and in nothing but the statistics.
GRACE = 15.0
# Attempts that are added up at once, in 50 to 100 ms.
PAGE = 10_000
# Upper ends of the classes of latencies, in seconds; whatever took longer than the last is in a class of its own.
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
HOUR = timedelta(hours=1)

_BEGIN, _ADD_UP, _FORGET, _CLOCK, _SERIES, _HOURS, _SUCCESSES, _RATES, _PROMPTNESS = read_sql(
    __file__, "begin", "add_up", "forget", "clock", "series", "hours", "successes", "rates", "promptness"
)
WEEK = timedelta(days=7)
# Of so many of the latest attempts the lag is looked at, one by one.
TIMED = 3_000


class Clock(NamedTuple):
    """PostgreSQL's time now, and the time up to which attempts have been added up."""

    now: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """The attempts that ended in an hour. Lag: seconds from due to loaded, on average and at most."""

    start: datetime
    completed: int = 0
    failed: int = 0
    rows: int = 0
    lag: float | None = None
    longest_lag: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a destination: loads, failures, attempts that are repeated, and the rows that were loaded."""

    start: datetime
    completed: int = 0
    failed: int = 0
    repeated: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A destination's last day and its latest success; `paused_since`: since when it has refused, if it is paused."""

    cells: tuple[Cell, ...]
    rows: int
    bytes: int
    statements: float
    last_success: datetime | None
    paused_since: datetime | None

    @property
    def rate(self) -> float | None:
        """Of what came to an end in the last day, the share that was loaded; None if nothing was tried.

        Where it is paused, it was tried.
        """
        loaded, failed = (sum(getattr(cell, name) for cell in self.cells) for name in ("completed", "failed"))
        if loaded + failed:
            return float(loaded / (loaded + failed))
        return 0.0 if self.paused_since or any(cell.repeated for cell in self.cells) else None


def add_up(*, older: float = 0.0, size: int = PAGE, now: datetime | None = None) -> bool:
    """Adds up the next attempts if the sums are `older` than so many seconds. True: there are more attempts to add.

    Waits for nobody: if somebody else is adding up, it does nothing.
    """
    params: dict[str, Any] = {"older": older, "grace": GRACE, "size": size, "bounds": list(BOUNDS), "now": now}
    with transaction.atomic(), connection.cursor() as cursor:
        begun = fetch(_BEGIN, params)
        if not begun:
            return False
        # Compiling the statement would take longer than running it.
        cursor.execute("SET LOCAL jit = off")
        # With the state's row held, this statement sees what whoever held it before has added.
        ((more,),) = fetch(_ADD_UP, {**params, "position": begun[0][0]})
        cursor.execute(_FORGET, params)
        return bool(more)


def catch_up(*, now: datetime | None = None) -> None:
    """Adds up all attempts that are there."""
    while add_up(now=now):
        pass


def clock() -> Clock:
    """Asks PostgreSQL for the clock."""
    return Clock(*fetch(_CLOCK)[0])


def hours(now: datetime) -> list[datetime]:
    """When each of the last 24 hours begins; the last one is the present one."""
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return [last - number * HOUR for number in reversed(range(24))]


def compared(configuration_ids: list[UUID] | None, now: datetime) -> list[tuple[Step, Step]]:
    """The hours of the last day, each beside the same hour a week before; `configuration_ids` None: of all."""
    starts = hours(now)
    params = {
        "grain": "hour" if configuration_ids is not None else "all hour",
        "first": starts[0] - WEEK,
        "configurations": configuration_ids,
    }
    found = {row[0]: Step(*row) for row in fetch(_SERIES, params)}
    return [(found.get(at, Step(at)), found.get(at - WEEK, Step(at - WEEK))) for at in starts]


def promptness(configuration_ids: list[UUID] | None) -> float | None:
    """Seconds from due to loaded within which 95 of 100 loads ended, of the latest ones of the last day."""
    ((seconds,),) = fetch(_PROMPTNESS, {"configurations": configuration_ids, "size": TIMED})
    return None if seconds is None else float(seconds)


def records(destinations: Mapping[UUID, bool], now: datetime) -> dict[UUID, Record]:
    """The last 24 hours, with the present one, of each destination; the mapping says which of them are paused."""
    starts = hours(now)
    params = {"first": starts[0], "configurations": list(destinations), "paused": list(destinations.values())}
    found: dict[UUID, dict[datetime, tuple[Any, ...]]] = {}
    for configuration_id, start, *figures in fetch(_HOURS, params):
        found.setdefault(configuration_id, {})[start] = tuple(figures)
    return {
        id_: _record(starts, found.get(id_, {}), last_success, paused_since)
        for id_, last_success, paused_since in fetch(_SUCCESSES, params)
    }


def rates(worker_ids: list[int], now: datetime, minutes: int = 5) -> dict[int, float]:
    """Loads a minute of each worker, over the last `minutes` whole minutes."""
    first = now.replace(second=0, microsecond=0) - timedelta(minutes=minutes)
    found = fetch(_RATES, {"first": first, "workers": worker_ids})
    return {worker_id: float(count or 0) / minutes for worker_id, count in found}


def _record(
    starts: list[datetime],
    hours: dict[datetime, tuple[Any, ...]],
    last_success: datetime | None,
    paused_since: datetime | None,
) -> Record:
    cells = tuple(Cell(start, *hours[start][:4]) if start in hours else Cell(start) for start in starts)
    rows, size, statements = (sum(figures[place] for figures in hours.values()) for place in (3, 4, 5))
    return Record(cells, int(rows), int(size), float(statements), last_success, paused_since)
