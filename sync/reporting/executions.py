"""What became of one execution: in each of its destinations, with the attempts."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.reporting.workflow_views import WorkflowViews, views_of

# So many attempts of an item are shown, the latest.
MOST_ATTEMPTS = 50

_LARGE = ("execution_parameters", "result_columns", "result_rows")


@dataclass(frozen=True, slots=True)
class ExecutionSync:
    """An execution without its results, its items with their destinations, and the latest attempts of each item.

    `views`: those of its workflow, by destination.
    """

    execution: WorkflowExecution
    items: list[SyncQueueItem]
    attempts: dict[UUID, list[SyncAttempt]]
    views: dict[UUID | None, WorkflowViews]


def execution_sync(execution_id: str, user_id: UUID | None = None) -> ExecutionSync:
    """What became of an execution. Raises WorkflowExecution.DoesNotExist, also if the execution is not `user_id`'s."""
    executions = WorkflowExecution.objects.select_related("workflow__user").defer(*_LARGE)
    items = SyncQueueItem.objects.select_related("configuration")
    if user_id is not None:
        executions = executions.filter(workflow__user_id=user_id)
        # An item that is not routed may not know its owner yet; a former owner's items are not this user's.
        items = items.filter(Q(user_id=user_id) | Q(user_id=None))
    execution = executions.get(execution_id=execution_id)
    found = list(items.filter(execution__execution_id=execution_id).order_by("created_at", "id"))
    attempts = _attempts([item.pk for item in found])
    return ExecutionSync(execution, found, attempts, views_of(execution.workflow_id))


def _attempts(item_ids: list[UUID]) -> dict[UUID, list[SyncAttempt]]:
    """The attempts of each item, the oldest first."""
    numbered = SyncAttempt.objects.filter(item_id__in=item_ids).annotate(
        number=Window(RowNumber(), partition_by=F("item_id"), order_by=F("id").desc())
    )
    attempts: dict[UUID, list[SyncAttempt]] = {id_: [] for id_ in item_ids}
    for attempt in numbered.filter(number__lte=MOST_ATTEMPTS).order_by("id"):
        attempts[attempt.item_id].append(attempt)
    return attempts
