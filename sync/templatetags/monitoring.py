"""How the pages' templates show numbers, times and statuses."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sync.reporting import Cell, words
from sync.web import shared

register = template.Library()
for name in ("age", "number", "rows", "duration", "size", "exact", "icon", "badge", "kind"):
    register.filter(name, getattr(shared, name))

# What an hour of a destination was like, as a sign for who does not see its colour.
_SIGNS = {"completed": "\u2713", "failed": "\u2715", "mixed": "!", "pending": "\u21bb", "none": "\u00b7"}


@register.filter
def rate(value: float) -> str:
    """`0.4`, `12`: so many a minute."""
    return f"{value:.1f}".removesuffix(".0") if value < 10 else words.number(value)


@register.simple_tag(takes_context=True)
def ago(context: template.Context, moment: datetime | None) -> SafeString | str:
    """`3 min ago`, as of when the page was made."""
    return shared.ago(moment, context["now"])


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """The page's own address, with other parameters; None takes one away. A page always begins at its beginning."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in {"cursor": None, **changes}.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else context["request"].path


@register.filter
@lru_cache(4096)  # hours in which nothing happened are the same for all
def hour_cell(cell: Cell) -> SafeString:
    """An hour of a destination's strip: sign, colour, and `14:00 UTC: 12 loaded, 1 failed, 3 to be repeated`."""
    counts = ((cell.completed, "loaded"), (cell.failed, "failed"), (cell.repeated, "to be repeated"))
    said = ", ".join(f"{words.number(count)} {word}" for count, word in counts if count)
    outcome = _outcome(cell)
    return format_html(
        '<li class="is-{}" title="{}"><span aria-hidden="true">{}</span><span class="hidden">{}</span></li>',
        outcome,
        text := f"{cell.start:%H:%M} UTC: {said or 'nothing'}",
        _SIGNS[outcome],
        text,
    )


def _outcome(cell: Cell) -> str:
    if cell.failed:
        return "mixed" if cell.completed else "failed"
    if cell.completed:
        return "completed"
    return "pending" if cell.repeated else "none"
