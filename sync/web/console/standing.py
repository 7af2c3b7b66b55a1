"""How a destination stands, in a line of a table, and in a sentence that ends in what to do about it."""

from datetime import datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone

from sync.errors import CATALOGUE
from sync.reporting import BEGUN, BY_HAND, Availability, DestinationStatus, counted, duration
from sync.web.console.cures import Cure, cure_of_pause, destination_address, runs
from sync.web.console.query_parameters import midnight

# Seconds that the oldest due run may wait before the sentence mentions it.
LATE = 120.0


class Standing(NamedTuple):
    """The icon's name, the sentence, what else there is to say, and the cures, the best first."""

    icon: str
    text: str
    more: str
    cures: tuple[Cure, ...]


def standing_of(status: DestinationStatus) -> Standing:
    """Working, paused, trying or off."""

    def cure(words: str, page: str, *, posts: bool = False, part: str = "") -> Cure:
        return Cure(words, reverse(f"console:{page}", args=[status.id]) + part, posts)

    check = cure("Check now", "check", posts=True)
    resume = cure("Resume", "resume", posts=True)
    waits = f"{counted(status.waiting, 'run')} wait{'s' if status.waiting == 1 else ''}" if status.waiting else ""
    if status.state is Availability.OFF:
        text = "Switched off: nothing is loaded here, and what completes is left out until it is switched on."
        return Standing("off", text, waits and f"{waits}.", (cure("Switch on", "switch", posts=True),))
    if status.state in (Availability.WORKING, Availability.UNTRIED):
        return _working(status, waits, check)
    state = status.configuration.state
    code = state.breaker_code or ""
    entry = CATALOGUE.get(code)
    waits = f"{waits}." if waits else "No run waits."
    if code == BY_HAND:
        by = status.paused_by
        who = f" by {by.user_name}" if by and by.user_name else " by hand"
        why = f": {by.note.removesuffix('.')}" if by and by.note else ""
        return Standing("paused", f"Paused{who}{why}.", waits, (resume,))
    text, more = status.meaning, " ".join(filter(None, [status.pause.remedy, waits]))
    cures = (check, resume)
    if status.state is Availability.TRYING:
        text += " The pause is over: the next run tries whether it works again."
    elif code == BEGUN:
        cures = (cure("Show the SQL", "let-in"), check)
    elif entry and entry.refuses:
        cures = (cure("Enter new credentials", "settings", part="#way-in"), check)
    return Standing(status.state.value, text, more, cures)


def _working(status: DestinationStatus, waits: str, check: Cure) -> Standing:
    if status.state is Availability.UNTRIED:
        text = "Nothing has been loaded here yet. Check it, so that you know whether the first run will arrive."
        if status.last_success is not None:
            text = "Not tried yet as it is set now: the next run tries it, and Check now tries it at once."
        return Standing("untried", text, waits and f"{waits}.", (check,))
    if status.lag > LATE:
        text = f"It works, and is late: {waits}, the oldest for {duration(status.lag)}."
        return Standing("attention", text, "", (check,))
    if status.failed_last_day:
        text = f"It works; {counted(status.failed_last_day, 'run')} failed in the last 24 hours."
        failed = reverse("console:runs", query={"status": "failed", "destination": str(status.id)})
        return Standing("working", text, waits and f"{waits}.", (Cure("See why", failed),))
    return Standing("working", "It works.", f"{waits or 'Nothing waits'}.", ())


def destination_row(status: DestinationStatus, now: datetime, user: str = "") -> dict[str, Any]:
    """A destination with what it did today, and the addresses of what is counted, for who looks at `user`'s things."""
    begun = midnight(timezone.localdate(now))
    today = [cell for cell in status.record.cells if cell.start >= begun]
    loaded, failed = (sum(getattr(cell, name) for cell in status.record.cells) for name in ("completed", "failed"))
    its = {"destination": str(status.id)}
    is_paused = status.state in (Availability.PAUSED, Availability.TRYING)
    return {
        "status": status,
        "state": status.state,
        "loaded": loaded,
        "ended": loaded + failed,
        "runs": sum(cell.completed for cell in today),
        "rows": sum(cell.rows for cell in today),
        "address": destination_address(status.id),
        "waiting": runs(user, status="pending", **its),
        "failed": runs(user, status="failed", **its),
        "today": runs(user, status="completed", when="today", **its),
        "cure": cure_of_pause(status.pause.code, status.id) if is_paused else None,
    }
