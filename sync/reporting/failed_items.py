"""The items that have failed, the latest failure first, page by page: exactly those that a number counted."""

from dataclasses import replace
from uuid import UUID

from django.db.models import Q, QuerySet

from sync.models import SyncQueueItem
from sync.queue import ItemFilter, matching
from sync.reporting.listing import MOST_COUNTED, ItemPage, Position, items_of

FAILED = (SyncQueueItem.Status.FAILED.value,)


def failed_items(
    what: ItemFilter, *, without_code: bool = False, limit: int, after: Position | None = None
) -> ItemPage:
    """At most `limit` of the failed items that are meant, after a position; `without_code`: those that have none."""
    items = _failed(what, without_code=without_code)
    counted = items.order_by()[: MOST_COUNTED + 1].count()
    if after is not None:
        later = Q(updated_at__lt=after.at) | Q(updated_at=after.at, pk__lt=after.id)
        items = items.filter(later, updated_at__lte=after.at)
    rows = list(items.order_by("-updated_at", "-pk").values_list("pk", "updated_at")[: limit + 1])
    ids: list[UUID] = [id_ for id_, _ in rows[:limit]]
    end = Position(rows[limit - 1][1], ids[-1]) if len(rows) > limit else None
    return ItemPage(items_of(ids), end, min(counted, MOST_COUNTED), counted <= MOST_COUNTED)


def _failed(what: ItemFilter, *, without_code: bool) -> QuerySet[SyncQueueItem]:
    items = matching(replace(what, user_ids=None)).filter(status__in=FAILED)
    if what.user_ids is not None:
        # As the numbers count them: what has no owner is nobody's yet.
        items = items.filter(user__in=what.user_ids)
    return items.filter(error_code=None) if without_code else items
