"""The check of a destination: step by step while it is made, and what mends the step that failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.destinations import CHECK_ENDED, check_configuration, check_rate, check_slot
from sync.operations import backfill_executions
from sync.queue import BackfillFilter
from sync.reporting import BACKFILL, may
from sync.snowflake.setup import TITLES
from sync.web.console.access import demand, render_page, viewer
from sync.web.console.destination_access import about_destination, destination_page, told

# Seconds between two looks at a check that is being made.
WATCHED_EVERY = 1
# Seconds for counting what could be loaded once a destination works: a page of the count at least, and no more than a
# page may take.
COUNTED_IN = 0.15
_ICONS = {"ok": "completed", "failed": "failed", "not_reached": "off", "running": "processing"}
_WORDS = {"ok": "ok", "failed": "failed", "not_reached": "not reached", "running": "at it"}


@dataclass(frozen=True, slots=True)
class Check:
    """The latest check as pages show it. `is_running`: others may see how far it is. `failed`: the step that did."""

    at: datetime | None
    ok: bool
    is_running: bool
    steps: list[dict[str, Any]]
    failed: dict[str, Any] | None

    @property
    def passed(self) -> int:
        """Steps that have passed."""
        return sum(step["status"] == "ok" for step in self.steps)


def shown(about: SnowflakeConfiguration, now: datetime) -> Check:
    """The latest check; all steps, not reached, if there was none."""
    state = about.state
    kept, at = state.last_check or {}, state.last_check_at
    ended = kept.get("ended", True)
    is_running = not ended and at is not None and now - at < timedelta(seconds=CHECK_ENDED)
    none = [{"name": name, "title": title, "status": "not_reached", "subject": ""} for name, title in TITLES.items()]
    steps = [dict(step) for step in kept.get("steps") or none]
    if is_running:
        next_one = next((step for step in steps if step["status"] == "not_reached"), None)
        if next_one:
            next_one["status"] = "running"
    steps = [step | {"icon": _ICONS[step["status"]], "word": _WORDS[step["status"]]} for step in steps]
    failed = next((step for step in steps if step["status"] == "failed"), None)
    return Check(at, bool(kept.get("ok")) and ended, is_running, steps, failed)


@destination_page
def check_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """GET: how far the check is, or what it found. POST makes it: meanwhile the page before shows its steps."""
    if request.method == "POST":
        demand(request)
        with told(request):
            check_rate("check", viewer(request).pk)
            with check_slot(viewer(request).pk):
                report = check_configuration(about.pk)
            if not report.current:
                messages.warning(request, "The destination was changed while it was checked. Check it again.")
        return redirect("console:check", about.pk)
    now = timezone.now()
    check = shown(about, now)
    context = about_destination(request, about, "check", now=now, check=check, live_every=WATCHED_EVERY)
    if check.ok and may(viewer(request), BACKFILL):
        context |= _past(about)
    return render_page(request, "check", context, here="destinations")


def _past(about: SnowflakeConfiguration) -> dict[str, Any]:
    """How many past runs could be loaded, as far as can be counted in the time."""
    mine = BackfillFilter(user_ids=(about.user_id,))
    counts = backfill_executions(mine, dry_run=True, seconds=COUNTED_IN)
    return {"past": counts.queued, "past_is_whole": counts.finished}
