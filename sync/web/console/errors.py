"""What failed, in groups of what fails alike: what it means, what to do, and what does it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from sync.errors import CATALOGUE, Retry
from sync.models import WorkflowExecution
from sync.reporting import (
    MUTE,
    ErrorGroup,
    ErrorGroups,
    GroupFilter,
    NotLoaded,
    error_groups,
    history,
    may,
    may_see_results,
    not_loaded,
    trend,
)
from sync.results import value_at_fault
from sync.web.console.access import console_page, may_retry, render_page, viewer
from sync.web.console.cures import runs
from sync.web.console.exports import Columns, as_file, no_file
from sync.web.console.lists import destinations_to_choose
from sync.web.console.query_parameters import NO_CODE, ConsoleQuery
from sync.web.shared import error_name

# Groups of a page, and of a file.
AT_ONCE, MOST = 15, 10_000
WINDOWS = {"day": ("Last 24 hours", timedelta(days=1)), "week": ("Last 7 days", timedelta(days=7))}
# In place of a moment: as long as nothing new fails.
UNTIL_IT_CHANGES = "it changes"
COLUMNS: Columns = {
    "error_code": "code",
    "meaning": "meaning",
    "what_to_do": "remedy",
    "retry_helps": "retry.value",
    "user_email": "owner.email",
    "workflow_id": "workflow.workflow_id",
    "workflow_name": "workflow.name",
    "destination_id": "destination.pk",
    "destination_name": "destination.name",
    "count": "count",
    "last_hour": "last_hour",
    "last_day": "last_day",
    "first_at": "first_at",
    "last_at": "last_at",
    "latest_execution_id": lambda group: group.latest or None,
    "muted_until": lambda group: (group.mute.until or UNTIL_IT_CHANGES) if group.mute else None,
    "muted_by": "mute.by",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A group, and the addresses of what can be seen and done; empty for what cannot."""

    group: ErrorGroup
    runs: str
    retry: str
    mute: str
    never: bool


class ErrorsQuery(ConsoleQuery):
    """Which groups an address asks for."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        asked = request.GET.get("window", "")
        self.window: Any = asked if asked in WINDOWS else ""
        page = request.GET.get("page", "")
        self.page = min(int(page), MOST) if page.isdecimal() and len(page) < 6 else 1

    @property
    def groups(self) -> GroupFilter:
        """For sync.reporting."""
        code = {"": None, NO_CODE: ""}.get(self.error_code, self.error_code)
        ids = tuple(workflow.pk for workflow in self.workflows) or None
        return GroupFilter(self.scope.user_id, self.scope.configuration_id, ids, code, self.window)

    @property
    def narrowed(self) -> dict[str, str]:
        """The parameters that choose groups."""
        names = ("user", "destination", "workflow", "error_code")
        found = {name: self.parameters[name] for name in names if name in self.parameters}
        return found | ({"window": self.window} if self.window else {})

    def begins(self, now: datetime) -> datetime | None:
        """When the window begins; None: it has no beginning."""
        return now - WINDOWS[self.window][1] if self.window else None


@console_page
def errors_page(request: HttpRequest) -> HttpResponse:
    """The groups, the worst first, and what has not failed, and is not loaded, either."""
    wanted, now = ErrorsQuery(request), timezone.now()
    found = error_groups(wanted.groups, now, limit=AT_ONCE, offset=(wanted.page - 1) * AT_ONCE, watch=True)
    rows = list(_rows(request, wanted, found, now))
    is_narrow = bool(wanted.workflows or wanted.error_code)
    context = {
        "now": now,
        "wanted": wanted,
        "found": found,
        "open": [row for row in rows if not row.group.mute],
        "muted": [row for row in rows if row.group.mute],
        "windows": {"": "Any time", **{name: words for name, (words, _) in WINDOWS.items()}},
        "trend": None if is_narrow else trend(wanted.scope.configuration_ids(), now),
        "held": [] if is_narrow else [_held(line, wanted) for line in not_loaded(wanted.scope.counted(watch=True))],
        "is_narrow": is_narrow,
        "at_fault": _at_fault(request, rows),
        "choices": destinations_to_choose(wanted),
        "codes": [(code, error_name(code)) for code in sorted(CATALOGUE)],
        "export": urlencode(wanted.narrowed),
        "older": wanted.page + 1 if found.number > wanted.page * AT_ONCE else None,
        "newer": wanted.page - 1 if wanted.page > 1 else None,
    }
    return render_page(request, "errors", context)


@console_page
def errors_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The groups as a file, csv or json."""
    wanted = ErrorsQuery(request)

    def groups() -> Sequence[ErrorGroup]:
        return error_groups(wanted.groups, history.clock().now, limit=MOST).listed

    return no_file(wanted.problems) or as_file(viewer(request).pk, form, "errors", COLUMNS, [groups])


def mute_query(group: ErrorGroup, user: str) -> dict[str, str]:
    """What says which group is to be muted, and in whose view; what is not there is left out."""
    named = {
        "error_code": group.code or NO_CODE,
        "workflow": group.workflow.workflow_id if group.workflow else "",
        "destination": str(group.destination.pk) if group.destination else "",
        "user": user,
    }
    return {name: value for name, value in named.items() if value}


def _rows(request: HttpRequest, wanted: ErrorsQuery, found: ErrorGroups, now: datetime) -> Iterator[Row]:
    can_retry, can_mute = may_retry(request), may(viewer(request), MUTE)
    user, since = (wanted.user.email if wanted.user else ""), wanted.begins(now)
    for group in found.listed:
        chosen = mute_query(group, user)
        timed = {"since": since.isoformat()} if since else {}
        never = group.retry is Retry.NEVER
        # What has no workflow cannot be asked for without the rest of its error: that would be more than is shown here.
        retries = can_retry and group.code and group.workflow and not never
        yield Row(
            group,
            runs(status="failed", **chosen, **timed),
            reverse("console:retry", query=chosen | timed) if retries else "",
            reverse("console:mute", query=chosen) if can_mute else "",
            never,
        )


def _at_fault(request: HttpRequest, rows: list[Row]) -> str | None:
    """The value that the last failure is about, for who may see it, where a single group is looked at."""
    if len(rows) != 1 or not rows[0].group.latest:
        return None
    group = rows[0].group
    executions = WorkflowExecution.objects.select_related("workflow").only("execution_id", "workflow__user_id")
    execution = executions.filter(execution_id=group.latest).first()
    if execution is None or not may_see_results(viewer(request), execution):
        return None
    return value_at_fault(group.latest, group.message)


def _held(line: NotLoaded, wanted: ErrorsQuery) -> tuple[NotLoaded, str]:
    """With the address of the runs that are counted; of several destinations that are paused, the page of all."""
    narrowed = {name: value for name, value in wanted.narrowed.items() if name in ("user", "destination")}
    if not line.is_paused:
        return line, runs(status=line.status, error_code=line.code, **narrowed)
    if line.destination_id is None:
        return line, reverse("console:destinations")
    return line, runs(**{**narrowed, "status": line.status, "destination": str(line.destination_id)})
