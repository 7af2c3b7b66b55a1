"""Deletes old history; the queue's items stay."""

from dataclasses import dataclass
from datetime import datetime

from sync.activity import Action, Counted, Kind, prune_activity
from sync.alerts import prune_alerts
from sync.operations.progress import PagedRun, Progress, silent
from sync.queue import PRUNE_PAGE, begin_prune, prune_attempts, prune_removed, prune_workers
from sync.reporting import counted, history
from sync.warehouse import prune_findings


@dataclass(frozen=True, slots=True)
class PruneCounts:
    """Rows that were deleted, and rows that somebody else held, which stay for the next time."""

    attempts: int = 0
    workers: int = 0
    activity: int = 0
    messages: int = 0
    alerts: int = 0
    held: int = 0


def prune_history(
    days: int = 90, *, dry_run: bool = False, progress: Progress = silent, now: datetime | None = None
) -> PruneCounts:
    """Deletes attempts that ended more than `days` days ago, and workers that have not been seen since.

    An item is never deleted: the sweep compares its result_hash, which tells the results that were loaded, with the
    present ones. Nor is an item's last attempt, nor any attempt of an item that is open. The notes of items that left
    the queue so long ago are deleted, too, alerts that were over by then, with their messages, and closed findings. Who
    changed what is kept for a year, whatever `days` is. `dry_run` counts the same and changes nothing.
    """
    if not dry_run:
        # Attempts are added up before they are deleted, so that they stay in the statistics.
        history.catch_up(now=now)
    before, total = begin_prune(days, now=now)
    attempts = _Run(total, before, dry_run=dry_run)
    entry = Counted(Action.HISTORY_PRUNED, Kind.INSTALLATION, note=f"older than {counted(days, 'day')}")

    def page_done(done: int, total: int) -> None:
        if not dry_run:
            entry.so_far(attempts.deleted)
        progress(done, total)

    attempts.run(page_done)
    workers, held = prune_workers(before, dry_run=dry_run)
    while not dry_run and prune_removed(before) == PRUNE_PAGE:
        pass
    activity = prune_activity(now=now, dry_run=dry_run)
    messages, alerts = prune_alerts(before, dry_run=dry_run)
    findings = prune_findings(before, dry_run=dry_run)
    if not dry_run and (workers or activity or messages or alerts or findings):
        more = f"{counted(workers, 'worker')}, {counted(activity, 'entry', 'entries')} of activity, "
        more += f"{counted(messages, 'message')}, {counted(alerts, 'alert')}, {counted(findings, 'finding')}"
        entry.so_far(attempts.deleted, more)
    return PruneCounts(attempts.deleted, workers, activity, messages, alerts, len(attempts.held) + held)


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
