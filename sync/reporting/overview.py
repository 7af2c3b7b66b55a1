"""All that the page says at first sight."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from sync.models import SyncQueueItem
from sync.reporting import history
from sync.reporting.destinations import Destinations, destinations
from sync.reporting.errors import ErrorLine, HeldLine, errors, held
from sync.reporting.history import reading as past
from sync.reporting.history.reading import Period, Step
from sync.reporting.scope import Asked, total
from sync.reporting.statistics import Rollup
from sync.reporting.verdict import Facts, Verdict, judge
from sync.reporting.workers import Workers, count_workers, workers

# Attempts that a page adds up where the workers have not done so, and how old they may be, in seconds.
ADDED_AT_ONCE = 5_000
FRESH = 5.0


@dataclass(frozen=True, slots=True)
class Card:
    """Items in a state, and how many of them came to it in the last hour."""

    status: str
    count: int
    last_hour: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`counted_at` and `past_at`: as of when the items were counted, and the attempts added up."""

    now: datetime
    counted_at: datetime
    past_at: datetime
    verdict: Verdict
    facts: Facts
    cards: tuple[Card, ...]
    destinations: Destinations
    errors: tuple[ErrorLine, ...]
    held: tuple[HeldLine, ...]
    workers: Workers | None


def overview(asked: Asked, *, watch: bool = False) -> Overview:
    """Counts, destinations, errors, workers, and the verdict on them. `watch`: somebody will go on looking."""
    history.add_up(older=FRESH, size=ADDED_AT_ONCE)
    counted = asked.counted(watch=watch)
    now, past_at = past.clock()
    there = destinations(asked, counted.lines, counted.as_of, now)
    found = workers(now) if asked.details else None
    there_are = found.counted if found else count_workers(now)
    facts = Facts(
        now=now,
        total=sum(line.count for line in counted.lines),
        waiting=total(counted.lines, "pending"),
        processing=total(counted.lines, "processing"),
        failed=total(counted.lines, "failed"),
        failed_last_hour=sum(line.last_hour for line in counted.lines if line.status == "failed"),
        homeless=_skipped(counted, "no_destination"),
        switched_off=_skipped(counted, "destination_inactive"),
        lag=there.lag,
        lag_where=there.lag_where,
        pauses=there.pauses,
        paused=there.paused,
        live_workers=there_are.live,
        held_back_workers=there_are.held_back,
        silent_workers=there_are.silent if found else 0,
        too_late=settings.READY_MAX_LAG,
        of_one=asked.user_id is not None,
    )
    return Overview(
        now,
        counted.as_of,
        past_at,
        judge(facts),
        facts,
        _cards(counted),
        there,
        errors(counted.lines),
        held(counted.lines),
        found,
    )


def throughput(asked: Asked, period: Period, now: datetime) -> list[Step]:
    """What was loaded in each step of the period, and how late it was."""
    return past.series(period, asked.configuration_ids(), now)


def _skipped(counted: Rollup, code: str) -> int:
    return sum(line.count for line in counted.lines if (line.status, line.error_code) == ("skipped", code))


def _cards(counted: Rollup) -> tuple[Card, ...]:
    return tuple(
        Card(
            status,
            total(counted.lines, status),
            sum(line.last_hour for line in counted.lines if line.status == status),
        )
        for status in SyncQueueItem.Status.values
    )
