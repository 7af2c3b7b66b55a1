"""What else is kept of the past: attempts, workers, tables."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from sync.models import SyncAttempt, SyncTable, SyncWorker
from sync.web.admin.base import ReadOnlyAdmin, large, stored
from sync.web.admin.columns import column, error_code, link
from sync.web.admin.filters import ErrorCodeFilter, OutcomeFilter
from sync.web.shared import WIDTH, age, badge, duration, gone_by, number, rows, size, tried

DESTINATION = column("destination", "configuration", link, order="configuration__name")
RESULT = column("result", "outcome", badge, title="outcome")


def _took(attempt: SyncAttempt) -> str:
    seconds = attempt.started_at and (attempt.finished_at - attempt.started_at).total_seconds()
    return duration(None if seconds is None else max(0.0, seconds))


def _state(worker: SyncWorker) -> str:
    if worker.stopped_at is not None:
        return "stopped"
    lease = timedelta(seconds=settings.SYNC_LEASE_SECONDS)
    return "live" if worker.heartbeat_at > timezone.now() - lease else "silent"


@admin.register(SyncAttempt)
class SyncAttemptAdmin(ReadOnlyAdmin):
    list_display = (
        RESULT,
        column("execution", "item", lambda item: link(item, item.execution_id), order="item__execution"),
        DESTINATION,
        column("started", "", lambda attempt: age(attempt.started_at or attempt.finished_at), order="started_at"),
        column("took", "", _took, order=""),
        column("rows", "", rows, order="row_count"),
        column("bytes", "byte_count", size),
        column("statements", "statement_count", number),
        column("error", "error_code", error_code, title="error code"),
    )
    list_display_links = (RESULT,)
    list_filter = (OutcomeFilter, ErrorCodeFilter)
    list_select_related = ("item__execution", "configuration")
    search_fields = ("item__execution__execution_id__exact",)
    search_help_text = "An execution's id."
    ordering = ("-id",)
    change_form_template = "admin/sync/syncattempt/attempt.html"
    fieldsets = stored(SyncAttempt)

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).select_related(*self.list_select_related)
        return found.defer(*large("item__execution__"))

    def page_of(self, attempt: SyncAttempt, request: HttpRequest) -> dict[str, Any]:
        return {
            "title": f"Attempt at {attempt.item.execution_id}",
            "subtitle": None,
            "bar_width": WIDTH,
            "try": tried(attempt, attempt.configuration, gone_by(attempt.item, [attempt])),
            "worker": SyncWorker.objects.filter(pk=attempt.worker_id or 0).first(),
        }


@admin.register(SyncWorker)
class SyncWorkerAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        column("state", "", lambda worker: badge(_state(worker)), order=""),
        column("started", "started_at", age),
        column("heartbeat", "heartbeat_at", age, title="last heartbeat"),
        "in_flight",
        "concurrency",
    )
    ordering = ("-heartbeat_at",)


@admin.register(SyncTable)
class SyncTableAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        DESTINATION,
        column("of", "execution_id", lambda id_: id_ or "several executions"),
        column("columns", "columns", lambda columns: number(columns and len(columns)), order=""),
        column("made", "created_at", age),
        column("seen", "seen_at", age),
    )
    list_select_related = ("configuration",)
    search_fields = ("table_name", "execution_id__exact")
    search_help_text = "A table's name or a part of it, or an execution's id."
    ordering = ("-id",)
