"""The queue: what waits, what is being loaded, what became of it, and each item's own page."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import User
from sync.models import SyncQueueItem, SyncTable
from sync.postgres import TooSlowError, bounded_reading
from sync.queue import Change
from sync.reporting import error_of, may_see_results, status_text
from sync.results import value_at_fault
from sync.web.admin.base import ReadOnlyAdmin, large, stored
from sync.web.admin.bounded import PATIENCE
from sync.web.admin.columns import column, error_code, link
from sync.web.admin.item_actions import ItemActions
from sync.web.admin.item_list import ItemChangeList, NarrowFilter, StatusFilter
from sync.web.shared import WIDTH, age, badge, gone_by, may_be_retried, tried

# On an item's page: attempts, the last ones, and other destinations of the same execution, at most.
SHOWN = 20
NEIGHBOURS = 50
# Whose message names a rule; and so much of it is in a list.
BY_RULES = ("excluded_by_rule", "new_column_held", "rule_does_not_fit")
LONGEST = 200
STATUS = column("status", "status", badge)


def _error(item: SyncQueueItem) -> str:
    """The code; where a rule is the reason, which one."""
    if item.error_code not in BY_RULES:
        return error_code(item.error_code)
    return format_html("{}<br>{}", error_code(item.error_code), (item.error_message or "")[:LONGEST])


@admin.register(SyncQueueItem)
class SyncQueueItemAdmin(ItemActions, ReadOnlyAdmin):
    list_display = (
        STATUS,
        column("error", "", _error, title="error code", order="error_code"),
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
    fieldsets = stored(SyncQueueItem)

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

    def page_of(self, item: SyncQueueItem, request: HttpRequest) -> dict[str, Any]:
        """How it stands, its attempts, the execution's other destinations."""
        attempts = list(item.attempts.select_related("configuration").order_by("-pk")[: SHOWN + 1])
        count = len(attempts) if len(attempts) <= SHOWN else item.attempts.order_by().count()
        by = gone_by(item, attempts)
        tries = [tried(attempt, attempt.configuration, by) for attempt in attempts[:SHOWN]]
        may = self.has_retry_permission(request)
        error = error_of(item)
        neighbours = SyncQueueItem.objects.filter(execution__execution_id=item.execution_id).exclude(pk=item.pk)
        tables = SyncTable.objects.filter(execution_id=item.execution_id, configuration=item.configuration_id)
        return {
            "title": f"Execution {item.execution_id}",
            "subtitle": None,
            "item": item,
            "status_text": status_text(item, timezone.now()),
            "error": error,
            "rules": by.get(item.rules_version or 0) if item.table_name else None,
            "at_fault": _at_fault(item, request),
            "tries": [{"number": count - place, "try": each} for place, each in enumerate(tries)],
            "has_older": count > SHOWN,
            "shown": SHOWN,
            "bar_width": WIDTH,
            "neighbours": neighbours.select_related("configuration").order_by("created_at", "pk")[:NEIGHBOURS],
            "table": tables.first(),
            "may_retry": may and may_be_retried(item, error),
            "may_skip": may and Change.SKIP.is_for(item),
        }


def _at_fault(item: SyncQueueItem, request: HttpRequest) -> str | None:
    """The page without it is better than none."""
    if not (isinstance(request.user, User) and may_see_results(request.user, item.execution)):
        return None
    try:
        with bounded_reading(PATIENCE):
            return value_at_fault(item.execution_id, item.error_message or "")
    except TooSlowError:
        return None
