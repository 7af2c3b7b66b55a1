"""Another try for what failed, by hand; and none for what is not wanted."""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sync.operations.progress import Progress, silent
from sync.queue import (
    REQUEUE_PAGE,
    RETRY,
    SKIP_BY_HAND,
    Change,
    ItemFilter,
    ItemPage,
    Position,
    begin_requeue,
    change_page,
    matching,
    update_execution_status,
)

# What somebody else holds is tried again so often, after all the rest; ids beyond so many are not remembered.
TRIES = 3
REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """Items that were changed, and what was left alone.

    `no_owner`: failed for want of one, and there is none yet; `others`: asked for, but in a state in which there is
    nothing to do; `held` by somebody else until the end. Not `finished`: the limit was reached.
    """

    changed: int = 0
    no_owner: int = 0
    others: int = 0
    held: int = 0
    finished: bool = True


def retry_failed_sync(sync_id: UUID, user_id: UUID | None = None) -> tuple[bool, str]:
    """Puts a failed item back to pending, with all its retries. Whether it did, and a sentence that says so.

    Also one that was skipped by hand. Raises SyncQueueItem.DoesNotExist, also where the item is not `user_id`'s: an
    item that has no user yet is its workflow's user's.
    """
    item = matching(ItemFilter(item_ids=(sync_id,), user_ids=None if user_id is None else (user_id,))).get()
    counts = retry_failed(ItemFilter(item_ids=(item.pk,)))
    if counts.changed:
        return True, f"Execution {item.execution_id} is queued again."
    if counts.no_owner:
        return False, f"Execution {item.execution_id} has no owner yet. Give its workflow one, then retry."
    if counts.held:
        return False, f"Execution {item.execution_id} is being changed by somebody else. Try again in a moment."
    item.refresh_from_db()
    return False, f"Execution {item.execution_id} is {item.status}; only a failed item can be retried."


def retry_failed(
    what: ItemFilter,
    *,
    limit: int | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> ItemCounts:
    """Puts failed items back to pending, with all their retries, `limit` at most. Safe to repeat.

    What was skipped by hand comes back only where the filter names it: by id, or by the code `skipped_by_hand`.
    `dry_run` counts the same and changes nothing. Runs in transactions of its own: do not call it in one.
    """
    return _Run(RETRY, what, limit, now, dry_run=dry_run).run(progress)


def skip_items(
    what: ItemFilter,
    *,
    limit: int | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> ItemCounts:
    """Skips failed and pending items, `limit` at most: until new results come, or somebody retries them.

    A worker keeps what it is busy with. `dry_run` counts the same and changes nothing.
    """
    return _Run(SKIP_BY_HAND, what, limit, now, dry_run=dry_run).run(progress)


class _Run:
    """The state of one run: what was counted, and what is left to do."""

    def __init__(
        self, change: Change, what: ItemFilter, limit: int | None, now: datetime | None, *, dry_run: bool
    ) -> None:
        self._change, self._what, self._now, self._dry_run = change, what, now, dry_run
        self._left = limit
        self._changed = self._no_owner = self._others = self._forgotten = 0
        self._held: list[UUID] = []

    def run(self, progress: Progress) -> ItemCounts:
        position, total = begin_requeue(self._change, self._what, now=self._now)
        if self._what.item_ids is None:
            self._walk(position, total, progress)
        else:
            self._list(list(dict.fromkeys(self._what.item_ids)), total, progress)
        finished = self._left != 0
        for number in range(TRIES):
            if not self._held:
                break
            time.sleep(0.2 * 2**number)
            held, self._held, self._left = self._held, [], None
            self._list(held, len(held), silent)
        held_still = len(self._held) + self._forgotten
        return ItemCounts(self._changed, self._no_owner, self._others, held_still, finished)

    def _walk(self, position: Position, total: int, progress: Progress) -> None:
        done = 0
        while self._left != 0:
            page = self._page(position, None)
            done += page.rows
            progress(done, max(done, total))
            if page.rows < REQUEUE_PAGE:
                return
            position = page.position

    def _list(self, item_ids: list[UUID], total: int, progress: Progress) -> None:
        for start in range(0, len(item_ids), REQUEUE_PAGE):
            if self._left == 0:
                return
            self._page(Position(), item_ids[start : start + REQUEUE_PAGE])
            progress(min(start + REQUEUE_PAGE, total), total)

    def _page(self, position: Position, listed: list[UUID] | None) -> ItemPage:
        limit = REQUEUE_PAGE if self._left is None else min(REQUEUE_PAGE, self._left)
        page = change_page(
            self._change,
            self._what,
            position,
            size=REQUEUE_PAGE,
            limit=limit,
            listed=listed,
            dry_run=self._dry_run,
            now=self._now,
        )
        update_execution_status(page.outdated)
        self._changed += page.changed
        self._no_owner += page.no_owner
        self._others += page.others
        room = max(0, REMEMBERED - len(self._held))
        self._held += page.held[:room]
        self._forgotten += len(page.held[room:])
        if self._left is not None:
            self._left -= page.changed + len(page.held)
        return page
