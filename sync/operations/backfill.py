"""Past executions, to the destinations that lack them."""

import math
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg2.errors
from django.conf import settings
from django.db import OperationalError

from sync.operations.progress import Progress
from sync.queue import (
    BackfillFilter,
    BackfillMode,
    BackfillPage,
    backfill_page,
    count_executions,
    update_execution_status,
)

# Executions in one statement, fewer where that takes longer than so many seconds: the application's trigger waits
# 200 ms for a row that is being queued here.
AT_ONCE = 1_000
QUICK = 0.1
FEW = 100
# What somebody else holds is tried again so often, after all the rest; ids beyond so many are not remembered.
TRIES = 3
REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class BackfillCounts:
    """Executions in scope, each counted once, by what became of it.

    `queued`: for one destination at least. The others were left alone: `there` in all active destinations, `waiting`
    for a worker, `failed` and to be retried, `uploaded` by an earlier way of syncing, `skipped_by_hand`, without
    active destination (`no_destination`), without owner (`no_owner`), `not_completed`, or `held` by somebody
    else until the end. Not `finished`: the limit or the time was reached; `position` is where to go on (`after`).
    """

    queued: int = 0
    there: int = 0
    waiting: int = 0
    failed: int = 0
    uploaded: int = 0
    skipped_by_hand: int = 0
    no_destination: int = 0
    no_owner: int = 0
    not_completed: int = 0
    held: int = 0
    finished: bool = True
    position: str = ""


def backfill_executions(
    what: BackfillFilter,
    *,
    force: bool = False,
    dry_run: bool = False,
    limit: int | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> BackfillCounts:
    """Queues completed executions for the active destinations of their owners that lack them. Safe to repeat.

    `force`: everything again, as if new results had come. `limit` executions are queued at most, and after about
    `seconds` it stops; each page is kept, so that a call that was broken off can be repeated. `dry_run` counts the
    same and changes nothing. Runs in transactions of its own: do not call it in one.
    """
    mode = BackfillMode(force=force, dry_run=dry_run, max_retries=settings.SYNC_MAX_RETRIES)
    return _Backfill(what, mode, limit, now).run(seconds, progress)


class _Backfill:
    """The state of one run: what was counted, and what is left to do."""

    def __init__(self, what: BackfillFilter, mode: BackfillMode, limit: int | None, now: datetime | None) -> None:
        self._what, self._mode, self._now = what, mode, now
        self._left = limit
        self._size = AT_ONCE
        self._verdicts: Counter[str] = Counter()
        self._held: list[str] = []

    def run(self, seconds: float | None, progress: Progress | None) -> BackfillCounts:
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        finished = self._walk(deadline, progress)
        self._try_held_again()
        return BackfillCounts(**self._verdicts, finished=finished, position="" if finished else self._what.after)

    def _walk(self, deadline: float, progress: Progress | None) -> bool:
        """Looks at all that is meant; False where the limit or the time ended it."""
        listed = None if self._what.execution_ids is None else list(dict.fromkeys(self._what.execution_ids))
        total = _total(self._what, listed) if progress else 0
        done = 0
        while listed is None or listed:
            if self._left == 0 or (done and time.monotonic() > deadline):
                return False
            page, size = self._page(listed)
            self._count(page)
            done += size if listed is not None else page.rows
            if progress:
                progress(done, max(total, done))
            self._what = replace(self._what, after=page.position or self._what.after)
            if listed is not None:
                listed = listed[size:]
            elif page.rows < size:
                break
        return self._left != 0

    def _page(self, listed: list[str] | None) -> tuple[BackfillPage, int]:
        """One page, and how many executions it was to look at: fewer and fewer while somebody holds one of them."""
        while True:
            size, began = self._size, time.monotonic()
            try:
                page = self._ask(self._mode, size, listed)
            except OperationalError as error:
                if not isinstance(
                    error.__cause__, (psycopg2.errors.LockNotAvailable, psycopg2.errors.DeadlockDetected)
                ):
                    raise
                if size == 1:
                    return self._ask_without_waiting(listed), 1
                self._size = max(1, size // 8)
            else:
                quick = time.monotonic() - began < QUICK
                self._size = min(AT_ONCE, size * 2) if quick else max(min(FEW, size), size // 2)
                return page, size

    def _ask(self, mode: BackfillMode, size: int, listed: list[str] | None) -> BackfillPage:
        limit = size if self._left is None else min(size, self._left)
        chunk = None if listed is None else listed[:size]
        return backfill_page(self._what, mode, size=size, limit=limit, execution_ids=chunk, now=self._now)

    def _ask_without_waiting(self, listed: list[str] | None) -> BackfillPage:
        page = self._ask(replace(self._mode, dry_run=True), 1, listed)
        return page._replace(verdicts=Counter(), held=[page.position])

    def _count(self, page: BackfillPage) -> None:
        update_execution_status(page.outdated)
        self._verdicts += page.verdicts
        room = max(0, REMEMBERED - len(self._held))
        self._held += page.held[:room]
        self._verdicts["held"] += len(page.held)
        if self._left is not None:
            self._left -= page.verdicts["queued"] + len(page.held)

    def _try_held_again(self) -> None:
        for number in range(TRIES):
            if not self._held:
                return
            time.sleep(0.2 * 2**number)
            held, self._held = self._held, []
            self._verdicts["held"] -= len(held)
            self._left = None
            while held:
                page, size = self._page(held)
                self._count(page)
                held = held[size:]


def _total(what: BackfillFilter, listed: list[str] | None) -> int:
    return count_executions(what.after) if listed is None else len(listed)
