"""Which items a list shows, from its address: `status`, `error_code`, `destination`, `user`,
`workflow`, `since`, `until`, `q`.

The same words name items everywhere: in the list, in a confirmation, in links from other pages. What is not understood
is an error and finds nothing: it must never mean more than was asked for.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.formats import date_format

from sync.errors import CATALOGUE
from sync.models import SyncQueueItem
from sync.queue import ItemFilter
from sync.reporting import MomentField, destinations_meant, users_meant, workflow_meant
from sync.web.admin.item_search import Found, search

PARAMETERS = ("error_code", "destination", "user", "workflow", "since", "until")


class ItemQueryForm(forms.Form):
    """The parameters, checked. `user` is an e-mail address or an id, `destination` a name or an id; times are UTC."""

    status = forms.ChoiceField(choices=SyncQueueItem.Status.choices, required=False)
    error_code = forms.ChoiceField(
        choices=[("", "any"), *((code, code) for code in sorted(CATALOGUE))], required=False, label="Error code"
    )
    destination = forms.CharField(required=False, label="Destination", help_text="name or id")
    user = forms.CharField(required=False, label="User", help_text="e-mail address or id")
    workflow = forms.CharField(required=False, label="Workflow", help_text="its id")
    since = MomentField(required=False, label="Changed since", help_text="2026-01-31 or 2026-01-31 14:30, UTC")
    until = MomentField(required=False, label="Changed before")
    q = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_user(self) -> tuple[UUID, ...] | None:
        value = self.cleaned_data["user"].strip()
        return self._found([user.pk for user in users_meant(value)], f"There is no user {value}.") if value else None

    def clean_destination(self) -> tuple[UUID, ...] | None:
        value = self.cleaned_data["destination"].strip()
        return self._found(destinations_meant(value), f"There is no destination {value}.") if value else None

    def clean_workflow(self) -> tuple[UUID, ...] | None:
        value = self.cleaned_data["workflow"].strip()
        if not value:
            return None
        found = workflow_meant(value)
        return self._found([found.pk] if found else [], f"There is no workflow {value}.")

    def clean_q(self) -> Found | None:
        value = self.cleaned_data["q"].strip()
        if not value:
            return None
        found = search(value)
        if found.nothing:
            raise forms.ValidationError(found.words)
        return found

    @staticmethod
    def _found(ids: Sequence[UUID], otherwise: str) -> tuple[UUID, ...]:
        if not ids:
            raise forms.ValidationError(otherwise)
        return tuple(ids)


class ItemQuery:
    """What an address asks for: `what`, as the services want it, and in words."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        names = ItemQueryForm.base_fields
        self.parameters = {name: str(parameters[name]) for name in names if parameters.get(name)}
        self.form = ItemQueryForm(self.parameters, auto_id="filter_%s")
        self.errors = (
            [] if self.form.is_valid() else [str(error) for errors in self.form.errors.values() for error in errors]
        )
        self.what = self._what(self.form.cleaned_data) if not self.errors else ItemFilter(item_ids=())

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for more than a status."""
        return any(name != "status" for name in self.parameters)

    @property
    def status(self) -> str:
        return str(self.form.cleaned_data.get("status") or "") if not self.errors else ""

    @property
    def words(self) -> list[str]:
        """What is asked for, a phrase a parameter."""
        if self.errors:
            return []
        said = {
            "status": "status {}",
            "error_code": "error code {}",
            "destination": "destination {}",
            "user": "user {}",
            "workflow": "workflow {}",
        }
        words = [phrase.format(self.parameters[name]) for name, phrase in said.items() if name in self.parameters]
        if found := self.form.cleaned_data["q"]:
            words.append(found.words)
        moments = {"since": "changed since {}", "until": "changed before {}"}
        return words + [
            phrase.format(_moment(value)) for name, phrase in moments.items() if (value := self.form.cleaned_data[name])
        ]

    @staticmethod
    def _what(cleaned: dict[str, Any]) -> ItemFilter:
        found: Found = cleaned["q"] or Found()
        return ItemFilter(
            item_ids=found.item_ids,
            statuses=(cleaned["status"],) if cleaned["status"] else None,
            user_ids=_both(cleaned["user"], found.user_ids),
            workflow_ids=_both(cleaned["workflow"], found.workflow_ids),
            configuration_ids=cleaned["destination"],
            error_codes=(cleaned["error_code"],) if cleaned["error_code"] else None,
            since=cleaned["since"],
            until=cleaned["until"],
        )


def _both(one: tuple[UUID, ...] | None, other: tuple[UUID, ...] | None) -> tuple[UUID, ...] | None:
    """Those that both allow; None allows all."""
    if one is None or other is None:
        return one if other is None else other
    return tuple(id_ for id_ in one if id_ in other)


def _moment(value: datetime) -> str:
    return f"{date_format(value, 'Y-m-d H:i')} UTC"
