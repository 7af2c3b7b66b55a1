"""The first page: the verdict, and the figures that it is made from."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from accounts.models import SnowflakeConfiguration
from sync.errors import Retry
from sync.reporting import DestinationStatus, ErrorLine, Overview, Period, Step, history, named_destinations, overview
from sync.web.console.access import console_page, may_retry, own_scope
from sync.web.console.charts import label, lag_chart, throughput_chart
from sync.web.console.query_parameters import NO_CODE, ConsoleQuery

# Seconds between two looks of a page that is live.
LIVE_EVERY = 5
# At most so many destinations are offered; if there are more, only those of the chosen user are.
CHOICES = 100
_SPANS = (
    ("hour", "Last hour", timedelta(hours=1)),
    ("day", "Last day", timedelta(days=1)),
    ("week", "Last week", timedelta(days=7)),
    ("ever", "All", None),
)


@console_page
def overview_page(request: HttpRequest) -> HttpResponse:
    """The overview of everything, of one user, or of one destination."""
    wanted = ConsoleQuery(request)
    is_staff = own_scope(request) is None
    seen = overview(wanted.scope, with_workers=is_staff, watch=True)
    steps = history.series(wanted.period, wanted.scope.configuration_ids(), seen.now)
    context = {
        "here": "home",
        "now": seen.now,
        "seen": seen,
        "wanted": wanted,
        "choices": destinations_to_choose(wanted),
        "periods": list(Period),
        "throughput": throughput_chart(steps, wanted.period),
        "lag": lag_chart(steps, wanted.period),
        "steps": _rows(steps, wanted.period),
        "destinations": [_destination_row(status, seen) for status in seen.destinations.listed],
        "spans": [title for _, title, _ in _SPANS],
        "errors": [_error_row(line, seen, wanted) for line in seen.errors],
        "held": [
            {"line": line, "href": _items(wanted, status=line.status, error_code=line.code)} for line in seen.held
        ],
        "cards": [{"card": card, "href": _items(wanted, status=card.status)} for card in seen.cards],
        "may_retry": may_retry(request),
        "is_staff": is_staff,
        "live_every": LIVE_EVERY,
    }
    return render(request, "console/overview.html", context)


def destinations_to_choose(wanted: ConsoleQuery) -> list[SnowflakeConfiguration]:
    """The destinations of the chosen user; of all users, if there are few. The chosen one is always among them."""
    destinations = named_destinations(wanted.scope.user_id)
    found = list(destinations.order_by("user__email", "created_at", "pk")[: CHOICES + 1])
    if len(found) > CHOICES and wanted.scope.user_id is None:
        return [wanted.destination] if wanted.destination else []
    if wanted.destination and wanted.destination not in found:
        found.append(wanted.destination)
    return found


def _error_row(line: ErrorLine, seen: Overview, wanted: ConsoleQuery) -> dict[str, Any]:
    """The numbers, each with the address of exactly the items that were counted."""
    cells = [
        {
            "count": getattr(line, name),
            "href": _items(wanted, status="failed", error_code=line.code or NO_CODE, **_within(span, seen)),
            "label": title,
        }
        for name, title, span in _SPANS
    ]
    everything = wanted.address("user", "destination", error_code=line.code, **_within(None, seen))
    helps = line.code and not (line.entry and line.entry.retry is Retry.NEVER)
    return {"line": line, "cells": cells, "retry": f"/retry?{everything}" if helps else ""}


def _destination_row(status: DestinationStatus, seen: Overview) -> dict[str, Any]:
    """The destination, and the addresses of its items."""
    failed = {"status": "failed", "destination": str(status.id), **_within(timedelta(days=1), seen)}
    waiting = {"status": "pending", "destination": str(status.id)}
    return {"status": status, "failed": f"/runs?{urlencode(failed)}", "waiting": f"/runs?{urlencode(waiting)}"}


def _within(span: timedelta | None, seen: Overview) -> dict[str, str]:
    """What changed at the bound itself is counted with what changed before it."""
    until = seen.counted_at + timedelta(microseconds=1)
    return {"until": until.isoformat()} | ({"since": (until - span).isoformat()} if span else {})


def _items(wanted: ConsoleQuery, **more: str) -> str:
    return f"/runs?{wanted.address('user', 'destination', **more)}"


def _rows(steps: list[Step], period: Period) -> list[dict[str, Any]]:
    """The steps for the tables, the latest first."""
    return [{"label": label(step.start, period), "step": step} for step in reversed(steps)]
