"""Which items are meant: one filter for lists, numbers, retries and skips, and for everybody who asks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from sync.models import SyncQueueItem, Workflow, WorkflowExecution

SKIPPED_BY_HAND = "skipped_by_hand"
EXCLUDED = "excluded_by_rule"
PAST_RETENTION = "past_retention"
# What was skipped so is loaded by a retry that asks for it by name.
RETRIABLE = (SKIPPED_BY_HAND, EXCLUDED, PAST_RETENTION, "erased")

# An item that has no user yet belongs to its workflow's user.
_OWNED = Workflow.objects.filter(workflowexecution__execution_id=OuterRef("execution_id"))
OWNERLESS = Q(user=None) & ~Q(Exists(_OWNED.filter(user__isnull=False)))


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items are meant. None means all; an empty sequence means none.

    `since` and `until` bound the item's last change (for a failed one: when it failed), or `by_creation` when it was
    queued first; the first inclusive, the second not; both need a time zone. `workflow_ids` are `workflows.id`.
    """

    item_ids: tuple[UUID, ...] | None = None
    execution_ids: tuple[str, ...] | None = None
    statuses: tuple[str, ...] | None = None
    user_ids: tuple[UUID, ...] | None = None
    workflow_ids: tuple[UUID, ...] | None = None
    configuration_ids: tuple[UUID, ...] | None = None
    error_codes: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    by_creation: bool = False

    @property
    def names_skipped(self) -> tuple[str, ...]:
        """The codes of skipped items that may be retried, as far as the filter asks for these by name.

        What was erased, or a rule excluded, is asked for one by one: who wants all of what rules excluded wants what
        none excludes any more, of which sync.operations.count_returning says how much there is.
        """
        if self.item_ids is not None or self.execution_ids is not None:
            return RETRIABLE
        return (SKIPPED_BY_HAND,) if SKIPPED_BY_HAND in (self.error_codes or ()) else ()

    @property
    def items(self) -> QuerySet[SyncQueueItem]:
        """The items that are meant, in no order."""
        moment = "created_at" if self.by_creation else "updated_at"
        given = {
            "pk__in": self.item_ids,
            "execution__in": self.execution_ids,
            "status__in": self.statuses,
            "configuration__in": self.configuration_ids,
            "error_code__in": self.error_codes,
            f"{moment}__gte": self.since,
            f"{moment}__lt": self.until,
        }
        items = SyncQueueItem.objects.filter(**{name: value for name, value in given.items() if value is not None})
        if self.user_ids is not None:
            owned = Exists(_OWNED.filter(user__in=self.user_ids))
            items = items.filter(Q(user__in=self.user_ids) | Q(user=None) & Q(owned))
        if self.workflow_ids is not None:
            executions = WorkflowExecution.objects.filter(workflow__in=self.workflow_ids)
            items = items.filter(execution__in=executions.values("execution_id"))
        return items
