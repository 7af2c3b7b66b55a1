"""How the monitoring pages show numbers, times and statuses."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sync.reporting import Cell, words
from sync.web.console import Bar

register = template.Library()

DASH = "\u2013"
# Paths in a square of 16: the icon says what the word beside it says.
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
# What else there is, and which of these it looks like.
_LIKE = {
    "working": "completed",
    "live": "completed",
    "good": "completed",
    "bad": "failed",
    "silent": "failed",
    "held back": "attention",
    "rescued": "failed",
    "trying": "pending",
    "retry": "pending",
    "released": "pending",
    "refused": "skipped",
    "stopped": "off",
}
_WORDS = {
    "retry": "to be tried again",
    "paused": "paused",
    "released": "handed back",
    "refused": "came too late",
    "rescued": "worker died",
    "trying": "trying again",
    "off": "switched off",
    "silent": "silent",
}


@register.filter
def number(value: float | None) -> str:
    """`1,234`; a dash where there is none."""
    return DASH if value is None else words.number(value)


@register.filter
def duration(seconds: float | None) -> str:
    """`12 s`; a dash where there is none."""
    return DASH if seconds is None else words.duration(seconds)


@register.filter
def size(count: float | None) -> str:
    """`1.3 MB`; a dash where there is none."""
    return DASH if count is None else words.size(count)


@register.filter
def rate(value: float) -> str:
    """`0.4`, `12`: so many a minute."""
    return f"{value:.1f}".removesuffix(".0") if value < 10 else words.number(value)


@register.filter
def icon(name: str) -> SafeString:
    """A status' icon, for the eye alone."""
    kind = _LIKE.get(name, name)
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<circle cx="8" cy="8" r="7"/><path d="{}"/></svg>',
        _ICONS.get(kind, ""),
    )


@register.filter
def badge(name: str) -> SafeString:
    """A status, or an attempt's outcome, as icon and word."""
    kind = _LIKE.get(name, name)
    return format_html('<span class="badge is-{}">{}{}</span>', kind, icon(name), _WORDS.get(name, name))


@register.filter
def kind(name: str) -> str:
    """Which of the icons and colours a status has."""
    return _LIKE.get(name, name)


@register.filter
def drawn(bar: Bar) -> SafeString:
    """A bar of a chart."""
    return format_html(
        '<rect class="is-{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>',
        bar.kind,
        bar.x,
        bar.y,
        bar.width,
        bar.height,
        bar.title,
    )


@register.filter
def exact(moment: datetime | None) -> str:
    """To the second, in UTC."""
    return words.exact(moment) if moment else DASH


@register.simple_tag(takes_context=True)
def ago(context: template.Context, moment: datetime | None) -> SafeString | str:
    """`3 min ago`, with the moment itself for whoever points at it, and for machines."""
    if moment is None:
        return DASH
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        words.exact(moment),
        words.ago(moment, context["now"]),
    )


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """The page's own address, with other parameters; None takes one away. A page always begins at its beginning."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in {"cursor": None, **changes}.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else context["request"].path


# What an hour of a destination was like, as a sign for who does not see its colour.
_SIGNS = {"completed": "\u2713", "failed": "\u2715", "mixed": "!", "pending": "\u21bb", "none": "\u00b7"}


@register.filter
@lru_cache(4096)  # hours in which nothing happened are the same for all
def hour_cell(cell: Cell) -> SafeString:
    """An hour of a destination's strip: sign, colour, and `14:00 UTC: 12 loaded, 1 failed, 3 to be repeated`."""
    said = [f"{words.number(cell.completed)} loaded"] if cell.completed else []
    said += [f"{words.number(cell.failed)} failed"] if cell.failed else []
    said += [f"{words.number(cell.repeated)} to be repeated"] if cell.repeated else []
    outcome = _outcome(cell)
    return format_html(
        '<li class="is-{}" title="{}"><span aria-hidden="true">{}</span><span class="hidden">{}</span></li>',
        outcome,
        text := f"{cell.start:%H:%M} UTC: {', '.join(said) or 'nothing'}",
        _SIGNS[outcome],
        text,
    )


def _outcome(cell: Cell) -> str:
    if cell.failed:
        return "mixed" if cell.completed else "failed"
    if cell.completed:
        return "completed"
    return "pending" if cell.repeated else "none"
