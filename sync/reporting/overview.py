"""All that the overview page says."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from sync.models import SyncQueueItem
from sync.reporting import history
from sync.reporting.counts import Scope
from sync.reporting.destinations import Destinations, destinations
from sync.reporting.errors import ErrorLine, failures, held
from sync.reporting.verdict import Facts, Verdict, judge
from sync.reporting.workers import Workers, count_workers, workers

# Attempts that a page adds up itself, at most, and the age in seconds of the sums above which it does.
ADDED_AT_ONCE = 5_000
FRESH = 5.0


@dataclass(frozen=True, slots=True)
class Card:
    """The items in a state, and how many of them came into it in the last hour."""

    status: str
    count: int
    last_hour: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`counted_at`: when the items were counted; `past_at`: up to when the attempts are added up."""

    now: datetime
    counted_at: datetime
    past_at: datetime
    verdict: Verdict
    facts: Facts
    cards: tuple[Card, ...]
    destinations: Destinations
    errors: tuple[ErrorLine, ...]
    held: tuple[ErrorLine, ...]
    workers: Workers | None


def overview(scope: Scope, *, with_workers: bool = True, watch: bool = False) -> Overview:
    """Counts, destinations, errors, workers, and the verdict on these. `watch`: somebody will ask again and again."""
    history.add_up(older=FRESH, size=ADDED_AT_ONCE)
    counts = scope.counted(watch=watch)
    now, past_at = history.clock()
    there = destinations(scope, counts, now)
    found = workers(now) if with_workers else None
    running = found.counted if found else count_workers(now)
    facts = Facts(
        now=now,
        total=counts.total(),
        waiting=counts.total("pending"),
        processing=counts.total("processing"),
        failed=counts.total("failed"),
        failed_last_hour=counts.total("failed", since="last_hour"),
        held=counts.total("failed", "new_column_held"),
        homeless=counts.total("skipped", "no_destination"),
        switched_off=counts.total("skipped", "destination_inactive"),
        excluded=counts.total("skipped", "excluded_by_rule"),
        lag=there.lag,
        lag_where=there.lag_where,
        pauses=there.pauses,
        paused=there.paused,
        live_workers=running.live,
        held_back_workers=running.held_back,
        silent_workers=running.silent if found else 0,
        too_late=settings.READY_MAX_LAG,
        of_one=scope.user_id is not None,
    )
    cards = (Card(each, counts.total(each), counts.total(each, since="last_hour")) for each in SyncQueueItem.Status)
    return Overview(
        now,
        counts.as_of,
        past_at,
        judge(facts),
        facts,
        tuple(cards),
        there,
        failures(counts),
        held(counts),
        found,
    )
