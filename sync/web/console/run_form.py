"""The parameters of an address that choose runs, checked. One that is not understood is a problem."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.db.models import Model
from django.http import Http404

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem, Workflow
from sync.reporting import (
    Cursor,
    CursorError,
    Found,
    as_uuid,
    destinations_meant,
    search,
    several,
    users_meant,
    workflows_meant,
)
from sync.web.console.confirmation import ConfirmedForm
from sync.web.console.datetime_field import UtcDateTimeField

# Names for days, and how many of them before today they begin and end.
DAYS = {"today": (0, 0), "yesterday": (1, 1), "7d": (6, 0)}
_NO_DAY = "This is no day: write 2026-01-31."
Row = TypeVar("Row", bound=Model)


class RunForm(forms.Form):
    """A user is told by e-mail address or id, a destination by name or id, a workflow by id or name; times are the
    viewer's. The last two are where a list goes on.

    `owner_id`: the owner whose runs the viewer sees; None: everyone's.
    """

    status = forms.ChoiceField(
        choices=SyncQueueItem.Status.choices,
        required=False,
        error_messages={"invalid_choice": "There is no status %(value)s."},
    )
    error_code = forms.CharField(required=False)
    user = forms.CharField(required=False)
    destination = forms.CharField(required=False)
    workflow = forms.CharField(required=False)
    since = UtcDateTimeField(required=False)
    until = UtcDateTimeField(required=False)
    when = forms.ChoiceField(
        choices=[(name, name) for name in DAYS],
        required=False,
        error_messages={"invalid_choice": "There is no time %(value)s: it is today, yesterday or 7d."},
    )
    first = forms.DateField(required=False, error_messages={"invalid": _NO_DAY})
    last = forms.DateField(required=False, error_messages={"invalid": _NO_DAY})
    q = forms.CharField(required=False)
    cursor = forms.Field(required=False)
    newer = forms.Field(required=False)

    def __init__(self, given: Mapping[str, Any], owner_id: UUID | None) -> None:
        super().__init__(given)
        self._owner_id = owner_id

    def clean_user(self) -> User | None:
        """Staff may look at one user's runs; all others see their own, whatever they ask for."""
        asked = self.cleaned_data["user"]
        return _one("user", asked, users_meant(asked)) if asked and self._owner_id is None else None

    def clean_destination(self) -> SnowflakeConfiguration | None:
        """An id leads to a page that is there, or is not."""
        asked = self.cleaned_data["destination"]
        found = destinations_meant(asked, self.owner_id) if asked else []
        if asked and not found and as_uuid(asked):
            raise Http404("There is no such destination.")
        return _one("destination", asked, found) if asked else None

    def clean_workflow(self) -> list[Workflow]:
        """By its id, or all of one name."""
        asked = self.cleaned_data["workflow"]
        found = workflows_meant(asked, self.owner_id) if asked else []
        if asked and not found:
            raise forms.ValidationError(f"There is no workflow {asked}.")
        return found

    def clean_q(self) -> Found | None:
        return search(self.cleaned_data["q"], self.owner_id) if self.cleaned_data["q"] else None

    def clean_cursor(self) -> Cursor | None:
        return self._cursor("cursor")

    def clean_newer(self) -> Cursor | None:
        return self._cursor("newer")

    @property
    def owner_id(self) -> UUID | None:
        """The one user whose runs are meant."""
        user: User | None = self.cleaned_data.get("user")
        return user.pk if user else self._owner_id

    def _cursor(self, name: str) -> Cursor | None:
        try:
            return Cursor.decode(self.cleaned_data[name]) if self.cleaned_data[name] else None
        except CursorError:
            raise forms.ValidationError("The cursor is none of ours: the list begins at its beginning.") from None


# The parameters that choose runs.
CHOOSING = tuple(name for name in RunForm.base_fields if name not in ("cursor", "newer"))


def unknown_parameters(given: Iterable[str], *known: Iterable[str]) -> list[str]:
    """A problem for each parameter that a page which changes items does not know: it may have been meant to limit them.

    `known`: the names of the page, besides those of every confirmation.
    """
    names = {"csrfmiddlewaretoken", *ConfirmedForm.base_fields, *chain(*known)}
    return [f"There is no parameter {name}." for name in given if name not in names]


def _one(what: str, asked: str, found: list[Row]) -> Row:
    if len(found) == 1:
        return found[0]
    raise forms.ValidationError(several(asked, found) if found else f"There is no {what} {asked}.")
