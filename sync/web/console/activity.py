"""Who has changed what: found by person, face, action, what it was done to and when; and kept as a file."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import NoReverseMatch, reverse

from sync.activity import ACTIONS, Action, Kind
from sync.models import SyncActivity
from sync.reporting import (
    VIEW_ACTIVITY,
    ActivityFilter,
    Cursor,
    CursorError,
    changes_of,
    list_activity,
    scope_of,
    sentence_of,
)
from sync.web.console.access import console_page, render_page, viewer
from sync.web.console.datetime_field import UtcDateTimeField
from sync.web.console.exports import Columns, as_file, no_file

AT_ONCE = 50
# Entries of a file, at most: whoever wants more narrows the list down; and those that are held at once.
MOST, HELD = 10_000, 500
COLUMNS: Columns = {
    "at": "at",
    "who": "user_name",
    "from": "face",
    "token": "token_name",
    "what": lambda entry: str(sentence_of(entry)),
    "action": "action",
    "about": "subject_kind",
    "id": "subject_id",
    "name": "subject_name",
    "changes": lambda entry: "\n".join(changes_of(entry)),
    "count": "count",
    "note": "note",
}
_PAGES = {
    Kind.RUN: "console:run",
    Kind.DESTINATION: "console:destination",
    Kind.WORKFLOW: "console:workflow",
    Kind.CHANNEL: "console:channel",
}
_GONE = (Action.DESTINATION_DELETED, Action.CHANNEL_DELETED)


class ActivityForm(forms.Form):
    """What an address may ask for."""

    who = forms.CharField(required=False, max_length=320)
    face = forms.ChoiceField(required=False, choices=SyncActivity.Face.choices)
    action = forms.ChoiceField(required=False, choices=list(ACTIONS.items()))
    about = forms.CharField(required=False, max_length=320)
    since = UtcDateTimeField(required=False)
    until = UtcDateTimeField(required=False)
    cursor = forms.CharField(required=False)

    def clean_cursor(self) -> Cursor | None:
        try:
            return Cursor.decode(self.cleaned_data["cursor"]) if self.cleaned_data["cursor"] else None
        except CursorError:
            raise forms.ValidationError("The cursor is none of ours: the list begins at its beginning.") from None

    def filter(self, request: HttpRequest) -> ActivityFilter:
        """What of it was understood, and the viewer may see."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "cursor" and value}
        return ActivityFilter(owner_id=scope_of(viewer(request), VIEW_ACTIVITY), **found)


@console_page
def activity_page(request: HttpRequest) -> HttpResponse:
    """A page of entries, and the address of the next one."""
    form = ActivityForm(request.GET)
    problems = _problems(form)
    page = list_activity(form.filter(request), limit=AT_ONCE, after=form.cleaned_data.get("cursor"))
    context = {
        "lines": list(map(_line, page.entries)),
        "after": page.after,
        "problems": problems,
        "wanted": form.cleaned_data,
        "is_narrowed": any(form.cleaned_data.values()),
        "faces": SyncActivity.Face.choices,
        "actions": ACTIONS.items(),
        "is_everyones": scope_of(viewer(request), VIEW_ACTIVITY) is None,
    }
    return render_page(request, "activity", context)


@console_page
def activity_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same as a file, csv or json."""
    asked = ActivityForm(request.GET)
    if refused := no_file(_problems(asked)):
        return refused
    what = asked.filter(request)
    is_whole, parts = not what.entries[MOST : MOST + 1].exists(), _parts(what)
    return as_file(viewer(request).pk, form, "activity", COLUMNS, parts, is_whole=is_whole, most=MOST)


def _parts(what: ActivityFilter) -> Iterator[Callable[[], Sequence[SyncActivity]]]:
    """Each goes on where the one before has ended."""
    after: Cursor | None = None
    left = MOST

    def read() -> Sequence[SyncActivity]:
        nonlocal after, left
        page = list_activity(what, limit=min(HELD, left), after=after)
        after, left = page.after, left - len(page.entries)
        return page.entries

    yield read
    while after is not None and left:
        yield read


def _problems(form: ActivityForm) -> list[str]:
    return [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]


def _line(entry: SyncActivity) -> dict[str, Any]:
    return {
        "entry": entry,
        "sentence": sentence_of(entry),
        "address": _address(entry),
        "about": f"{entry.subject_kind}:{entry.subject_id}" if entry.subject_id else "",
        "changes": changes_of(entry),
    }


def _address(entry: SyncActivity) -> str:
    """Of the page of what it was done to; empty: it has none."""
    name = _PAGES.get(Kind(entry.subject_kind)) if entry.subject_kind in tuple(Kind) else None
    if not name or not entry.subject_id or entry.action in _GONE:
        return ""
    try:
        return reverse(name, args=[entry.subject_id])
    except NoReverseMatch:
        return ""
