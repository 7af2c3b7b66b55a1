"""One execution: where it is in each destination, and how it came there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from sync.errors import Retry
from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.reporting import Trouble, execution_sync, may_see_results, standing, trouble
from sync.results import value_at_fault
from sync.snowflake.setup import query_address
from sync.web.console.access import may_retry, monitor_page, own_scope, viewer
from sync.web.console.overview import LIVE_EVERY

# Attempts that are shown of each destination, the latest first.
SHOWN = 10
WIDTH = 600
# The stages that the pipeline times, in their order, and what each is.
_STAGES = {"extract": "read from PostgreSQL", "connect": "logged in", "load": "loaded into Snowflake"}
# Of an attempt that did not complete.
_TRIED = {**_STAGES, "load": "tried to load into Snowflake"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of an attempt, with its place in a bar of WIDTH."""

    name: str
    words: str
    seconds: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt: how long it waited to be claimed, what it was busy with, and what came of it."""

    attempt: SyncAttempt
    waited: float | None
    took: float | None
    stages: tuple[Stage, ...]
    queries: tuple[tuple[str, str | None], ...]
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Place:
    """The execution in one destination."""

    item: SyncQueueItem
    standing: str
    trouble: Trouble | None
    tries: tuple[Try, ...]
    older: int
    can_retry: bool
    at_fault: str | None


@monitor_page
def execution_page(request: HttpRequest, execution_id: str) -> HttpResponse:
    """404 also where it is somebody else's."""
    try:
        # PostgreSQL's text holds no NUL, so no execution is called so.
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
    return render(request, "monitor/execution.html", context)


@monitor_page
def execution_search(request: HttpRequest) -> HttpResponse:
    """From the header's field to the page; where there is none, back with a word."""
    asked = request.GET.get("execution_id", "").replace("\0", "").strip()
    mine = own_scope(request)
    executions = WorkflowExecution.objects.filter(execution_id=asked)
    if mine is not None:
        executions = executions.filter(workflow__user_id=mine)
    if asked and executions.exists():
        return redirect("monitor:execution", execution_id=asked)
    messages.warning(
        request, f"There is no execution {asked!r} to be seen here. An execution_id is written out in full."
    )
    return redirect("monitor:overview")


def _place(item: SyncQueueItem, attempts: list[SyncAttempt], now: datetime, *, may: bool, sees: bool) -> Place:
    retried = item.status == item.Status.FAILED or item.error_code == "skipped_by_hand"
    what = trouble(item)
    return Place(
        item,
        standing(item, now),
        what,
        tuple(_try(attempt, item) for attempt in reversed(attempts[-SHOWN:])),
        max(0, len(attempts) - SHOWN),
        may and retried and not (what and what.retry is Retry.NEVER),
        value_at_fault(item.execution_id, item.error_message or "") if sees else None,
    )


def _try(attempt: SyncAttempt, item: SyncQueueItem) -> Try:
    return Try(
        attempt,
        _seconds(attempt.due_at, attempt.started_at),
        _seconds(attempt.started_at, attempt.finished_at),
        tuple(_stages(attempt)),
        tuple(_queries(attempt, item)),
        trouble(attempt),
    )


def _stages(attempt: SyncAttempt) -> Iterator[Stage]:
    """What was timed, and the rest: waiting in between, and writing down what came of it."""
    took = _seconds(attempt.started_at, attempt.finished_at)
    timings = {name: float(ms) / 1000 for name, ms in (attempt.timings or {}).items()}
    if took is None or not timings:
        return
    rest = took - sum(timings.values())
    # JSONB keeps no order of keys.
    ordered = sorted(timings, key=lambda name: [*_STAGES, name].index(name))
    words = _STAGES if attempt.outcome == "completed" else _TRIED
    parts = [(name, words.get(name, name), timings[name]) for name in ordered]
    if rest > 0.001:
        parts.append(("rest", "the rest", rest))
    whole, x = sum(seconds for _, _, seconds in parts) or 1.0, 0.0
    for name, words, seconds in parts:
        width = WIDTH * seconds / whole
        yield Stage(name, words, seconds, round(x, 1), round(width, 1))
        x += width


def _queries(attempt: SyncAttempt, item: SyncQueueItem) -> Iterator[tuple[str, str | None]]:
    """Each query id with its page in Snowsight; without, where something else stands in for Snowflake."""
    account = item.configuration.account_identifier if item.configuration else ""
    for query_id in attempt.query_ids or ():
        yield query_id, None if settings.SNOWFLAKE_ENDPOINT else query_address(account, query_id)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start and end else None
