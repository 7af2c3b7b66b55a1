"""How things are shown: a status as text and icon, an age in words, an error with what it means."""

from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from sync.errors import CATALOGUE
from sync.reporting import words

# Paths in a square of 16; the icon says the same as the word beside it, to those who see it.
_ICONS = {
    "pending": "M8 4v4.5l3 1.5",
    "processing": "M6.5 5v6l5-3z",
    "completed": "M4.5 8.5l2.5 2.5 5-5.5",
    "failed": "M5.5 5.5l5 5m0-5l-5 5",
    "skipped": "M4 12L12 4",
}
# What attempts are called, as the statuses that they look like.
_LIKE = {
    "retry": "pending",
    "paused": "pending",
    "released": "pending",
    "refused": "skipped",
    "rescued": "failed",
    "live": "completed",
    "working": "completed",
    "trying": "pending",
    "off": "skipped",
    "silent": "failed",
    "held back": "failed",
    "stopped": "skipped",
}
OUTCOMES = {
    "retry": "to be tried again",
    "paused": "destination paused",
    "released": "handed back",
    "refused": "came too late",
    "rescued": "worker died",
    "trying": "paused, trying again",
    "off": "switched off",
}
DASH = "\u2013"


def badge(status: str) -> SafeString:
    """A status or an attempt's outcome, as icon and word."""
    kind = _LIKE.get(status, status)
    path = _ICONS.get(kind, "")
    return format_html(
        '<span class="sync-badge sync-{}"><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="7"/>'
        '<path d="{}"/></svg>{}</span>',
        kind if path else "other",
        path,
        OUTCOMES.get(status, status),
    )


def age(moment: datetime | None) -> SafeString:
    """How long ago, `3 min`; the moment itself as title."""
    if moment is None:
        return mark_safe(DASH)  # noqa: S308 - a constant
    said = words.ago(moment, timezone.now()).removesuffix(" ago")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact(moment), said)


def exact(moment: datetime | None) -> str:
    """A moment to the second, in UTC."""
    return words.exact(moment) if moment else DASH


def error_code(code: str | None) -> SafeString | str:
    """A code with its meaning as title."""
    if not code:
        return DASH
    meaning = CATALOGUE[code].meaning if code in CATALOGUE else "Not in the catalogue."
    words = format_html_join(mark_safe("_<wbr>"), "{}", ((word,) for word in code.split("_")))
    return format_html('<abbr title="{}">{}</abbr>', meaning, words)


def link(name: str, id_: UUID | int | str | None, text: object) -> SafeString | str:
    """A link to the page of a row; `name` is the model's, `sync_syncqueueitem`."""
    if id_ is None:
        return DASH
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}_change", args=[id_]), text)


def size(number: int | None) -> str:
    """Bytes, `1.4 MB`."""
    return DASH if number is None else words.size(number)


def number(value: int | None) -> str:
    """`1,234`, or a dash."""
    return DASH if value is None else words.number(value)
