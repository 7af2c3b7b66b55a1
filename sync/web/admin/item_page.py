"""What an item's page says: how it stands, its attempts, the execution's other destinations."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from sync.errors import Retry
from sync.models import SyncQueueItem, SyncTable
from sync.postgres import TooSlowError, bounded_reading
from sync.queue import Change
from sync.reporting import error_of, may_see_results, status_text
from sync.results import value_at_fault
from sync.web.admin.bounded import PATIENCE
from sync.web.shared import WIDTH, badge, tried

# Attempts, the last ones, and other destinations of the same execution, at most.
SHOWN = 20
NEIGHBOURS = 50


def page_of(item: SyncQueueItem, request: HttpRequest) -> dict[str, Any]:
    """The context of an item's page."""
    attempts = list(item.attempts.select_related("configuration").order_by("-pk")[: SHOWN + 1])
    count = len(attempts) if len(attempts) <= SHOWN else item.attempts.order_by().count()
    may = request.user.has_perm("sync.retry_syncqueueitem")
    error = error_of(item)
    helps = not (error and error.retry is Retry.NEVER)
    neighbours = SyncQueueItem.objects.filter(execution__execution_id=item.execution_id).exclude(pk=item.pk)
    return {
        "title": f"Execution {item.execution_id}",
        "subtitle": None,
        "item": item,
        "badge": badge(item.status),
        "status_text": status_text(item, timezone.now()),
        "error": error,
        "at_fault": _at_fault(item, request),
        "tries": [
            {"number": count - place, "try": tried(attempt, attempt.configuration)}
            for place, attempt in enumerate(attempts[:SHOWN])
        ],
        "has_older": count > SHOWN,
        "shown": SHOWN,
        "bar_width": WIDTH,
        "neighbours": [
            {"item": each, "badge": badge(each.status)}
            for each in neighbours.select_related("configuration").order_by("created_at", "pk")[:NEIGHBOURS]
        ],
        "table": SyncTable.objects.filter(execution_id=item.execution_id, configuration=item.configuration_id).first(),
        "may_retry": may and helps and Change.RETRY.is_for(item),
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
