"""The workflows of owners: what became of their runs lately, and which columns their results have."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from sync.models import Workflow, WorkflowExecution
from sync.postgres import TooSlowError, bounded_reading, fetch, read_sql
from sync.results import COLUMN_NAMES, COLUMN_TYPES, MAX_COLUMNS

# Items that are looked at in all, in equal parts of each owner and status; at least so many of each.
LOOKED_AT, _LEAST, _STATUSES = 4_000, 25, 4
# Executions whose columns are put together; and seconds for finding them where no item of the queue leads to them.
LAST, _SEARCHING = 20, 1.0

_LATELY, _RUNS, _COLUMNS = read_sql(
    __file__, "lately", "runs", "columns", column_names=COLUMN_NAMES, column_types=COLUMN_TYPES
)


class Lately(NamedTuple):
    """A workflow's runs in one destination: how many were queued, in all and `today`, and what became of them.

    `latest` is when the last one was queued, `status` what became of it; `row_count` and `source_row_count` are of the
    last one that was loaded.
    """

    workflow: UUID
    configuration_id: UUID | None
    since: datetime | None
    queued: int
    today: int
    loaded: int
    failed: int
    latest: datetime
    status: str
    row_count: int | None
    source_row_count: int | None

    @property
    def success(self) -> int | None:
        """Of what ended, so many of a hundred were loaded, rounded down: 100 is all."""
        ended = self.loaded + self.failed
        return self.loaded * 100 // ended if ended else None


class WorkflowRun(NamedTuple):
    """A run of a workflow in one destination. `seconds`: that its last attempt took."""

    execution_id: str
    configuration_id: UUID | None
    status: str
    error_code: str | None
    error_message: str | None
    schema_name: str | None
    table_name: str | None
    row_count: int | None
    source_row_count: int | None
    created_at: datetime
    seconds: float | None


class SeenColumn(NamedTuple):
    """A column of recent results: its declared type in the newest that has it, and in how many of them it was."""

    key: str
    type: str | None
    results: int


@dataclass(frozen=True, slots=True)
class RecentColumns:
    """All columns of the last `results` that a workflow has written, as the newest has them first.

    `newest`: an execution's id; `rows`: of its result. `is_complete`: there was time to look for them.
    """

    columns: tuple[SeenColumn, ...] = ()
    results: int = 0
    newest: str = ""
    rows: int | None = None
    is_complete: bool = True


def workflows_of(owner_id: UUID | None, search: str = "") -> QuerySet[Workflow]:
    """The workflows of an owner, or of everybody, whose name or id has these letters; or, of everybody, the owner's."""
    # PostgreSQL's text holds no NUL, so nothing is called so.
    asked = search.replace("\0", "\ufffd")
    found = Workflow.objects.order_by("name", "workflow_id")
    if owner_id is not None:
        found = found.filter(user=owner_id)
    if not asked:
        return found
    meant = Q(name__icontains=asked) | Q(workflow_id__icontains=asked)
    return found.filter(meant | Q(user__email__icontains=asked) if owner_id is None else meant)


def lately(workflows: Sequence[Workflow], *, since: datetime, today: datetime) -> list[Lately]:
    """What became of these workflows' runs, as far back as `since` or as is looked at."""
    if not workflows:
        return []
    params = _params({one.user_id for one in workflows if one.user_id}, [one.pk for one in workflows], since)
    return [Lately(*row) for row in fetch(_LATELY, params | {"today": today})]


def runs_of(workflow: Workflow, *, since: datetime, most: int) -> list[WorkflowRun]:
    """The workflow's newest runs, among the newest of its owner."""
    if workflow.user_id is None:
        return []
    params = _params([workflow.user_id], [workflow.pk], since)
    return [WorkflowRun(*row) for row in fetch(_RUNS, params | {"most": most})]


def recent_columns(workflow: Workflow, executions: Sequence[str]) -> RecentColumns:
    """Which columns the results of these executions of it had; where none are known, of its last ones."""
    ids = list(executions[:LAST])
    if not ids:
        completed = WorkflowExecution.objects.filter(workflow=workflow, status="completed")
        try:
            with bounded_reading(_SEARCHING):
                ids = list(completed.order_by("-created_at", "pk").values_list("execution_id", flat=True)[:LAST])
        except TooSlowError:
            return RecentColumns(is_complete=False)
    found = fetch(_COLUMNS, {"executions": ids, "max": MAX_COLUMNS})
    if not found:
        return RecentColumns()
    types: dict[str, str | None] = {}
    results: dict[str, int] = {}
    for _, _, names, declared in found:
        for key, type_ in dict(zip(names, declared, strict=True)).items():
            if key is not None:
                types.setdefault(key, type_)
                results[key] = results.get(key, 0) + 1
    columns = tuple(SeenColumn(key, type_, results[key]) for key, type_ in types.items())
    return RecentColumns(columns, len(found), found[0][0], found[0][1])


def _params(owners: Collection[UUID], workflows: Collection[UUID], since: datetime) -> dict[str, object]:
    size = max(_LEAST, LOOKED_AT // _STATUSES // max(1, len(owners)))
    return {"owners": list(owners), "workflows": list(workflows), "since": since, "size": size}
