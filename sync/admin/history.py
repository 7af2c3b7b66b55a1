"""What else is kept of the past: attempts, workers, tables."""

from django.contrib import admin

from sync.admin.base import ReadOnlyAdmin
from sync.models import SyncAttempt, SyncTable, SyncWorker


@admin.register(SyncAttempt)
class SyncAttemptAdmin(ReadOnlyAdmin):
    list_display = ("item", "outcome", "started_at", "finished_at", "row_count", "statement_count", "error_code")
    list_filter = ("outcome", "error_code")
    list_select_related = ("item",)
    ordering = ("-id",)


@admin.register(SyncWorker)
class SyncWorkerAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "started_at", "heartbeat_at", "stopped_at", "in_flight", "concurrency")
    ordering = ("-heartbeat_at",)


@admin.register(SyncTable)
class SyncTableAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "configuration", "execution_id", "seen_at")
    list_select_related = ("configuration",)
    search_fields = ("table_name", "execution_id")
