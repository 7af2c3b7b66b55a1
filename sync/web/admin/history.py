"""What else is kept of the past: attempts, workers, tables."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from sync.models import SyncAttempt, SyncTable, SyncWorker
from sync.reporting import duration
from sync.web.admin.base import ReadOnlyAdmin, large, stored
from sync.web.admin.filters import ErrorCodeFilter, OutcomeFilter
from sync.web.admin.formatting import age, badge, error_code, link, number, size
from sync.web.admin.timeline import WIDTH, try_of


@admin.register(SyncAttempt)
class SyncAttemptAdmin(ReadOnlyAdmin):
    list_display = ("result", "execution", "destination", "started", "took", "rows", "bytes", "statements", "error")
    list_display_links = ("result",)
    list_filter = (OutcomeFilter, ErrorCodeFilter)
    list_select_related = ("item__execution", "configuration")
    search_fields = ("item__execution__execution_id__exact",)
    search_help_text = "An execution's id."
    ordering = ("-id",)
    change_form_template = "admin/sync/syncattempt/attempt.html"
    fieldsets = (("All that is stored", {"classes": ["collapse"], "fields": stored(SyncAttempt)}),)

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).select_related(*self.list_select_related)
        return found.defer(*large("item__execution__"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        attempt = self.get_object(request, object_id)
        if isinstance(attempt, SyncAttempt):
            worker = SyncWorker.objects.filter(pk=attempt.worker_id or 0).first()
            shown = {"title": f"Attempt at {attempt.item.execution_id}", "subtitle": None, "bar_width": WIDTH}
            extra_context = {**shown, "try": try_of(attempt), "worker": worker, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description="outcome", ordering="outcome")
    def result(self, attempt: SyncAttempt) -> SafeString:
        return badge(attempt.outcome)

    @admin.display(ordering="item__execution")
    def execution(self, attempt: SyncAttempt) -> str:
        return link("sync_syncqueueitem", attempt.item_id, attempt.item.execution_id)

    @admin.display(ordering="configuration__name")
    def destination(self, attempt: SyncAttempt) -> str:
        return link("accounts_snowflakeconfiguration", attempt.configuration_id, attempt.configuration)

    @admin.display(ordering="started_at")
    def started(self, attempt: SyncAttempt) -> SafeString:
        return age(attempt.started_at or attempt.finished_at)

    def took(self, attempt: SyncAttempt) -> str:
        if attempt.started_at is None:
            return number(None)
        return duration(max(0.0, (attempt.finished_at - attempt.started_at).total_seconds()))

    @admin.display(ordering="row_count")
    def rows(self, attempt: SyncAttempt) -> str:
        return number(attempt.row_count)

    @admin.display(ordering="byte_count")
    def bytes(self, attempt: SyncAttempt) -> str:
        return size(attempt.byte_count)

    @admin.display(ordering="statement_count")
    def statements(self, attempt: SyncAttempt) -> str:
        return number(attempt.statement_count)

    @admin.display(description="error code", ordering="error_code")
    def error(self, attempt: SyncAttempt) -> str:
        return error_code(attempt.error_code)


@admin.register(SyncWorker)
class SyncWorkerAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "state", "started", "heartbeat", "in_flight", "concurrency")
    ordering = ("-heartbeat_at",)

    def state(self, worker: SyncWorker) -> SafeString:
        if worker.stopped_at is not None:
            return badge("stopped")
        lease = timedelta(seconds=settings.SYNC_LEASE_SECONDS)
        return badge("live" if worker.heartbeat_at > timezone.now() - lease else "silent")

    @admin.display(ordering="started_at")
    def started(self, worker: SyncWorker) -> SafeString:
        return age(worker.started_at)

    @admin.display(description="last heartbeat", ordering="heartbeat_at")
    def heartbeat(self, worker: SyncWorker) -> SafeString:
        return age(worker.heartbeat_at)


@admin.register(SyncTable)
class SyncTableAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "destination", "of", "columns_known", "made", "seen")
    list_select_related = ("configuration",)
    search_fields = ("table_name", "execution_id__exact")
    search_help_text = "A table's name or a part of it, or an execution's id."
    ordering = ("-id",)

    @admin.display(ordering="configuration__name")
    def destination(self, table: SyncTable) -> str:
        return link("accounts_snowflakeconfiguration", table.configuration_id, table.configuration)

    @admin.display(description="of", ordering="execution_id")
    def of(self, table: SyncTable) -> str:
        return table.execution_id or "several executions"

    @admin.display(description="columns")
    def columns_known(self, table: SyncTable) -> str:
        return number(len(table.columns) if table.columns else None)

    @admin.display(ordering="created_at")
    def made(self, table: SyncTable) -> SafeString:
        return age(table.created_at)

    @admin.display(ordering="seen_at")
    def seen(self, table: SyncTable) -> SafeString:
        return age(table.seen_at)
