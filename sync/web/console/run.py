"""One run: its way to each destination, what came of it there, and what to do about it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from sync.errors import SyncError
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import rules_of
from sync.reporting import (
    ADD_DESTINATIONS,
    BACKFILL,
    CHANGE_DESTINATIONS,
    Availability,
    availability_of,
    error_of,
    execution_sync,
    may,
    may_see_results,
    status_text,
)
from sync.results import preview, value_at_fault
from sync.rules import ScopeRule, documents, matches, of_version
from sync.snowflake.identifiers import resolve
from sync.snowflake.session import table_address
from sync.web.console.access import console_page, may_retry, own_scope, render_page, viewer
from sync.web.console.attempts import WIDTH, tried
from sync.web.console.confirmation import may_be_retried
from sync.web.console.cures import Cure, cure_of_pause
from sync.web.console.gone_by import gone_by
from sync.web.console.runs import table_of
from sync.web.shared import state

# Attempts that are shown of each destination, the latest first, and rules that are named.
SHOWN, NAMED = 10, 12
_DONE = {
    "drop": "dropped",
    "hash": "hashed",
    "mask": "masked",
    "null": "emptied",
    "cast": "made another type",
    "rename": "renamed",
    "replace": "replaced",
    "keep_only": "kept alone",
}


@console_page
def run_page(request: HttpRequest, execution_id: str) -> HttpResponse:
    """The page of a run. 404 also if the run is somebody else's."""
    try:
        # PostgreSQL's text holds no NUL, so no execution has such an id.
        found = execution_sync(execution_id.replace("\0", "\ufffd"), own_scope(request))
    except WorkflowExecution.DoesNotExist:
        raise Http404("There is no such run.") from None
    now = timezone.now()
    may_try, sees = may_retry(request), may_see_results(viewer(request), found.execution)
    workflow = found.execution.workflow
    places = [
        # Not by the item's execution, whose results would come with it.
        {
            **_place(item, found.attempts[item.pk], now, may_try=may_try, sees=sees),
            "views": found.views.get(item.configuration_id),
            "shaped_by": list(_shaped_by(item, workflow)),
            "cure": _cure(request, item, workflow, now),
        }
        for item in found.items
    ]
    statuses = {item.status for item in found.items}
    asks_rows = sees and "rows" in request.GET
    context = {
        "now": now,
        "execution": found.execution,
        "places": places,
        "width": WIDTH,
        "sees": sees,
        "result": preview(found.execution.pk) if asks_rows else None,
        "may_load_again": "completed" in statuses and may(viewer(request), BACKFILL),
        "may_leave_out": bool(places) and may(viewer(request), CHANGE_DESTINATIONS),
        "may_skip": bool(statuses & {"pending", "failed"}) and may_try,
    }
    return render_page(request, "run", context, here="runs")


def _place(
    item: SyncQueueItem, attempts: list[SyncAttempt], now: datetime, *, may_try: bool, sees: bool
) -> dict[str, Any]:
    """The run in one destination."""
    error, by = error_of(item), gone_by(item, attempts)
    tries = [tried(attempt, item.configuration, by) for attempt in reversed(attempts[-SHOWN:])]
    goes_on = item.status in (SyncQueueItem.Status.PENDING, SyncQueueItem.Status.PROCESSING)
    return {
        "item": item,
        "table": table_of(item),
        "snowsight": _snowsight(item),
        "status_text": status_text(item, now),
        "error": error if item.status != SyncQueueItem.Status.COMPLETED else None,
        "rules": by.get(item.rules_version or 0) if item.table_name else None,
        # While another attempt is to come, or under way, the last one is history.
        "latest": tries[0] if tries and not goes_on else None,
        "goes_on": goes_on,
        "tries": tries,
        "older": max(0, len(attempts) - SHOWN),
        "can_retry": may_try and may_be_retried(item, error),
        "at_fault": value_at_fault(item.execution_id, item.error_message or "") if sees else None,
    }


def _cure(request: HttpRequest, item: SyncQueueItem, workflow: Workflow | None, now: datetime) -> Cure | None:
    """What the viewer can do about a destination that is paused, or is not there."""
    to, code = item.configuration, item.error_code
    if to is None and state(item.status, code) == "homeless" and workflow and may(viewer(request), ADD_DESTINATIONS):
        is_own = workflow.user_id == viewer(request).pk or workflow.user is None
        query = {} if is_own else {"user": workflow.user.email}  # type: ignore[union-attr]
        return Cure("Connect Snowflake", reverse("console:connect", query=query))
    if to is None or item.status != SyncQueueItem.Status.PENDING or not may(viewer(request), CHANGE_DESTINATIONS):
        return None
    is_held = availability_of(to, now) in (Availability.PAUSED, Availability.TRYING)
    return cure_of_pause(to.state.breaker_code or "", to.pk) if is_held else None


def _snowsight(item: SyncQueueItem) -> str | None:
    """The table's page; none if something else stands in for Snowflake."""
    where = item.configuration
    if settings.SNOWFLAKE_ENDPOINT or where is None or not (item.schema_name and item.table_name):
        return None
    return table_address(where.account_identifier, resolve(where.database), item.schema_name, item.table_name)


def _shaped_by(item: SyncQueueItem, workflow: Workflow | None) -> Iterator[str]:
    """What the rules by which it was loaded, or else those in force, make of its workflow's results, in words."""
    if item.configuration_id is None or workflow is None:
        return
    try:
        loaded = item.rules_version
        rules = rules_of(item.configuration_id) if loaded is None else of_version(item.configuration_id, loaded)
    except SyncError:
        return
    shaping = [
        rule
        for rule in rules.rules
        if rule.enabled and not isinstance(rule, ScopeRule) and matches(rule.workflow, workflow.workflow_id)
    ]
    for document in documents(shaping[:NAMED]):
        columns = ", ".join(document.get("columns", ()))
        match document["kind"]:
            case "column":
                yield f"{columns} {_DONE.get(document['action'], document['action'])}"
            case "rows":
                yield f"only some rows: {document['name']}"
            case "add":
                yield f"{document.get('column') or document['name']} added"
            case _:
                yield document["name"]
    if len(shaping) > NAMED:
        yield f"and {len(shaping) - NAMED} more"
