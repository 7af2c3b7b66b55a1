"""The application's workflows and executions."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.postgres import TooSlowError, bounded_reading
from sync.results import COLUMNS, LONGEST, ROWS, Preview, preview
from sync.web.admin.backfill import BackfillAction
from sync.web.admin.base import ReadOnlyAdmin, large, stored
from sync.web.admin.bounded import AT_MOST, PATIENCE, BoundedChangeList, Row
from sync.web.admin.columns import column, items_of, link
from sync.web.admin.filters import CompletedFilter, SyncedFilter
from sync.web.admin.item_search import of_executions
from sync.web.shared import DASH, age, badge, number

# Destinations on an execution's page, at most.
MOST_ITEMS = 50
ITEMS = items_of("workflow")
EXECUTIONS = column(
    "executions",
    "pk",
    lambda pk: format_html('<a href="../../../workflowexecution/?workflow__exact={}">Executions</a>', pk),
)


@admin.register(Workflow)
class WorkflowAdmin(BackfillAction, ReadOnlyAdmin):
    backfill_of = "workflow"
    list_display = ("name", "workflow_id", "user")
    list_select_related = ("user",)
    search_fields = ("name", "workflow_id", "user__email")
    search_help_text = "A workflow's name or id, or its user's e-mail address."
    window_order = ("workflow_id",)
    fields: ClassVar[Any] = ("name", "workflow_id", "user", EXECUTIONS, ITEMS)


class ExecutionChangeList(BoundedChangeList):
    """Without a filter, the executions that were synced last: nothing else is sure to have an index."""

    def chosen(self, request: HttpRequest, names: Sequence[str]) -> list[Row]:
        wanted = self.queryset.order_by()
        narrow = self.query or self.has_active_filters or "workflow__exact" in request.GET
        last = SyncAttempt.objects.order_by("-pk").values("item")[:AT_MOST]
        if not narrow and last[AT_MOST - 1 :].exists():
            items = SyncQueueItem.objects.filter(pk__in=last).values("execution")
            wanted = wanted.filter(execution_id__in=items)
            self.capped = True
        return list(wanted.values_list("pk", *names)[:AT_MOST])


@admin.register(WorkflowExecution)
class WorkflowExecutionAdmin(BackfillAction, ReadOnlyAdmin):
    backfill_of = "execution"
    list_display = (
        "execution_id",
        column("workflow", "workflow", link, order="workflow__name"),
        column("user", "workflow__user", link, order="workflow__user__email"),
        "status",
        column("synced", "snowflake_status", badge, title="in Snowflake"),
        column("table", "snowflake_table_name", lambda name: name or DASH),
        column("rows", "snowflake_row_count", number),
        column("created", "created_at", age),
    )
    list_filter = (CompletedFilter, SyncedFilter)
    list_select_related = ("workflow__user",)
    search_fields = ("execution_id",)
    search_help_text = "An execution's id or how it begins, an e-mail address, or a workflow's name."
    ordering = ("-created_at",)
    change_form_template = "admin/sync/workflowexecution/execution.html"
    fieldsets = stored(WorkflowExecution)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowExecution]:
        return super().get_queryset(request).defer(*large())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ExecutionChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (queryset.filter(of_executions(search_term)) if search_term else queryset), False

    def page_of(self, execution: WorkflowExecution, request: HttpRequest) -> dict[str, Any]:
        """Its items, what the application asked for, and the first rows of its results."""
        items = SyncQueueItem.objects.filter(execution__execution_id=execution.execution_id)
        listed = list(items.select_related("configuration").order_by("created_at", "pk")[:MOST_ITEMS])
        asked = {
            f"{item.requested_schema or ''}.{item.requested_table or ''}"
            for item in listed
            if item.requested_schema or item.requested_table
        }
        return {
            "title": f"Execution {execution.execution_id}",
            "subtitle": None,
            "execution": execution,
            "requested": ", ".join(sorted(asked)),
            "items": listed,
            "may_backfill": self.has_backfill_permission(request),
            "preview": _preview(execution),
            "preview_rows": ROWS,
            "preview_columns": COLUMNS,
            "preview_longest": LONGEST,
        }


def _preview(execution: WorkflowExecution) -> Preview:
    """The page without a preview is better than none."""
    try:
        with bounded_reading(PATIENCE):
            return preview(execution.pk)
    except TooSlowError:
        return Preview(too_large=True)
