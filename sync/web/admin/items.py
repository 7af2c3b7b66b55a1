"""The queue: what waits, what is being loaded, what became of it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from sync.models import SyncQueueItem
from sync.web.admin.base import ReadOnlyAdmin, large, stored
from sync.web.admin.columns import column, error_code, link
from sync.web.admin.item_actions import ItemActions
from sync.web.admin.item_list import ItemChangeList, NarrowFilter, StatusFilter
from sync.web.admin.item_page import page_of
from sync.web.shared import age, badge

STATUS = column("status", "status", badge)


@admin.register(SyncQueueItem)
class SyncQueueItemAdmin(ItemActions, ReadOnlyAdmin):
    list_display = (
        STATUS,
        column("error", "error_code", error_code, title="error code"),
        column("execution", "execution", link),
        column("workflow", "execution__workflow", link, order="execution__workflow__name"),
        column("destination", "configuration", link, order="configuration__name"),
        "user",
        column("retries", "", lambda item: f"{item.retry_count} of {item.max_retries}", order="retry_count"),
        column("age", "created_at", age),
        column("changed", "updated_at", age, title="last change"),
    )
    list_display_links = (STATUS,)
    list_filter = (StatusFilter, NarrowFilter)
    list_select_related = ("user", "configuration", "execution__workflow")
    search_fields = ("execution__execution_id",)
    search_help_text = "An execution's id or how it begins, an e-mail address, or a workflow's name."
    ordering = ("-updated_at",)
    change_form_template = "admin/sync/syncqueueitem/item.html"
    fieldsets = (("All that is stored", {"classes": ["collapse"], "fields": stored(SyncQueueItem)}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncQueueItem]:
        return super().get_queryset(request).select_related(*self.list_select_related).defer(*large("execution__"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ItemChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The list asks `AdminQuery`, which knows the search, too."""
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = {"may_retry": self.has_retry_permission(request)}
        return super().changelist_view(request, {**may, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        item = self.get_object(request, object_id)
        found = page_of(item, request) if isinstance(item, SyncQueueItem) else {}
        return super().change_view(request, object_id, form_url, {**found, **(extra_context or {})})
