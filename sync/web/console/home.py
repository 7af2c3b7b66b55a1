"""The first page: whether somebody has to do something, and how today compares with a week ago."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from sync.alerts import is_somebody_told
from sync.reporting import (
    Step,
    counted,
    duration,
    first_steps,
    history,
    number,
    overview,
)
from sync.web.console.access import console_page, own_scope, render_page
from sync.web.console.charts import clock, day_chart
from sync.web.console.cures import runs, runs_of, said_of
from sync.web.console.query_parameters import ConsoleQuery, midnight
from sync.web.console.standing import destination_row

# Kinds of errors that are shown.
WORST = 3
# No change, more, less.
_SIGNS = ("\u00b1", "+", "\u2212")


@console_page
def home_page(request: HttpRequest) -> HttpResponse:
    """The first page of everyone, or of one user, who sees it so."""
    wanted = ConsoleQuery(request)
    sees_all, user = own_scope(request) is None, wanted.user.email if wanted.user else ""
    everyone = sees_all and wanted.user is None
    seen = overview(wanted.scope, with_workers=False, watch=True)
    configuration_ids = wanted.scope.configuration_ids()
    hours = history.compared(configuration_ids, seen.now)
    today = midnight(timezone.localdate(seen.now))
    context = {
        "now": seen.now,
        "seen": seen,
        "wanted": wanted,
        "sees_all": sees_all,
        "everyone": everyone,
        "points": [said_of(point, is_staff=sees_all, user=user) for point in seen.verdict.points],
        # Of what is not as it should be; who looks at another's page is not the one to be told.
        "told": wanted.user is not None or seen.verdict.level == "good" or is_somebody_told(own_scope(request)),
        "steps": [
            (step, step.page and reverse(f"console:{step.page}")) for step in (first_steps(seen) if everyone else ())
        ],
        "destinations": [destination_row(status, seen.now, user) for status in seen.destinations.listed],
        "worst": [(group, runs_of(group, user)) for group in seen.groups.listed[:WORST] if not group.mute],
        "errors": reverse("console:errors", query={"user": user} if user else {}),
        "chart": day_chart(hours),
        "summary": _summary(hours, history.promptness(configuration_ids)),
        "hours": list(_hours(hours, user)),
        "today": sum(step.completed for step, _ in hours if step.start >= today),
        "last": max(filter(None, (each.last_success for each in seen.destinations.listed)), default=None),
    }
    return render_page(request, "home", context)


def _summary(hours: Sequence[tuple[Step, Step]], prompt: float | None) -> str:
    """`412 loads (+3 % against a week before) · 95 of 100 within 0.9 s of being due · 0.4 s on average (0.5 s)`."""
    loads, before = (sum(pair[place].completed for pair in hours) for place in (0, 1))
    said = counted(loads, "load")
    if before:
        said += f" ({_change(loads, before)} against a week before)"
    if prompt is not None:
        said += f" \u00b7 95 of 100 within {duration(prompt)} of being due"
    average, earlier = (_average([pair[place] for pair in hours]) for place in (0, 1))
    if average is not None:
        said += f" \u00b7 {duration(average)} on average"
        said += f" ({duration(earlier)})" if earlier is not None else ""
    return said


def _change(now: int, before: int) -> str:
    percent = round(100 * (now - before) / before)
    return f"{_SIGNS[(percent > 0) - (percent < 0)]}{number(abs(percent))} %"


def _average(steps: Sequence[Step]) -> float | None:
    timed = [(step.lag, step.completed) for step in steps if step.lag is not None]
    loads = sum(count for _, count in timed)
    return sum(lag * count for lag, count in timed) / loads if loads else None


def _hours(hours: Sequence[tuple[Step, Step]], user: str) -> Iterator[dict[str, Any]]:
    """The hours for the table, the latest first."""
    for step, before in reversed(hours):
        since, until = (f"{moment:%Y-%m-%dT%H:%MZ}" for moment in (step.start, step.start + history.HOUR))
        span = {"since": since, "until": until}
        yield {
            "clock": clock(step),
            "step": step,
            "before": before,
            "loads": runs(user, status="completed", **span),
            "failed": runs(user, status="failed", **span),
        }
