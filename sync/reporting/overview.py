"""All that the overview page says."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from sync.models import SyncQueueItem
from sync.reporting import history
from sync.reporting.counts import Counts, Scope
from sync.reporting.destinations import MOST, Destinations, destinations
from sync.reporting.error_groups import ErrorGroups, GroupFilter, error_groups
from sync.reporting.verdict import NAMED, Facts, Verdict, judge
from sync.reporting.workers import Workers, count_workers, list_workers

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
    """`counted_at`: when the items were counted; `past_at`: up to when the attempts are added up.

    `errors`: the number of failed items by their code; `groups`: the latest of them, by workflow and destination, too.
    """

    now: datetime
    counted_at: datetime
    past_at: datetime
    verdict: Verdict
    facts: Facts
    cards: tuple[Card, ...]
    destinations: Destinations
    errors: dict[str, int]
    groups: ErrorGroups
    workers: Workers | None

    @property
    def loaded(self) -> int:
        """Items that are in Snowflake."""
        return sum(card.count for card in self.cards if card.status == SyncQueueItem.Status.COMPLETED)


def overview(
    scope: Scope, *, with_workers: bool = True, watch: bool = False, most: int = MOST, most_groups: int = NAMED
) -> Overview:
    """Counts, destinations, errors, workers, and the verdict on these. `watch`: somebody will ask again and again.

    `most` destinations are listed, and `most_groups` of what failed alike.
    """
    history.add_up(older=FRESH, size=ADDED_AT_ONCE)
    counts = scope.counted(watch=watch)
    now, past_at = history.clock()
    there = destinations(scope, counts, now, most=most)
    groups = error_groups(GroupFilter(scope.user_id, scope.configuration_id), now, limit=most_groups, watch=watch)
    found = list_workers(now) if with_workers else None
    running = found.counted if found else count_workers(now)
    facts = Facts(
        now=now,
        total=counts.total(),
        waiting=counts.total("pending"),
        processing=counts.total("processing"),
        failed=groups.failed - groups.muted_failed,
        failed_last_hour=groups.last_hour - groups.muted_last_hour,
        muted=groups.muted_failed,
        held=counts.total("failed", "new_column_held"),
        failing=tuple(each for each in groups.listed if each.last_hour and not each.mute),
        homeless=counts.total("skipped", "no_destination"),
        switched_off=counts.total("skipped", "destination_inactive"),
        excluded=counts.total("skipped", "excluded_by_rule"),
        lag=there.lag,
        lag_where=there.lag_where,
        pauses=there.pauses,
        paused=there.paused,
        live_workers=running.live,
        held_back_workers=running.held_back,
        silent_workers=0 if scope.user_id else running.silent,
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
        _by_code(counts),
        groups,
        found,
    )


def _by_code(counts: Counts) -> dict[str, int]:
    by_code = counts.by("status", "error_code").items()
    return {code or "": found.total() for (status, code), found in by_code if status == "failed"}
