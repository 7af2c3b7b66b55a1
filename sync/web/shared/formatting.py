"""How pages show numbers, moments and statuses, and a dash if there is none."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sync.models import SyncAttempt, SyncQueueItem
from sync.reporting import ListedItem, RunItem, words

DASH = SafeString("\u2013")
# The icons' SVG paths, in a square of 16. An icon says the same as the word beside it.
_ICONS = {
    "completed": "M4.5 8.5l2.5 2.5 5-5.5",
    "failed": "M5.5 5.5l5 5m0-5l-5 5",
    "pending": "M8 4v4.5l3 1.5",
    "processing": "M6.5 5v6l5-3z",
    "skipped": "M4 12L12 4",
    "paused": "M6.2 5v6M9.8 5v6",
    "off": "M5 8h6",
    "attention": "M8 4v5m0 2v.4",
}
# Other statuses and outcomes, and which of the icons each has.
_LIKE = {
    "working": "completed",
    "live": "completed",
    "good": "completed",
    "valid": "completed",
    "logs in": "completed",
    "bad": "failed",
    "silent": "failed",
    "held back": "attention",
    "rescued": "failed",
    "trying": "pending",
    "untried": "pending",
    "homeless": "pending",
    "retry": "pending",
    "released": "pending",
    "refused": "skipped",
    "removed": "skipped",
    "stopped": "off",
    "revoked": "off",
    "no password": "off",
    "not active": "off",
    "expired": "off",
    "open": "attention",
    "over": "completed",
    "new": "pending",
    "failing": "failed",
    "gave up": "failed",
}
# How a run stands in a destination, as people read it.
STATUS_WORDS = {
    "pending": "waiting",
    "processing": "running",
    "completed": "in Snowflake",
    "failed": "failed",
    "skipped": "left out",
}
_WORDS = STATUS_WORDS | {
    "retry": "to be tried again",
    "released": "handed back",
    "refused": "came too late",
    "rescued": "worker died",
    "removed": "taken out of Snowflake",
    "trying": "trying again",
    "untried": "not tried yet",
    "homeless": "waiting",
    "off": "switched off",
}


def _or_dash(say: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: DASH if value is None else say(value)


number = _or_dash(words.number)
duration = _or_dash(words.duration)
size = _or_dash(words.size)
exact = _or_dash(lambda moment: f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}")


def rows(row: SyncQueueItem | SyncAttempt | ListedItem | RunItem) -> str:
    """Of a load: `12`; `0 of 1,000 rows kept` where rules have left some out, or might have."""
    return number(row.row_count) if row.source_row_count is None else words.kept(row.row_count, row.source_row_count)


def kind(name: str) -> str:
    """Which of the icons and colours a status has."""
    return _LIKE.get(name, name)


def icon(name: str) -> SafeString:
    """A status' icon, which screen readers skip."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7"/><path d="{}"/></svg>',
        _ICONS.get(kind(name), ""),
    )


def status_word(name: str) -> str:
    """A status, or an attempt's outcome, as a word."""
    return _WORDS.get(name, name)


def state(status: str, code: str | None) -> str:
    """The status as it is told: what is left out because its owner has no destination waits for one."""
    return "homeless" if status == "skipped" and code == "no_destination" else status


def badge(name: str | None) -> SafeString:
    """The same with its icon."""
    if not name:
        return DASH
    return format_html('<span class="badge is-{}">{}{}</span>', kind(name), icon(name), status_word(name))


def options(names: Iterable[str]) -> SafeString:
    """The names as options that are suggested."""
    return format_html_join("", "<option>{}</option>", ((name,) for name in names))


def error_name(code: str) -> str:
    """An error's code as people read it: `value does not fit`."""
    return code.replace("_", " ")


def ago(moment: datetime | None, now: datetime) -> SafeString:
    """`3 min ago`, with the moment itself for whoever points at it, and for machines."""
    return _time(moment, words.ago(moment, now)) if moment else DASH


def age(moment: datetime | None) -> SafeString:
    """The same without “ago”, for a table whose heading says it: `3 min`."""
    return _time(moment, words.ago(moment, timezone.now()).removesuffix(" ago")) if moment else DASH


def _time(moment: datetime, said: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), said)
