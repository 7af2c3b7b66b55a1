"""Changes by hand of many items: first how many they are, then exactly these.

Between the two, workers go on. Only what has not changed since it was counted is changed, and never more than was
confirmed; the rest is told.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from sync.models import SyncQueueItem
from sync.operations.retry import ItemCounts, retry_failed, skip_items
from sync.postgres import database_now
from sync.queue import REQUEUE_PAGE, RETRY, SKIP_BY_HAND, SKIPPED_BY_HAND, Change, ItemFilter, matching, ownerless


@dataclass(frozen=True, slots=True)
class Handling:
    """A change by hand: which items it is for, and the service that does it."""

    change: Change
    run: Callable[[ItemFilter], ItemCounts]


RETRYING = Handling(RETRY, retry_failed)
SKIPPING = Handling(SKIP_BY_HAND, skip_items)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a change would do: items that it is for, and what it leaves alone, by status or for want of an owner."""

    as_of: datetime
    wanted: int
    others: dict[str, int]
    no_owner: int


class Mark(NamedTuple):
    """How far a change has come: the last item that it looked at."""

    updated_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Carried:
    """What a change did. `meanwhile`: items that changed after they were counted; `held`: by somebody else, to the end.

    Not `finished`: the time was over; `left` items remain, after `mark`.
    """

    changed: int = 0
    no_owner: int = 0
    held: int = 0
    meanwhile: int = 0
    left: int = 0
    mark: Mark | None = None

    @property
    def finished(self) -> bool:
        return self.left == 0


def foresee(handling: Handling, what: ItemFilter) -> Prospect:
    """Counts what a change would do now. Changes nothing."""
    as_of = database_now()
    what = _unchanged_since(what, as_of)
    for_it = _in_its_states(handling, what)
    lines = matching(what).exclude(for_it).order_by().values_list("status").annotate(number=Count("pk"))
    nobodys = 0 if handling.change.ownerless else matching(what).filter(for_it, ownerless()).count()
    return Prospect(as_of, matching(what).filter(for_it).count() - nobodys, dict(lines), nobodys)


def carry_out(
    handling: Handling,
    what: ItemFilter,
    *,
    as_of: datetime,
    wanted: int,
    mark: Mark | None = None,
    seconds: float = 15.0,
) -> Carried:
    """Changes at most `wanted` items that have not changed since `as_of`; stops after about `seconds`.

    Runs in transactions of its own: do not call it in one.
    """
    deadline = time.monotonic() + seconds
    done = Carried(left=wanted, mark=mark)
    while done.left:
        page = list(_wanted(handling, what, as_of, done.mark)[: min(REQUEUE_PAGE, done.left)])
        if not page:
            return replace(done, meanwhile=done.meanwhile + done.left, left=0)
        counts = handling.run(replace(_unchanged_since(what, as_of), item_ids=tuple(id_ for _, id_ in page)))
        done = Carried(
            changed=done.changed + counts.changed,
            no_owner=done.no_owner + counts.no_owner,
            held=done.held + counts.held,
            meanwhile=done.meanwhile + len(page) - counts.changed - counts.no_owner - counts.held,
            left=done.left - len(page),
            mark=Mark(*page[-1]),
        )
        if time.monotonic() > deadline:
            break
    return done


def _wanted(
    handling: Handling, what: ItemFilter, as_of: datetime, mark: Mark | None
) -> "QuerySet[SyncQueueItem, tuple[datetime, UUID]]":
    items = matching(_unchanged_since(what, as_of)).filter(_in_its_states(handling, what))
    if not handling.change.ownerless:
        items = items.exclude(ownerless())
    if mark:
        items = items.filter(Q(updated_at__gt=mark.updated_at) | Q(updated_at=mark.updated_at, pk__gt=mark.id))
    return items.order_by("updated_at", "pk").values_list("updated_at", "pk")


def _in_its_states(handling: Handling, what: ItemFilter) -> Q:
    for_it = Q(status__in=handling.change.statuses)
    if handling.change is RETRY and what.names_skipped:
        for_it |= Q(status=SyncQueueItem.Status.SKIPPED, error_code=SKIPPED_BY_HAND)
    return for_it


def _unchanged_since(what: ItemFilter, as_of: datetime) -> ItemFilter:
    end = as_of + timedelta(microseconds=1)
    return replace(what, until=min(what.until, end) if what.until else end)
