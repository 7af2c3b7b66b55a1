"""What the queue's list shows: what is not understood is an error and finds nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms

from sync.errors import CATALOGUE
from sync.queue import ItemFilter
from sync.web.admin.item_search import Found, search
from sync.web.shared import ItemForm, ItemQuery

PARAMETERS = ("error_code", "destination", "user", "workflow", "since", "until")


class AdminForm(ItemForm):
    """With the list's search, and a choice of the known error codes."""

    error_code: forms.Field = forms.ChoiceField(
        choices=[("", "any"), *((code, code) for code in sorted(CATALOGUE))], required=False, label="Error code"
    )
    q = forms.CharField(required=False)

    def clean_q(self) -> Found | None:
        if not (asked := self.cleaned_data["q"]):
            return None
        found = search(asked)
        if found.nothing:
            raise forms.ValidationError(found.words)
        return found


class AdminQuery(ItemQuery):
    """Several users or destinations may be meant at once."""

    form_class = AdminForm

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self.search: Found = self.form.cleaned_data.get("q") or Found()

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for more than a status."""
        return any(name != "status" for name in self.parameters)

    @property
    def what(self) -> ItemFilter:
        if self.problems:
            return ItemFilter(item_ids=())
        what = super().what
        return replace(
            what,
            item_ids=self.search.item_ids,
            user_ids=_both(what.user_ids, self.search.user_ids),
            workflow_ids=_both(what.workflow_ids, self.search.workflow_ids),
        )

    @property
    def words(self) -> list[str]:
        return [*super().words, *filter(None, [self.search.words])]


def _both(one: tuple[UUID, ...] | None, other: tuple[UUID, ...] | None) -> tuple[UUID, ...] | None:
    """Those that both allow; None allows all."""
    if one is None or other is None:
        return one if other is None else other
    return tuple(id_ for id_ in one if id_ in other)
