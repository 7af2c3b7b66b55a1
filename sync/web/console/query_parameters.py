"""The parameters of a page's address: those that are not understood are named, and left out."""

from dataclasses import replace
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, QueryDict
from django.utils.http import urlencode

from accounts.models import SnowflakeConfiguration
from sync.queue import ItemFilter
from sync.reporting import Cursor, CursorError, Period, Scope, as_uuid
from sync.web.console.access import own_scope
from sync.web.shared import ItemForm, ItemQuery

# Asks for items that failed without a code.
NO_CODE = "-"


class ConsoleForm(ItemForm):
    """With where a list goes on, and the time that charts are of."""

    cursor = forms.Field(required=False)
    period = forms.Field(required=False)

    def clean_destination(self) -> list[SnowflakeConfiguration]:
        """An id leads to a page that is there, or is not."""
        try:
            return super().clean_destination()
        except forms.ValidationError:
            if as_uuid(self.cleaned_data["destination"]):
                raise Http404("There is no such destination.") from None
            raise

    def clean_cursor(self) -> Cursor | None:
        try:
            return Cursor.decode(self.cleaned_data["cursor"]) if self.cleaned_data["cursor"] else None
        except CursorError:
            raise forms.ValidationError("The cursor is none of ours: the list begins at its beginning.") from None


class ConsoleQuery(ItemQuery):
    """The items of one user or of all, of one destination or of all.

    Raises Http404 if a destination is not the viewer's.
    """

    form_class = ConsoleForm

    def __init__(self, request: HttpRequest, given: QueryDict | None = None) -> None:
        super().__init__(_renamed(request.GET if given is None else given), own_scope(request), one=True)
        found = self.form.cleaned_data
        self.user = self.users[0] if self.users else None
        self.destination = self.destinations[0] if self.destinations else None
        self.scope = Scope(self.form.owner_id, self.destination.pk if self.destination else None)
        self.after: Cursor | None = found.get("cursor")
        self.period = next((period for period in Period if period.word == found.get("period")), Period.HOUR)

    @property
    def owner_id(self) -> UUID | None:
        """The owner of the items that are meant; if only a destination is given, the destination's owner."""
        return self.scope.user_id or (self.destination.user_id if self.destination else None)

    @property
    def what(self) -> ItemFilter:
        codes = (self.error_code,) if self.error_code not in ("", NO_CODE) else None
        return replace(super().what, user_ids=(self.owner_id,) if self.owner_id else None, error_codes=codes)

    @property
    def but_status(self) -> dict[str, str]:
        """The parameters that choose items, without the status: a retry is of the failed items among these."""
        chosen_by = ItemForm.base_fields.keys() - {"status"}
        return {name: value for name, value in self.parameters.items() if name in chosen_by}

    def address(self, *names: str, **more: str) -> str:
        """The query of an address: these of the parameters, and `more`."""
        return urlencode({name: self.parameters[name] for name in names if name in self.parameters} | more)


def _renamed(given: QueryDict) -> QueryDict:
    """Addresses that were kept have `code` for `error_code`."""
    renamed = given.copy()
    if "code" in given and "error_code" not in given:
        renamed.setlist("error_code", renamed.pop("code"))
    return renamed
