"""Old history goes; the queue stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sync.operations.progress import Progress, silent
from sync.queue import PRUNE_PAGE, PrunePage, begin_prune, prune_attempts, prune_removed, prune_workers
from sync.reporting import history


@dataclass(frozen=True, slots=True)
class PruneCounts:
    """Rows deleted, and those that somebody else held, which stay for the next time."""

    attempts: int = 0
    workers: int = 0
    held: int = 0


def prune_history(
    days: int = 90,
    *,
    user_ids: Sequence[UUID] | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> PruneCounts:
    """Deletes attempts that ended more than `days` days ago, and workers that have not been seen since.

    Never an item: what its results were when it was loaded (result_hash) is how the sweep knows that they have
    changed. Nor an item's last attempt, nor any of an item that is open. With `user_ids`, attempts of these users'
    items alone, and nothing else. `dry_run` counts the same and changes nothing. What was noted of items that left the
    queue so long ago goes, too.
    """
    if not dry_run:
        # What goes stays in the statistics.
        history.catch_up(now=now)
    before, total = begin_prune(days, now=now)
    attempts = _Pruning(lambda at: prune_attempts(before, at, user_ids=user_ids, size=PRUNE_PAGE, dry_run=dry_run))
    # Ids rise with time: where a page holds nothing old, nothing old comes after it.
    attempts.run(lambda page: page.old > 0, total, progress)
    workers = _Pruning(lambda at: prune_workers(before, at, size=PRUNE_PAGE, dry_run=dry_run))
    if user_ids is None:
        workers.run(lambda _page: True, 0, silent)
        while not dry_run and prune_removed(before) == PRUNE_PAGE:
            pass
    return PruneCounts(attempts.deleted, workers.deleted, attempts.held + workers.held)


class _Pruning:
    """One table, page by page."""

    def __init__(self, ask: Callable[[int], PrunePage]) -> None:
        self._ask = ask
        self.deleted = self.held = 0

    def run(self, goes_on: Callable[[PrunePage], bool], total: int, progress: Progress) -> None:
        position = done = 0
        while True:
            page = self._ask(position)
            self.deleted += page.deleted
            self.held += page.held
            done += page.old
            progress(done, max(done, total))
            if page.rows < PRUNE_PAGE or not goes_on(page):
                return
            position = page.position
