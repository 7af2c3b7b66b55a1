"""What the application and the sync have written down, to be looked at: rows of the queue are changed elsewhere."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sync.models import SyncAttempt, SyncQueueItem, SyncTable, SyncWorker, Workflow, WorkflowExecution
from sync.queue import ItemFilter
from sync.reporting import list_items, search
from sync.web.admin.base import LARGE, InOneOrder, Leading, ReadOnlyAdmin, backfill_of, leading
from sync.web.shared import DASH, age, badge, rows, status_word

# Items of the queue's list.
NEWEST = 200


class OfRuns(ReadOnlyAdmin):
    """Rows that belong to a run, and are found by it: the first of `search_fields` leads to its id."""

    search_help_text = "A run's id, or how it begins."

    def run_of(self, row: Any) -> str | None:
        """The run's id."""
        id_: str | None = row.execution_id
        return id_

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = {f"{self.search_fields[0]}__in": search(search_term).runs} if search_term else {}
        return queryset.filter(**found), False

    def view_on_site(self, row: Any) -> str:
        return reverse("console:run", args=[self.run_of(row)])

    @admin.display(empty_value=DASH)
    def run(self, row: Any) -> SafeString | None:
        if (id_ := self.run_of(row)) is None:
            return None
        return format_html('<a href="{}">{}</a>', reverse("console:run", args=[id_]), id_)

    @admin.display(empty_value="not chosen yet")
    def destination(self, row: Any) -> Any:
        return row.configuration

    @admin.display(empty_value=DASH)
    def error(self, row: Any) -> str | None:
        """The code; of what a rule keeps out, which rule."""
        said: str | None = row.error_message if row.error_code == "excluded_by_rule" else row.error_code
        return said


class NewestItems(InOneOrder):
    """The newest of all, or of a status, as the console's lists find them; or what is searched for."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        found = super().get_queryset(request, exclude_parameters)
        if self.query:
            return found
        status = request.GET.get("status__exact")
        newest = list_items(ItemFilter(statuses=(status,) if status else None), limit=NEWEST)
        return found.filter(pk__in=[item.id for item in newest.items])

    @property
    def is_capped(self) -> bool:
        return not self.query and bool(self.result_count >= NEWEST)


class StatusFilter(admin.ChoicesFieldListFilter):
    """In the words that the list has."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": status_word(str(choice["display"]).lower())}


@admin.register(SyncQueueItem)
class ItemAdmin(Leading, OfRuns):
    """The queue."""

    list_display = ("state", "run", "workflow", "destination", "user", "error", "changed")
    list_filter = (("status", StatusFilter),)
    list_select_related = ("user", "configuration", "execution__workflow")
    ordering = ("-created_at",)
    search_fields = ("execution",)
    search_help_text = f"{OfRuns.search_help_text} By workflow, user, destination, error or day: the console's Runs."
    actions = (
        leading("retry_selected", "Retry…", "retry", "retry", "item"),
        leading("skip_selected", "Skip…", "retry", "skip", "item"),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NewestItems

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request).select_related(*self.list_select_related)
        return found.defer(*(f"execution__{name}" for name in LARGE))

    @admin.display(description="status")
    def state(self, item: SyncQueueItem) -> SafeString:
        return badge(item.status)

    @admin.display(empty_value=DASH)
    def workflow(self, item: SyncQueueItem) -> Workflow | None:
        return item.execution.workflow

    @admin.display(description="last change")
    def changed(self, item: SyncQueueItem) -> SafeString:
        return age(item.updated_at)


@admin.register(SyncAttempt)
class AttemptAdmin(OfRuns):
    """Each try of an item."""

    list_display = ("result", "run", "destination", "ended", "loaded", "error")
    list_select_related = ("item", "configuration")
    ordering = ("-id",)
    search_fields = ("item__execution",)

    def run_of(self, attempt: SyncAttempt) -> str:
        return attempt.item.execution_id

    @admin.display(description="outcome")
    def result(self, attempt: SyncAttempt) -> SafeString:
        return badge(attempt.outcome)

    @admin.display
    def ended(self, attempt: SyncAttempt) -> SafeString:
        return age(attempt.finished_at)

    @admin.display(description="rows")
    def loaded(self, attempt: SyncAttempt) -> str:
        return rows(attempt)


@admin.register(SyncWorker)
class WorkerAdmin(ReadOnlyAdmin):
    """What the console's Workers are told from."""

    list_display = ("__str__", "started_at", "heartbeat_at", "stopped_at", "concurrency")
    ordering = ("-heartbeat_at",)

    def view_on_site(self, _worker: SyncWorker) -> str:
        return reverse("console:workers")


@admin.register(SyncTable)
class TableAdmin(OfRuns):
    """The register of the tables that are ours."""

    list_display = ("__str__", "destination", "run", "seen_at")
    list_select_related = ("configuration",)
    ordering = ("-id",)
    search_fields = ("execution_id",)

    def view_on_site(self, table: SyncTable) -> str:
        return reverse("console:destination", args=[table.configuration_id])


@admin.register(Workflow)
class WorkflowAdmin(Leading, ReadOnlyAdmin):
    """The application's workflows."""

    list_display = ("name_or_id", "workflow_id", "user")
    list_select_related = ("user",)
    ordering = ("workflow_id",)
    search_fields = ("name", "workflow_id", "user__email")
    search_help_text = "A workflow's name or id, or its user's e-mail address."
    actions = (backfill_of("workflow"),)

    def view_on_site(self, workflow: Workflow) -> str:
        return reverse("console:workflow", args=[workflow.pk])

    @admin.display(description="workflow")
    def name_or_id(self, workflow: Workflow) -> str:
        return str(workflow)


@admin.register(WorkflowExecution)
class ExecutionAdmin(Leading, OfRuns):
    """The application's executions, with or without an item; of their columns only the key is sure to have an index."""

    list_display = ("execution_id", "workflow", "status", "snowflake_status", "created_at")
    list_select_related = ("workflow",)
    ordering = ("pk",)
    search_fields = ("execution_id",)
    actions = (backfill_of("execution"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkflowExecution]:
        return super().get_queryset(request).defer(*LARGE)
