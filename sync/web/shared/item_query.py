"""Which items somebody asks for: the same parameters in the address of every page, in a confirmation, in a link.

The parameters are `status`, `error_code`, `user`, `destination`, `workflow`, `since` and `until`. A parameter that is
not understood is a problem; if something is to be changed, it never widens the choice.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django import forms
from django.db.models import Model

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem, Workflow
from sync.queue import ItemFilter
from sync.reporting import destinations_meant, several, users_meant, workflow_meant
from sync.web.shared.confirmation import ConfirmedForm
from sync.web.shared.datetime_field import UtcDateTimeField
from sync.web.shared.formatting import exact

Row = TypeVar("Row", bound=Model)


class ItemForm(forms.Form):
    """The parameters, checked. A user is told by e-mail address or id, a destination by name or id; times are
    the viewer's.

    `owner_id`: the owner whose items the viewer sees; None: everyone's. `one`: each name has to mean a single user or
    destination.
    """

    status = forms.ChoiceField(
        choices=SyncQueueItem.Status.choices,
        required=False,
        error_messages={"invalid_choice": "There is no status %(value)s."},
    )
    error_code: forms.Field = forms.CharField(required=False)
    user = forms.CharField(required=False, label="User", help_text="e-mail address or id")
    destination = forms.CharField(required=False, label="Destination", help_text="name or id")
    workflow = forms.CharField(required=False, label="Workflow", help_text="its id")
    since = UtcDateTimeField(required=False, label="Changed since", help_text="2026-01-31 or 2026-01-31 14:30")
    until = UtcDateTimeField(required=False, label="Changed before")

    def __init__(self, given: Mapping[str, Any], owner_id: UUID | None = None, *, one: bool = False) -> None:
        super().__init__(given, auto_id="filter_%s")
        self._owner_id, self._one = owner_id, one

    def clean_user(self) -> list[User]:
        """Staff may look at one user's items; all others see their own, whatever they ask for."""
        asked = self.cleaned_data["user"]
        return self._found("user", asked, users_meant(asked)) if asked and self._owner_id is None else []

    def clean_destination(self) -> list[SnowflakeConfiguration]:
        asked = self.cleaned_data["destination"]
        return self._found("destination", asked, destinations_meant(asked, self.owner_id)) if asked else []

    def clean_workflow(self) -> list[Workflow]:
        asked = self.cleaned_data["workflow"]
        found = workflow_meant(asked, self.owner_id) if asked else None
        return self._found("workflow", asked, [found] if found else []) if asked else []

    @property
    def owner_id(self) -> UUID | None:
        """The one user whose items are meant."""
        users: list[User] = self.cleaned_data.get("user") or []
        return users[0].pk if len(users) == 1 else self._owner_id

    def _found(self, what: str, asked: str, found: list[Row]) -> list[Row]:
        if not found:
            raise forms.ValidationError(f"There is no {what} {asked}.")
        if self._one and len(found) > 1:
            raise forms.ValidationError(several(asked, found))
        return found


class ItemQuery:
    """What an address asks for, as far as it is understood; `problems` says what is not understood.

    `parameters`: those that were understood, as they were given. `unknown`: problems of pages that change items.
    """

    form_class: ClassVar[type[ItemForm]] = ItemForm

    def __init__(self, given: Mapping[str, Any], owner_id: UUID | None = None, *, one: bool = False) -> None:
        self.form = self.form_class(given, owner_id, one=one)
        self.unknown = unknown_parameters(given, self.form.fields)
        self.problems = [str(error) for errors in self.form.errors.values() for error in errors]
        found = self.form.cleaned_data
        self.parameters = {name: str(given[name]) for name in self.form.fields if found.get(name)}
        self.status, self.error_code = found.get("status") or "", found.get("error_code") or ""
        self.users: list[User] = found.get("user") or []
        self.destinations: list[SnowflakeConfiguration] = found.get("destination") or []
        self.workflows: list[Workflow] = found.get("workflow") or []
        self.since, self.until = found.get("since"), found.get("until")

    @property
    def what(self) -> ItemFilter:
        """The filter for the services."""
        return ItemFilter(
            statuses=(self.status,) if self.status else None,
            user_ids=_ids(self.users),
            workflow_ids=_ids(self.workflows),
            configuration_ids=_ids(self.destinations),
            error_codes=(self.error_code,) if self.error_code else None,
            since=self.since,
            until=self.until,
        )

    @property
    def words(self) -> list[str]:
        """A phrase for each parameter."""
        said: list[tuple[str, Sequence[object]]] = [
            ("status", [self.status]),
            ("error code", [self.error_code]),
            ("destination", self.destinations),
            ("user", self.users),
            ("workflow", self.workflows),
            ("changed since", [self.since and exact(self.since)]),
            ("changed before", [self.until and exact(self.until)]),
        ]
        return [f"{name} {', '.join(map(str, found))}" for name, found in said if any(found)]


def unknown_parameters(given: Iterable[str], *known: Iterable[str]) -> list[str]:
    """A problem for each parameter that a page which changes items does not know: it may have been meant to limit them.

    `known`: the names of the page, besides those of every confirmation.
    """
    names = {"csrfmiddlewaretoken", *ConfirmedForm.base_fields, *chain(*known)}
    return [f"There is no parameter {name}." for name in given if name not in names]


def _ids(rows: Sequence[Model]) -> tuple[UUID, ...] | None:
    return tuple(row.pk for row in rows) or None
