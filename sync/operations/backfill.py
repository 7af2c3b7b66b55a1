"""Backfill: queues past executions for the destinations that lack them."""

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import psycopg2.errors
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from sync.activity import Action
from sync.operations.meant import counted
from sync.operations.progress import PagedRun, Progress, silent
from sync.queue import (
    BackfillFilter,
    BackfillPage,
    backfill_page,
    count_executions,
    update_execution_status,
)

# Executions in one statement, and the seconds above which the next statement has fewer: the application's trigger
# waits 200 ms for a row that is being queued here.
PAGE = 1_000
QUICK = 0.1
FEW = 100
# At most so many rules are named.
NAMED = 10

# Why executions are left alone, as people read it.
LEFT_ALONE = {
    "there": "already in all active destinations; “again” (--force) loads them once more",
    "waiting": "already waiting for a worker",
    "failed": "failed: retry their items (retry_failed_syncs), or queue them again",
    "uploaded": "uploaded by the application or an earlier service; “again” (--force) loads them once more",
    "skipped_by_hand": "skipped by hand: “again” (--force) loads them after all; or erased: a retry of each does",
    "excluded": "that rules of their destinations exclude",
    "no_destination": "of owners without active destination: queued by themselves when there is one",
    "no_owner": "without owner: give their workflows one (workflows.user_id)",
    "not_completed": "not completed: queued when they complete",
    "held": "held by somebody else: try again in a moment",
}


@dataclass(frozen=True, slots=True)
class BackfillCounts:
    """Executions in scope, each counted once, by what became of it.

    `queued`: for one destination at least; the others were left alone. If not `finished`, the limit or the time was
    reached, and `position` is where to go on (`after`). `rules`: how many each rule excludes, by its name; without a
    name, because no rule includes them. Of a dry run `days` and `workflows` (by id) say what `queued` is made of, and
    `destinations` (by id) how many go to each.
    """

    queued: int = 0
    there: int = 0
    waiting: int = 0
    failed: int = 0
    uploaded: int = 0
    skipped_by_hand: int = 0
    excluded: int = 0
    no_destination: int = 0
    no_owner: int = 0
    not_completed: int = 0
    held: int = 0
    finished: bool = True
    position: str = ""
    rules: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict, compare=False)
    workflows: Mapping[str, int] = field(default_factory=dict, compare=False)
    destinations: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def left_alone(self) -> dict[str, int]:
        """Executions that were left alone, by reason, a key of LEFT_ALONE."""
        return {reason: number for reason in LEFT_ALONE if (number := getattr(self, reason))}

    @property
    def why_left_alone(self) -> list[tuple[int, str]]:
        """The same in words, with the rules that exclude executions."""
        return [
            (number, LEFT_ALONE[reason] + (self._by_rule if reason == "excluded" else ""))
            for reason, number in self.left_alone.items()
        ]

    @property
    def _by_rule(self) -> str:
        named = sorted(self.rules.items(), key=lambda line: (-line[1], line[0]))
        said = [f"{many:,} " + (f"by rule “{name}”" if name else "since no rule includes them") for name, many in named]
        more = [f"{len(said) - NAMED:,} more rules"] if len(said) > NAMED else []
        return f": {', '.join(said[:NAMED] + more)}"


def backfill_executions(
    what: BackfillFilter,
    *,
    force: bool = False,
    dry_run: bool = False,
    limit: int | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
    now: datetime | None = None,
) -> BackfillCounts:
    """Queues completed executions for the active destinations of their owners that lack them. Safe to repeat.

    `force` queues everything again, as if new results had come. At most `limit` executions are queued, and after about
    `seconds` the backfill stops; each page is committed, so that a call that was broken off can be repeated. `dry_run`
    counts the same and changes nothing; its days are those of the active zone. Runs in transactions of its own: do not
    call it in one.
    """
    run = _Run(what, force=force, dry_run=dry_run, limit=limit, now=now)
    if progress is not silent and what.execution_ids is None:
        run.total = count_executions(what.after)
    entry = counted(Action.BACKFILL, what, "again, also what is there" if force else "")

    def page_done(done: int, total: int) -> None:
        if not dry_run:
            entry.so_far(run.counts.queued)
        progress(done, total)

    run.run(page_done, seconds)
    if run.held:
        run.try_again(run.backfill)
        page_done(run.done, max(run.done, run.total))
    return run.counts


