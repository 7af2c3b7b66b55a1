"""Columns of the lists: a field of a row or of what it belongs to, and how it is shown."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from sync.errors import CATALOGUE
from sync.web.shared import DASH

Say = Callable[[Any], str]


def column(name: str, path: str, say: Say, *, title: str = "", order: str | None = None) -> Say:
    """A column called `name`: `say` of what the path (`execution__workflow`) leads to; None where it leads nowhere.

    An empty path leads to the row itself. `order`: what it is sorted by, the path by default; empty: it is not.
    """

    @admin.display(description=title or name.replace("_", " "), ordering=path if order is None else order or None)
    def shown(row: Model) -> str:
        found: Any = row
        for field in path.split("__") if path else ():
            found = getattr(found, field, None)
        return say(found)

    shown.__name__ = name
    return shown


def link(row: Model | None, text: str = "") -> str:
    """To the row's page."""
    if row is None:
        return DASH
    address = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])  # noqa: SLF001 - Django's
    return format_html('<a href="{}">{}</a>', address, text or row)


def items_of(name: str) -> Say:
    """A row's field that leads to its items in the queue; `name` is the list's parameter."""

    def shown(pk: object) -> str:
        address = reverse("admin:sync_syncqueueitem_changelist", query={name: pk})
        return format_html('<a href="{}">Queue items</a>', address)

    return column("items", "pk", shown, title="In the queue")


def error_code(code: str | None) -> str:
    """A code with its meaning as title."""
    if not code:
        return DASH
    meaning = CATALOGUE[code].meaning if code in CATALOGUE else "Not in the catalogue."
    words = format_html_join(mark_safe("_<wbr>"), "{}", ((word,) for word in code.split("_")))
    return format_html('<abbr title="{}">{}</abbr>', meaning, words)
