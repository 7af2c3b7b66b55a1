"""One execution: its state in each destination, with the attempts."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.reporting import error_of, execution_sync, may_see_results, status_text
from sync.results import value_at_fault
from sync.web.console.access import console_page, may_retry, own_scope, viewer
from sync.web.console.overview import LIVE_EVERY
from sync.web.shared import WIDTH, gone_by, may_be_retried, tried

# Attempts that are shown of each destination, the latest first.
SHOWN = 10


@console_page
def execution_page(request: HttpRequest, execution_id: str) -> HttpResponse:
    """The page of an execution. 404 also if the execution is somebody else's."""
    try:
        # PostgreSQL's text holds no NUL, so no execution has such an id.
        found = execution_sync(execution_id.replace("\0", "\ufffd"), own_scope(request))
    except WorkflowExecution.DoesNotExist:
        raise Http404("There is no such execution.") from None
    now = timezone.now()
    may, sees = may_retry(request), may_see_results(viewer(request), found.execution)
    places = [_place(item, found.attempts[item.pk], now, may=may, sees=sees) for item in found.items]
    context = {
        "now": now,
        "execution": found.execution,
        "places": places,
        "width": WIDTH,
        "is_staff": own_scope(request) is None,
        "live_every": LIVE_EVERY,
    }
    return render(request, "console/execution.html", context)


@console_page
def execution_search(request: HttpRequest) -> HttpResponse:
    """Leads from the header's search field to the execution's page; if there is none, back with a message."""
    asked = request.GET.get("q", request.GET.get("execution_id", "")).replace("\0", "").strip()
    mine = own_scope(request)
    executions = WorkflowExecution.objects.filter(execution_id=asked)
    if mine is not None:
        executions = executions.filter(workflow__user_id=mine)
    if asked and executions.exists():
        return redirect("console:run", execution_id=asked)
    messages.warning(
        request, f"There is no execution {asked!r} to be seen here. An execution_id is written out in full."
    )
    return redirect("console:home")


def _place(item: SyncQueueItem, attempts: list[SyncAttempt], now: datetime, *, may: bool, sees: bool) -> dict[str, Any]:
    """The execution in one destination."""
    error, by = error_of(item), gone_by(item, attempts)
    return {
        "item": item,
        "status_text": status_text(item, now),
        "error": error,
        "rules": by.get(item.rules_version or 0) if item.table_name else None,
        "tries": [tried(attempt, item.configuration, by) for attempt in reversed(attempts[-SHOWN:])],
        "older": max(0, len(attempts) - SHOWN),
        "can_retry": may and may_be_retried(item, error),
        "at_fault": value_at_fault(item.execution_id, item.error_message or "") if sees else None,
    }
