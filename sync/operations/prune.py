"""Deletes old history; the queue's items stay."""

from dataclasses import dataclass
from datetime import datetime

from sync.operations.progress import PagedRun, Progress, silent
from sync.queue import PRUNE_PAGE, begin_prune, prune_attempts, prune_removed, prune_workers
from sync.reporting import history


@dataclass(frozen=True, slots=True)
class PruneCounts:
    """Rows that were deleted, and rows that somebody else held, which stay for the next time."""

    attempts: int = 0
    workers: int = 0
    held: int = 0


def prune_history(
    days: int = 90, *, dry_run: bool = False, progress: Progress = silent, now: datetime | None = None
) -> PruneCounts:
    """Deletes attempts that ended more than `days` days ago, and workers that have not been seen since.

    An item is never deleted: the sweep compares its result_hash, which tells the results that were loaded, with the
    present ones. Nor is an item's last attempt, nor any attempt of an item that is open. The notes of items that left
    the queue so long ago are deleted, too. `dry_run` counts the same and changes nothing.
    """
    if not dry_run:
        # Attempts are added up before they are deleted, so that they stay in the statistics.
        history.catch_up(now=now)
    before, total = begin_prune(days, now=now)
    attempts = _Run(total, before, dry_run=dry_run)
    attempts.run(progress)
    workers, held = prune_workers(before, dry_run=dry_run)
    while not dry_run and prune_removed(before) == PRUNE_PAGE:
        pass
    return PruneCounts(attempts.deleted, workers, len(attempts.held) + held)


class _Run(PagedRun[int]):
    def __init__(self, total: int, before: datetime, *, dry_run: bool) -> None:
        super().__init__(total)
        self._before, self._dry_run = before, dry_run
        self._position = self.deleted = 0

    def page(self) -> None:
        page = prune_attempts(self._before, self._position, size=PRUNE_PAGE, dry_run=self._dry_run)
        self.done += page.old
        self.deleted += page.deleted
        self.held += page.held
        self._position = page.position
        # Ids rise with time: if a page holds nothing old, nothing old comes after it.
        self.ended = page.rows < PRUNE_PAGE or not page.old
