"""How the pages' templates show numbers, times and statuses."""

from datetime import datetime
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.safestring import SafeString

from sync.reporting import scope_of, suggested, words
from sync.web import shared

register = template.Library()
# Characters of a table's name in a list.
TAIL = 18
for name in (
    "age",
    "number",
    "rows",
    "duration",
    "size",
    "exact",
    "icon",
    "badge",
    "kind",
    "state",
    "error_name",
    "status_word",
    "day_spark",
    "curve_spark",
):
    register.filter(name, getattr(shared, name))
register.filter("credits", words.of_credits)


@register.filter
def percent(share: float | None) -> str:
    """`99.5 %`; never 100 % while something is missing."""
    if share is None:
        return shared.DASH
    return f"{int(share * 1000) / 10:g} %"


@register.filter
def tail(name: str) -> str:
    """The end of a table's full name, which tells it from others: `…_9C4A12F4_0000`."""
    last = name.rpartition(".")[2]
    return last if len(last) <= TAIL else f"\u2026{last[-TAIL:]}"


@register.filter
def rate(value: float) -> str:
    """`0.4`, `12`: so many a minute."""
    return f"{value:.1f}".removesuffix(".0") if value < 10 else words.number(value)


@register.simple_tag(takes_context=True)
def ago(context: template.Context, moment: datetime | None) -> SafeString | str:
    """`3 min ago`, as of when the page was made."""
    return shared.ago(moment, context["now"])


@register.simple_tag(takes_context=True)
def suggestions(context: template.Context) -> SafeString:
    """Options for the search of every page, before anything is typed, and where no script asks for others."""
    return shared.options(suggested("", scope_of(context["request"].user)))


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: Any) -> str:
    """The page's own address, with other parameters; None takes one away. A page always begins at its beginning."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in {"cursor": None, "newer": None, **changes}.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else context["request"].path
