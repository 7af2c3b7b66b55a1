"""Retention: how long a destination keeps results, and what is past that, counted, then taken out by workers."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import SnowflakeConfiguration
from sync.activity import Action, Kind, changes_between, record
from sync.destinations import FieldError
from sync.models import SyncRetention, Workflow
from sync.operations.change import ChangeCounts, ChangeRun
from sync.operations.meant import counted_of_destination
from sync.operations.progress import Progress, silent
from sync.postgres import database_now
from sync.queue import PastCount, PastRetention, ResultPlace, ask_past, count_past, walk_later
from sync.reporting import Cursor, counted

Keeps = SyncRetention.Keeps
# Walks to the last result that is kept are no longer than this.
MOST = {Keeps.LAST: 10_000, Keeps.DAYS: 36_500}


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept: all, or so many results, or those of so many days.

    `only_copies`: what is past that goes even if the application has it no more.
    """

    keeps: str = Keeps.ALL
    amount: int | None = None
    only_copies: bool = False

    def __str__(self) -> str:
        if self.amount is None:
            return "all results"
        kept = f"the last {counted(self.amount, 'result')}" if self.keeps == Keeps.LAST else counted(self.amount, "day")
        return f"{kept}, only copies, too" if self.only_copies else kept


@dataclass(frozen=True, slots=True)
class PrunePreview:
    """What would be taken out of Snowflake, by workflow, as it was at `as_of`."""

    as_of: datetime
    workflows: list[PastCount]

    def total(self, what: str) -> int:
        """Of all workflows: a number of PastCount."""
        return sum(getattr(one, what) for one in self.workflows)


def retention_of(configuration_id: UUID) -> dict[UUID | None, Retention]:
    """What is set, by workflow (workflows.id); None: of all that have no line of their own."""
    lines = SyncRetention.objects.filter(configuration=configuration_id).order_by("id")
    return {line.workflow_id: Retention(line.keeps, line.amount, line.only_copies) for line in lines}


def set_retention(about: SnowflakeConfiguration, workflow: Workflow | None, wanted: Retention | None) -> None:
    """Sets what a destination keeps of a workflow, or of all others. None: as all others, or, of these, everything.

    What is past it goes when workers next look, a day later at the earliest, or at once by `prune_results`.
    Raises FieldError.
    """
    _check(wanted)
    workflow_id = workflow.pk if workflow else None
    with transaction.atomic(), connection.cursor() as cursor:
        # Two who set the same at once would each say what it was before.
        cursor.execute("LOCK TABLE snowflake_sync_retention IN SHARE ROW EXCLUSIVE MODE")
        line = SyncRetention.objects.filter(configuration=about.pk, workflow_id=workflow_id)
        before = retention_of(about.pk).get(workflow_id)
        if before == wanted:
            return
        line.delete()
        if wanted:
            SyncRetention.objects.create(
                configuration_id=about.pk,
                workflow_id=workflow_id,
                keeps=wanted.keeps,
                amount=wanted.amount,
                only_copies=wanted.only_copies,
            )
        told = str(workflow) if workflow else ""
        field = f"keeps of {told}" if workflow else "keeps"
        changes = changes_between({field: before and str(before)}, {field: wanted and str(wanted)})
        record(Action.RETENTION_CHANGED, Kind.DESTINATION, about.pk, about, owner_id=about.user_id, changes=changes)
        # Whoever set it may count what it means, and change it, before workers look.
        walk_later(about.pk)


def preview_prune(configuration_id: UUID, workflow_id: UUID | None = None) -> PrunePreview:
    """Counts what is past retention now. Changes nothing."""
    as_of = database_now()
    return PrunePreview(as_of, count_past(PastRetention(configuration_id, workflow_id, as_of)))


def prune_results(
    configuration_id: UUID,
    workflow_id: UUID | None = None,
    *,
    as_of: datetime,
    wanted: int,
    after: Cursor | None = None,
    seconds: float = math.inf,
    progress: Progress = silent,
) -> ChangeCounts:
    """Asks workers to take at most `wanted` results out of Snowflake that were past retention at `as_of`.

    For about `seconds`; what workers find to be within it by then, they leave or load. Each page is committed, so that
    a call that was broken off can be repeated: `after` says nothing, since what was asked for is not found again. Runs
    in transactions of its own: do not call it in one. Raises SnowflakeConfiguration.DoesNotExist.
    """
    run = _Run(PastRetention(configuration_id, workflow_id, as_of), wanted)
    return run.carried_out(counted_of_destination(Action.RESULTS_PRUNED, configuration_id), progress, seconds)


class _Run(ChangeRun[str]):
    def __init__(self, what: PastRetention, wanted: int) -> None:
        super().__init__(wanted, None)
        self._what = what
        self._place: ResultPlace | None = None
        self.ended = not wanted

    def page(self) -> None:
        page = ask_past(self._what, *self._from(), awake=True, limit=self.total - self.done)
        self.changed += len(page.asked) + page.going
        self.held += page.held
        self.done += len(page.asked) + len(page.held) + page.going
        self._place = page.after
        self.ended = page.after is None or self.done >= self.total

    def change(self, ids: list[str]) -> None:
        """Those that somebody held are found again where they were."""
        self.held = []
        place: ResultPlace | None = None
        left = len(ids)
        while left > 0:
            page = ask_past(self._what, *([place] if place else []), awake=True, limit=left)
            self.changed += len(page.asked)
            self.held += page.held
            left -= len(page.asked) + len(page.held)
            place = page.after
            if place is None:
                return

    def _from(self) -> list[ResultPlace]:
        return [self._place] if self._place else []


def _check(wanted: Retention | None) -> None:
    if wanted is None:
        return
    most: dict[Any, int] = MOST
    if wanted.keeps not in Keeps:
        raise FieldError("keeps", f"Choose one of {', '.join(Keeps)}.")
    if (wanted.keeps == Keeps.ALL) != (wanted.amount is None):
        raise FieldError("amount", "Say how many results, or days; of all results, nothing.")
    if wanted.amount is not None and not 1 <= wanted.amount <= most[wanted.keeps]:
        raise FieldError("amount", f"Enter a number from 1 to {most[wanted.keeps]:,}.")
