"""All destinations, and of one how it stands, what was tried there, and the buttons to pause and resume it."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.destinations import check_rate, pause_by_hand, resume_by_hand
from sync.models import WorkflowExecution, called
from sync.reporting import (
    ADD_DESTINATIONS,
    BACKFILL,
    VIEW_DESTINATIONS,
    DestinationStatus,
    Scope,
    attempts_at,
    catalogue_of,
    destination_status,
    freshness,
    history,
    list_destinations,
    may,
    may_see_runs,
    number,
    scope_of,
)
from sync.web.console.access import console_page, render_page, viewer
from sync.web.console.attempts import WIDTH, tried
from sync.web.console.checking import shown
from sync.web.console.destination_access import destination_act, destination_page, render_destination
from sync.web.console.standing import destination_row, standing_of
from sync.web.shared import whole_number

AT_ONCE = 30
# Characters of a reason.
LONGEST_REASON = 200
_SIGNS = {"completed": "\u2713", "failed": "\u2715", "mixed": "!", "pending": "\u21bb", "none": ""}


@console_page
def destinations_page(request: HttpRequest) -> HttpResponse:
    """Those in trouble first."""
    owner = scope_of(viewer(request), VIEW_DESTINATIONS)
    asked = request.GET.get("q", "").replace("\0", "").strip()
    at = max(1, whole_number(request.GET.get("page"), 1))
    seen = list_destinations(Scope(owner), asked=asked, start=(at - 1) * AT_ONCE, most=AT_ONCE)
    context = {
        "now": seen.now,
        "rows": [destination_row(status, seen.now) for status in seen.found.listed],
        "count": seen.found.count,
        "asked": asked,
        "pages": Paginator(range(seen.found.count), AT_ONCE).get_page(at),
        "sees_all": owner is None,
        "may_add": may(viewer(request), ADD_DESTINATIONS),
    }
    return render_page(request, "destinations", context)


@destination_page
def status_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """How it stands."""
    status = destination_status(about)
    now = timezone.now()
    return render_destination(
        request,
        about,
        "destination",
        now=now,
        row=destination_row(status, now),
        standing=standing_of(status),
        hours=list(_hours(status)),
        check=shown(about, now),
        catalogue=catalogue_of(about),
        months=freshness(about.pk) if about.freshness_minutes else (),
        longest=LONGEST_REASON,
        may_backfill=may(viewer(request), BACKFILL),
    )


@destination_page
def timeline_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """What was tried there, the latest first: single runs."""
    if not may_see_runs(viewer(request), about.user_id):
        raise PermissionDenied
    asked = request.GET.get("before", "")
    page = attempts_at(about.pk, before=int(asked) if asked.isdecimal() and len(asked) < 18 else None)
    ids = [attempt.item.execution_id for attempt in page.attempts]
    runs = WorkflowExecution.objects.filter(execution_id__in=ids, workflow__isnull=False).order_by()
    named = runs.values_list("execution_id", "workflow__name", "workflow__workflow_id")
    names = {execution_id: called(name, workflow_id) for execution_id, name, workflow_id in named}
    tries = [
        (names.get(attempt.item.execution_id) or "without a name", tried(attempt, about, {}))
        for attempt in page.attempts
    ]
    return render_destination(request, about, "timeline", page=page, tries=tries, width=WIDTH)


@destination_act()
def pause(request: HttpRequest, about: SnowflakeConfiguration) -> None:
    """Nothing is loaded until somebody resumes it."""
    check_rate("configure", viewer(request).pk)
    pause_by_hand(about.pk, request.POST.get("why", "").strip()[:LONGEST_REASON])
    messages.success(request, "Paused: what completes waits until it is resumed.")


@destination_act()
def resume(request: HttpRequest, about: SnowflakeConfiguration) -> None:
    """What waits is due again."""
    check_rate("configure", viewer(request).pk)
    resume_by_hand(about.pk)
    messages.success(request, "Resumed: what waits is loaded now.")


def _hours(status: DestinationStatus) -> Iterator[dict[str, str]]:
    """The last 24 hours, each with a sign for who does not see its colour, and the address of what ended in it."""
    for cell in status.record.cells:
        counts = ((cell.completed, "loaded"), (cell.failed, "failed"), (cell.repeated, "to be repeated"))
        kind = "pending" if cell.repeated else "none"
        if cell.completed or cell.failed:
            kind = "mixed" if cell.completed and cell.failed else "completed" if cell.completed else "failed"
        span = {"since": cell.start.isoformat(), "until": (cell.start + history.HOUR).isoformat()}
        yield {
            "kind": kind,
            "sign": _SIGNS[kind],
            "clock": f"{timezone.localtime(cell.start):%H:%M}",
            "said": ", ".join(f"{number(count)} {word}" for count, word in counts if count),
            "address": reverse("console:runs", query={"destination": str(status.id), **span}),
        }
