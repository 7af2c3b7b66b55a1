"""The queue counted, by destination, status and error code.

A small queue is counted for each question; the counts of a large one are kept, and everyone is given them for some
seconds.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem
from sync.postgres import fetch, read_sql
from sync.reporting.kept_counts import COUNT, age, keeper, make_if_older

# A queue of at most so many items is counted for each question, in a few milliseconds.
SMALL = 10_000

_IS_SMALL, _LIVE, _KEPT = read_sql(__file__, "is_small", "live", "kept", count=COUNT)
_EMPTY = {"count": 0, "oldest_item": None, "newest_item": None, "avg_retries": 0.0}

Statistics = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """Items that have destination, status and error code in common; None for one that the counts are not split by.

    `retries` are those of all the items together. `oldest_item` and `newest_item` are times of creation, `last_change`
    is the latest change of any; `last_hour`, `last_day` and `last_week` count the items that changed within that time.
    """

    configuration_id: UUID | None
    status: str
    error_code: str | None
    count: int
    retries: int
    oldest_item: datetime | None
    newest_item: datetime | None
    oldest_run_after: datetime | None
    last_change: datetime | None
    last_hour: int
    last_day: int
    last_week: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, and as of when: now, or, if the counts were kept, at most some seconds ago."""

    as_of: datetime
    lines: tuple[Line, ...]

    def total(
        self,
        status: str | None = None,
        error_code: str | None = None,
        *,
        since: Literal["count", "last_hour", "last_day", "last_week"] = "count",
    ) -> int:
        """The number of items in this state and with this code, or with any; `since`: only those changed since then."""
        return sum(
            getattr(line, since)
            for line in self.lines
            if status in (None, line.status) and error_code in (None, line.error_code)
        )

    def by(self, *names: str) -> dict[Any, "Counts"]:
        """The counts split by the values of these attributes of a line; the keys are tuples if several are named."""
        groups: defaultdict[Any, list[Line]] = defaultdict(list)
        for line in self.lines:
            groups[attrgetter(*names)(line)].append(line)
        return {key: replace(self, lines=tuple(lines)) for key, lines in groups.items()}

    def oldest_due(self) -> datetime | None:
        """Since when the oldest pending item could have been loaded."""
        due = [line.oldest_run_after for line in self.lines if line.status == "pending" and line.oldest_run_after]
        return min(due, default=None)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose queue is looked at: of one user or of all; of one destination of theirs, or of all."""

    user_id: UUID | None = None
    configuration_id: UUID | None = None

    def configuration_ids(self) -> list[UUID] | None:
        """The destinations in the scope; None: all there are."""
        if self.configuration_id is not None:
            return [self.configuration_id]
        if self.user_id is None:
            return None
        owned = SnowflakeConfiguration.objects.filter(user_id=self.user_id).order_by()
        return list(owned.values_list("pk", flat=True))

    def counted(self, *, watch: bool = False, make: bool = True) -> Counts:
        """The items in the scope, by destination, status and error code. `watch` and `make`: as for `count_items`."""
        found = count_items(self.user_id, watch=watch, make=make)
        if self.configuration_id is None:
            return found
        lines = (line for line in found.lines if line.configuration_id == self.configuration_id)
        return replace(found, lines=tuple(lines))


def count_items(
    user_id: UUID | None = None,
    *,
    by_status: bool = False,
    watch: bool = False,
    make: bool = True,
    now: datetime | None = None,
) -> Counts:
    """Counts all items, or one user's; `by_status`: by status alone, without destination and error code.

    If the kept counts of a large queue are too old, this takes a pass over the queue: 0.2 s for a million items.
    `watch`: more such questions will come, so this process keeps the counts fresh for some minutes. Without `make`
    nothing is written: instead of counts that are too old, the queue is counted for this question alone.
    """
    kept = are_kept(watch=watch, make=make, now=now)
    rows = fetch(_KEPT if kept else _LIVE, {"user_id": user_id, "by_status": by_status, "now": now})
    return Counts(rows[0][0], tuple(Line(*line) for _, *line in rows if line[1] is not None))


def are_kept(*, watch: bool, make: bool = True, now: datetime | None = None) -> bool:
    """Whether there are kept counts to be used, made now if need be; `watch` and `make`: as for `count_items`."""
    found = age(now=now)
    kept = found is not None and found.is_fresh
    makes = make and not kept and not _is_small()
    if watch and (kept or makes):
        # The keeper starts before the pass: whoever asks may break off meanwhile, and then finds it done the next time.
        keeper.asked()
    return make_if_older(now=now) if makes else kept


def sync_statistics(user_id: UUID | None = None, *, watch: bool = False, now: datetime | None = None) -> Statistics:
    """The statistics that API and Python service answer, of one user's items or of all; `watch`: as for `count_items`.

    There is an entry for every status; `summary` has the total, the age of the oldest due item in seconds, and `as_of`.
    """
    counts = count_items(user_id, by_status=True, watch=watch, now=now)
    due = counts.oldest_due()
    return {
        **{status: dict(_EMPTY) for status in SyncQueueItem.Status.values},
        **{line.status: _entry(line) for line in counts.lines},
        "summary": {
            "total": counts.total(),
            "lag_seconds": round(max(0.0, (counts.as_of - due).total_seconds()), 1) if due else 0.0,
            "as_of": counts.as_of,
        },
    }


def _entry(line: Line) -> dict[str, Any]:
    return {
        "count": line.count,
        "oldest_item": line.oldest_item,
        "newest_item": line.newest_item,
        "avg_retries": round(line.retries / line.count, 2),
    }


def _is_small() -> bool:
    ((small,),) = fetch(_IS_SMALL, {"limit": SMALL})
    return bool(small)