class _Run(PagedRun[str]):
    def __init__(
        self, what: BackfillFilter, *, force: bool, dry_run: bool, limit: int | None, now: datetime | None
    ) -> None:
        self._listed = None if what.execution_ids is None else list(dict.fromkeys(what.execution_ids))
        super().__init__(len(self._listed or ()))
        self._backfill = partial(backfill_page, force=force, max_retries=settings.SYNC_MAX_RETRIES, now=now)
        self._what, self._dry_run, self._left = what, dry_run, limit
        self._size = PAGE
        self._verdicts: Counter[str] = Counter()
        self._rules: Counter[str] = Counter()
        self._days: Counter[str] = Counter()
        self._workflows: Counter[str] = Counter()
        self._destinations: Counter[str] = Counter()
        self._finished = self.ended = self._listed == []

    @property
    def counts(self) -> BackfillCounts:
        position = "" if self._finished else self._what.after
        return BackfillCounts(
            **self._verdicts,
            held=len(self.held),
            finished=self._finished,
            position=position,
            rules=dict(self._rules),
            days=dict(self._days),
            workflows=dict(self._workflows),
            destinations=dict(self._destinations),
        )

    def page(self) -> None:
        page, size = self._page(self._listed)
        self._count(page)
        self._what = replace(self._what, after=page.position or self._what.after)
        if self._listed is None:
            self.done += page.rows
            last = page.rows < size
        else:
            self.done += size
            self._listed = self._listed[size:]
            last = not self._listed
        self._finished = last and self._left != 0
        self.ended = last or self._left == 0

    def backfill(self, ids: list[str]) -> None:
        self._left = None
        while ids:
            page, size = self._page(ids)
            self._count(page)
            ids = ids[size:]

    def _page(self, listed: list[str] | None) -> tuple[BackfillPage, int]:
        """One page, and how many executions it covers: fewer and fewer while somebody holds one of them."""
        while True:
            size, began = self._size, time.monotonic()
            try:
                page = self._ask(listed, size, dry_run=self._dry_run)
            except OperationalError as error:
                if not isinstance(
                    error.__cause__, (psycopg2.errors.LockNotAvailable, psycopg2.errors.DeadlockDetected)
                ):
                    raise
                if size == 1:
                    page = self._ask(listed, 1, dry_run=True)
                    return page._replace(verdicts=Counter(), held=[page.position]), 1
                self._size = max(1, size // 8)
            else:
                quick = time.monotonic() - began < QUICK
                self._size = min(PAGE, size * 2) if quick else max(min(FEW, size), size // 2)
                return page, size

    def _ask(self, listed: list[str] | None, size: int, *, dry_run: bool) -> BackfillPage:
        limit = size if self._left is None else min(size, self._left)
        chunk = None if listed is None else listed[:size]
        return self._backfill(self._what, size=size, limit=limit, execution_ids=chunk, dry_run=dry_run)

    def _count(self, page: BackfillPage) -> None:
        update_execution_status(page.outdated)
        self._verdicts += page.verdicts
        self._rules += page.rules
        self._destinations += page.destinations
        for (quarter, workflow_id), many in page.lots.items():
            moment = None if quarter is None else datetime.fromtimestamp(quarter, UTC)
            self._days[f"{timezone.localtime(moment):%Y-%m-%d}" if moment else ""] += many
            self._workflows[workflow_id or ""] += many
        self.held += page.held
        if self._left is not None:
            self._left -= page.verdicts["queued"] + len(page.held)
