"""The queue: what waits, what is being loaded, what became of it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from sync.models import SyncQueueItem
from sync.web.admin.base import ReadOnlyAdmin, large, stored
from sync.web.admin.formatting import age, badge, error_code, link
from sync.web.admin.item_actions import ItemActions
from sync.web.admin.item_list import ItemChangeList, NarrowFilter, StatusFilter
from sync.web.admin.item_page import page_of


@admin.register(SyncQueueItem)
class SyncQueueItemAdmin(ItemActions, ReadOnlyAdmin):
    list_display = ("state", "error", "execution_shown", "workflow", "destination", "user", "retries", "age", "changed")
    list_display_links = ("state",)
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
        """The list asks `ItemQuery`, which knows the search, too."""
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

    @admin.display(description="status", ordering="status")
    def state(self, item: SyncQueueItem) -> SafeString:
        return badge(item.status)

    @admin.display(description="execution", ordering="execution")
    def execution_shown(self, item: SyncQueueItem) -> str:
        return link("sync_workflowexecution", item.execution.pk, item.execution.execution_id)

    @admin.display(ordering="execution__workflow__name")
    def workflow(self, item: SyncQueueItem) -> str:
        found = item.execution.workflow
        return link("sync_workflow", found.pk if found else None, found)

    @admin.display(ordering="configuration__name")
    def destination(self, item: SyncQueueItem) -> str:
        found = item.configuration
        return link("accounts_snowflakeconfiguration", found.pk if found else None, found)

    @admin.display(ordering="created_at")
    def age(self, item: SyncQueueItem) -> SafeString:
        return age(item.created_at)

    @admin.display(description="last change", ordering="updated_at")
    def changed(self, item: SyncQueueItem) -> SafeString:
        return age(item.updated_at)

    @admin.display(ordering="retry_count")
    def retries(self, item: SyncQueueItem) -> str:
        return f"{item.retry_count} of {item.max_retries}"

    @admin.display(description="error code", ordering="error_code")
    def error(self, item: SyncQueueItem) -> str:
        return error_code(item.error_code)
