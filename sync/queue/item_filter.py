"""An ItemFilter as a queryset: the same items that the queue's own statements would choose."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.queue.requeue import ItemFilter


def matching(what: ItemFilter) -> QuerySet[SyncQueueItem]:
    """The items that are meant, in no order."""
    items = SyncQueueItem.objects.all()
    if what.item_ids is not None:
        items = items.filter(pk__in=what.item_ids)
    if what.statuses is not None:
        items = items.filter(status__in=what.statuses)
    if what.user_ids is not None:
        # An item that has no user yet is its workflow's user's.
        owned = Workflow.objects.filter(workflowexecution=OuterRef("execution__pk"), user__in=what.user_ids)
        items = items.filter(Q(user__in=what.user_ids) | Q(user=None) & Exists(owned))
    if what.workflow_ids is not None:
        items = items.filter(
            execution__in=WorkflowExecution.objects.filter(workflow__in=what.workflow_ids).values("execution_id")
        )
    if what.configuration_ids is not None:
        items = items.filter(configuration__in=what.configuration_ids)
    if what.error_codes is not None:
        items = items.filter(error_code__in=what.error_codes)
    if what.since is not None:
        items = items.filter(updated_at__gte=what.since)
    if what.until is not None:
        items = items.filter(updated_at__lt=what.until)
    return items


def ownerless() -> Combinable:
    """Items of nobody: without user, and their workflow without one, too."""
    owned = Workflow.objects.filter(workflowexecution=OuterRef("execution__pk"), user__isnull=False)
    return Q(user=None) & ~Exists(owned)
