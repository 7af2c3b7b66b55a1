"""The queue: what waits, what is being loaded, what became of it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sync.admin.base import ReadOnlyAdmin, large
from sync.models import SyncQueueItem


@admin.register(SyncQueueItem)
class SyncQueueItemAdmin(ReadOnlyAdmin):
    list_display = ("execution", "status", "user", "configuration", "retry_count", "error_code", "updated_at")
    list_filter = ("status", "error_code")
    list_select_related = ("user", "configuration")
    search_fields = ("execution__execution_id", "user__email")
    ordering = ("-updated_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncQueueItem]:
        return super().get_queryset(request).select_related("execution").defer(*large("execution__"))
