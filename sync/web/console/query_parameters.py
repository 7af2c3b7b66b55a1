"""The parameters of a page's address: those that are not understood are named, and left out."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, Workflow
from sync.queue import ItemFilter
from sync.reporting import (
    EVER,
    NEVER,
    Cursor,
    CursorError,
    Found,
    Scope,
    as_uuid,
    counted,
    in_utc,
    search,
    workflows_meant,
)
from sync.web.console.access import own_scope
from sync.web.shared import ItemForm, ItemQuery

# Asks for items that failed without a code.
NO_CODE = "-"
# Names for days, and how many of them before today they begin and end.
DAYS = {"today": (0, 0), "yesterday": (1, 1), "7d": (6, 0)}
# Runs that may be ticked at once: those of a page.
MOST_TICKED = 200
_NO_DAY = "This is no day: write 2026-01-31."


class ConsoleForm(ItemForm):
    """With days as the viewer's clock has them, a search, and where a list goes on."""

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

    def clean_destination(self) -> list[SnowflakeConfiguration]:
        """An id leads to a page that is there, or is not."""
        try:
            return super().clean_destination()
        except forms.ValidationError:
            if as_uuid(self.cleaned_data["destination"]):
                raise Http404("There is no such destination.") from None
            raise

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

    def _cursor(self, name: str) -> Cursor | None:
        try:
            return Cursor.decode(self.cleaned_data[name]) if self.cleaned_data[name] else None
        except CursorError:
            raise forms.ValidationError("The cursor is none of ours: the list begins at its beginning.") from None


# The parameters that choose runs.
CHOOSING = (*ItemForm.base_fields, "when", "first", "last", "q")


class ConsoleQuery(ItemQuery):
    """The items of one user or of all, of one destination or of all.

    `is_ticked`: only `runs` are meant, which somebody has ticked. Raises Http404 if a destination is not the viewer's.
    """

    form_class = ConsoleForm

    def __init__(self, request: HttpRequest, given: QueryDict | None = None, **default: str) -> None:
        asked = _renamed(request.GET if given is None else given)
        # PostgreSQL's text holds no NUL, so no run is called so.
        runs = (run.replace("\0", "\ufffd") for run in asked.pop("run", []))
        self.runs = tuple(dict.fromkeys(runs))[:MOST_TICKED]
        self.is_ticked = bool(asked.pop("ticked", None)) or bool(self.runs)
        for name, value in default.items():
            asked.setdefault(name, value)
        super().__init__(asked, own_scope(request), one=True)
        found = self.form.cleaned_data
        self.user = self.users[0] if self.users else None
        self.destination = self.destinations[0] if self.destinations else None
        self.scope = Scope(self.form.owner_id, self.destination.pk if self.destination else None)
        self.after: Cursor | None = found.get("cursor")
        self.before: Cursor | None = found.get("newer")
        self.search: Found | None = found.get("q")
        self.when: str = found.get("when") or ""
        self.first: date | None = found.get("first")
        self.last: date | None = found.get("last")

    @property
    def owner_id(self) -> UUID | None:
        """The owner of the items that are meant; if only a destination is given, the destination's owner."""
        return self.scope.user_id or (self.destination.user_id if self.destination else None)

    @property
    def is_of_failed(self) -> bool:
        """Whether it asks for what failed, whose times are those of the failure."""
        return self.status == SyncQueueItem.Status.FAILED

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The time that is asked for: a day's name, days, or moments."""
        if self.when in DAYS:
            return days(self.when)
        first = midnight(self.first) if self.first else EVER
        last = midnight(self.last + timedelta(days=1)) if self.last else NEVER
        return max(first, self.since or EVER), min(last, self.until or NEVER)

    @property
    def is_bounded(self) -> bool:
        """Whether it asks for some time alone."""
        return self.span != (EVER, NEVER)

    @property
    def what(self) -> ItemFilter:
        since, until = self.span
        what = replace(
            super().what,
            user_ids=self._owners,
            since=None if since == EVER else since,
            until=None if until == NEVER else until,
            by_creation=not self.is_of_failed,
        )
        if self.is_ticked:
            return replace(what, execution_ids=self.runs, since=None, until=None)
        if self.search is not None:
            return self._searched(what, self.search)
        return what

    def _searched(self, what: ItemFilter, found: Found) -> ItemFilter:
        """What a search means most: a run, or else a workflow, or somebody."""
        if found.runs:
            return replace(what, execution_ids=found.runs)
        if found.workflows:
            chosen = what.workflow_ids or [each.pk for each in found.workflows]
            workflows = [each for each in found.workflows if each.pk in chosen]
            owners = {each.user_id for each in workflows if each.user_id}
            return replace(
                what, workflow_ids=tuple(each.pk for each in workflows), user_ids=what.user_ids or tuple(owners) or None
            )
        if found.users and what.user_ids is None:
            return replace(what, user_ids=tuple(user.pk for user in found.users))
        return replace(what, execution_ids=())

    @property
    def _owners(self) -> tuple[UUID, ...] | None:
        """The owners of the items that are meant: of the destination or the workflow, if only that is given."""
        if self.owner_id:
            return (self.owner_id,)
        owners = {each.user_id for each in self.workflows}
        return tuple(owner for owner in owners if owner) if owners and None not in owners else None

    @property
    def words(self) -> list[str]:
        if self.is_ticked:
            return [counted(len(self.runs), "ticked run")]
        said = [("", self.when), ("from", self.first), ("to", self.last), ("search", self.parameters.get("q"))]
        return [*super().words, *(f"{name} {value}".strip() for name, value in said if value)]

    @property
    def chosen(self) -> dict[str, str]:
        """The parameters that choose items."""
        return {name: value for name, value in self.parameters.items() if name in CHOOSING}

    def address(self, *names: str, **more: str) -> str:
        """The query of an address: these of the parameters, and `more`."""
        return urlencode({name: self.parameters[name] for name in names if name in self.parameters} | more)


def midnight(day: date) -> datetime:
    """When a day begins by the viewer's clock."""
    return in_utc(timezone.make_aware(datetime.combine(day, time())))


def days(name: str) -> tuple[datetime, datetime]:
    """From when to when the days with this name are, by the viewer's clock."""
    first, last = DAYS[name]
    today = timezone.localdate()
    return midnight(today - timedelta(days=first)), midnight(today - timedelta(days=last - 1))


def _renamed(given: QueryDict) -> QueryDict:
    """Addresses that were kept have `code` for `error_code`."""
    renamed = given.copy()
    if "code" in given and "error_code" not in given:
        renamed.setlist("error_code", renamed.pop("code"))
    return renamed
