"""Retry, skip and load again by hand, of one item or of many: they are counted first, then exactly these are changed.

Between the two, workers go on. Only items that have not changed since they were counted are changed, and never more
than were confirmed; the rest is told.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import BigIntegerField, Count, F, Func, Q, Value

from sync.activity import Counted
from sync.models import SyncQueueItem
from sync.operations.meant import counted
from sync.operations.progress import Id, PagedRun, Progress, silent
from sync.postgres import database_now, short_transaction
from sync.queue import Change, ItemFilter, change_items
from sync.reporting import Cursor

# Rows in one statement: the application waits for none of them for long.
PAGE = 1_000
# For telling some hundred thousand runs apart without temporary files.
MEMORY = "32MB"
# In place of a run's id where many are told apart: texts are sorted slowly.
_RUN = Func(F("execution_id"), Value(0), function="hashtextextended", output_field=BigIntegerField())


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change would do: the number of items to change, and of those left alone because they have no owner.

    `runs`: so many executions they belong to.
    """

    as_of: datetime
    wanted: int
    no_owner: int = 0
    runs: int = 0


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """What a change did, in numbers of items.

    `meanwhile`: they changed after they were counted; `held`: somebody else held their rows to the end; `excluded`: a
    rule of their destination excludes them, so that they are skipped instead; `left`: the time was over before them,
    and `after` is where to go on.
    """

    changed: int = 0
    held: int = 0
    meanwhile: int = 0
    left: int = 0
    after: Cursor | None = None
    excluded: int = 0


def preview_change(change: Change, what: ItemFilter) -> ChangePreview:
    """Counts what a change would do now. Changes nothing."""
    as_of = database_now()
    items = _unchanged(what, as_of).items.filter(change.states(what))
    # The transaction has limits of its own, whatever those of the role are: there may be many items.
    with short_transaction() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")
        everything, wanted, runs = (
            items.order_by()
            .aggregate(
                everything=Count("pk"),
                wanted=Count("pk", filter=change.owned),
                runs=Count(_RUN, distinct=True, filter=change.owned),
            )
            .values()
        )
    return ChangePreview(as_of, wanted, everything - wanted, runs)


def count_others(change: Change, what: ItemFilter) -> dict[str, int]:
    """The number of matching items in a state that the change is not for, by status."""
    others = what.items.exclude(change.states(what)).order_by().values_list("status")
    return dict(others.annotate(number=Count("pk")))


def apply_change(
    change: Change,
    what: ItemFilter,
    *,
    as_of: datetime,
    wanted: int,
    after: Cursor | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Changes at most `wanted` items that have not changed since `as_of`, the oldest first, for about `seconds`.

    Runs in transactions of its own: do not call it in one.
    """
    run = _Run(change, what, as_of, wanted, after)
    return run.carried_out(counted(change.value, what), progress, seconds)


def find_item(item_id: UUID, user_id: UUID | None = None) -> SyncQueueItem:
    """The item, if it is `user_id`'s; None: anybody's. One that has no user yet belongs to its workflow's user.

    Raises SyncQueueItem.DoesNotExist.
    """
    return ItemFilter(item_ids=(item_id,), user_ids=None if user_id is None else (user_id,)).items.get()


def retry_failed_sync(sync_id: UUID, user_id: UUID | None = None) -> tuple[bool, str]:
    """Puts a failed item, or one that was skipped by hand or by a rule, back to pending, with all its retries.

    What a rule excludes, now or still, is not. Returns whether it did, and a sentence that says so. Raises
    SyncQueueItem.DoesNotExist as `find_item` does.
    """
    item = find_item(sync_id, user_id)
    counts = apply_change(Change.RETRY, ItemFilter(item_ids=(item.pk,)), as_of=database_now(), wanted=1)
    if counts.changed:
        return True, f"Execution {item.execution_id} is queued again."
    if counts.held:
        return False, f"Execution {item.execution_id} is being changed by somebody else. Try again in a moment."
    item.refresh_from_db()
    if counts.excluded:
        return False, f"Execution {item.execution_id} is not loaded. {item.error_message} {item.error_remedy}"
    if Change.RETRY.is_for(item):
        return False, f"Execution {item.execution_id} has no owner yet. Give its workflow one, then retry."
    return False, f"Execution {item.execution_id} is {item.status}; only a failed item can be retried."


class ChangeRun(PagedRun[Id]):
    """Changes at most `total` rows page by page, those last that somebody held."""

    def __init__(self, total: int, after: Cursor | None) -> None:
        super().__init__(total)
        self.after, self.changed, self.excluded = after, 0, 0

    @abstractmethod
    def change(self, ids: list[Id]) -> None:
        """Changes these rows, and notes how many it changed, and which were held."""

    def carried_out(self, entry: Counted, progress: Progress, seconds: float) -> ChangeCounts:
        """Does it, for about so many seconds, and records it page by page; what came of it."""

        def page_done(done: int, total: int) -> None:
            entry.so_far(self.changed, f"{self.excluded:,} excluded by rules" if self.excluded else "")
            progress(done, total)

        self.run(page_done, seconds)
        if self.held:
            self.try_again(self.change)
            page_done(self.done, max(self.done, self.total))
        left, held = 0 if self.ended else self.total - self.done, len(self.held)
        meanwhile = self.total - left - self.changed - held - self.excluded
        return ChangeCounts(self.changed, held, meanwhile, left, self.after, self.excluded)


class _Run(ChangeRun[UUID]):
    def __init__(self, change: Change, what: ItemFilter, as_of: datetime, wanted: int, after: Cursor | None) -> None:
        super().__init__(wanted, after)
        self._change, self._as_of = change, as_of
        meant = _unchanged(what, as_of).items.filter(change.states(what), change.owned)
        self._items = meant.order_by("updated_at", "pk").values_list("updated_at", "pk")

    def page(self) -> None:
        size = min(PAGE, self.total - self.done)
        later = Q()
        if self.after:
            later = Q(updated_at__gt=self.after.at) | Q(updated_at=self.after.at, pk__gt=self.after.id)
        with short_transaction():
            page = [Cursor(*row) for row in self._items.filter(later)[:size]]
        self.change([at.id for at in page])
        self.done += len(page)
        self.after = page[-1] if page else self.after
        self.ended = len(page) < size or self.done == self.total

    def change(self, ids: list[UUID]) -> None:
        for start in range(0, len(ids), PAGE):
            done = change_items(self._change, ids[start : start + PAGE], as_of=self._as_of)
            self.changed += len(done.items)
            self.excluded += len(done.excluded)
            self.held += done.held


def _unchanged(what: ItemFilter, as_of: datetime) -> ItemFilter:
    end = as_of + timedelta(microseconds=1)
    return replace(what, until=min(what.until, end) if what.until else end)
