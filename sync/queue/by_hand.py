"""Changes by hand: failed items are retried, unwanted items are skipped, completed executions are queued."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from sync.errors import CATALOGUE, reasons
from sync.models import SyncQueueItem
from sync.postgres import database_now, one_statement, read_sql
from sync.queue.execution_status import update_execution_status
from sync.queue.item_filter import OWNERLESS, RETRIABLE, SKIPPED_BY_HAND, ItemFilter
from sync.queue.scope import WITHOUT_RULES, by_rules

_SKIP, _SKIP_NEWS, _NOTE_SKIPPED, _LOAD_AGAIN, _ENQUEUE = read_sql(
    __file__, "skip", "skip_news", "note_skipped", "load_again", "enqueue", **WITHOUT_RULES
)
_RETRY = by_rules(__file__, "retry")
_FAILED, _PENDING, _SKIPPED = SyncQueueItem.Status.FAILED, SyncQueueItem.Status.PENDING, SyncQueueItem.Status.SKIPPED


class Change(Enum):
    """What is done to items."""

    # Pending again, with all retries, unless a rule excludes them; also items that were skipped, by hand, by a
    # rule, as past retention or erased, if they are asked for by name.
    RETRY = "retry"
    # Skipped until new results come or somebody retries them.
    SKIP = "skip"
    # What is in Snowflake is loaded once more, as if new results had come.
    LOAD_AGAIN = "load_again"

    def is_for(self, item: SyncQueueItem) -> bool:
        """Whether it would do anything to an item that has an owner."""
        if self is Change.LOAD_AGAIN:
            return item.status == SyncQueueItem.Status.COMPLETED
        retriable = item.status == _SKIPPED and item.error_code in RETRIABLE
        return item.status == _FAILED or (retriable if self is Change.RETRY else item.status == _PENDING)

    def states(self, what: ItemFilter) -> Q:
        """A filter for the states that the change is for, given what is meant."""
        if self is Change.LOAD_AGAIN:
            return Q(status=SyncQueueItem.Status.COMPLETED, configuration__isnull=False, user__isnull=False)
        if self is Change.SKIP:
            return Q(status__in=(_FAILED, _PENDING))
        return Q(status=_FAILED) | Q(status=_SKIPPED, error_code__in=what.names_skipped)

    @property
    def owned(self) -> Q:
        """A filter for the owners: an item without one cannot be loaded, so it cannot be retried."""
        return ~OWNERLESS if self is Change.RETRY else Q()


class Changed(NamedTuple):
    """The items that were changed, those that somebody else held, and those that a rule excludes, which are skipped."""

    items: list[UUID]
    held: list[UUID]
    excluded: Sequence[UUID] = ()


def change_items(
    change: Change, item_ids: Iterable[UUID], *, as_of: datetime | None = None, now: datetime | None = None
) -> Changed:
    """Changes those of the items that the change is for, unless they have changed since `as_of`. Waits for nobody.

    The application waits for none of their rows for long if they are 1,000 at most.
    """
    if change is Change.LOAD_AGAIN:
        return load_again(item_ids, as_of=as_of or database_now(), now=now)
    entry = CATALOGUE[SKIPPED_BY_HAND]
    params = {
        "items": list(item_ids),
        "as_of": as_of,
        "skipped_by_hand": SKIPPED_BY_HAND,
        "reason": entry.meaning,
        "reason_remedy": entry.remedy,
        "now": now,
        **reasons("excluded_by_rule"),
    }
    excluded: list[UUID] = []
    if change is Change.RETRY:
        changed, held, executions, excluded = one_statement(_RETRY(), params)[0]
    else:
        changed, held, executions = one_statement(_SKIP, params)[0]
        news, held_news, executions_of_news = one_statement(_SKIP_NEWS, params)[0]
        changed, held, executions = changed + news, held + held_news, executions + executions_of_news
        one_statement(_NOTE_SKIPPED, {"executions": executions, "skipped_by_hand": SKIPPED_BY_HAND})
    update_execution_status(executions)
    return Changed([id_ for id_ in changed if id_ not in excluded], held, excluded)


def load_again(item_ids: Iterable[UUID], *, as_of: datetime, now: datetime | None = None) -> Changed:
    """Completed items are pending once more, as if new results had come, unless they changed since `as_of`.

    The application waits for none of their rows for long if they are 1,000 at most.
    """
    params = {"items": list(item_ids), "as_of": as_of, "now": now}
    changed, held, executions = one_statement(_LOAD_AGAIN, params)[0]
    update_execution_status(executions)
    return Changed(changed, held)


def enqueue(execution_ids: Iterable[str], *, now: datetime | None = None) -> list[str]:
    """Queues completed executions. Returns those that it queued. Safe to repeat.

    The trigger also queues executions without an owner, as failed; here these are left out.
    """
    return [row[0] for row in one_statement(_ENQUEUE, {"executions": list(execution_ids), "now": now})]
