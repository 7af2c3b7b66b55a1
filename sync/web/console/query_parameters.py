"""The parameters of a page's address: those that are not understood are named, and left out."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem, Workflow
from sync.queue import ItemFilter
from sync.reporting import EVER, NEVER, Cursor, Found, Scope, counted, in_utc
from sync.web.console.access import own_scope
from sync.web.console.run_form import CHOOSING, DAYS, RunForm, unknown_parameters
from sync.web.shared import error_name, exact, status_word

# Asks for items that failed without a code.
NO_CODE = "-"
# Runs that may be ticked at once: those of a page.
MOST_TICKED = 200


class ConsoleQuery:
    """The items of one user or of all, of one destination or of all; `problems` says what is not understood.

    `parameters`: those that were understood, as they were given. `unknown`: problems of pages that change items.
    `is_ticked`: only `runs` are meant, which somebody has ticked. Raises Http404 if a destination is not the viewer's.
    """

    def __init__(self, request: HttpRequest, given: QueryDict | None = None, **default: str) -> None:
        asked = _renamed(request.GET if given is None else given)
        # PostgreSQL's text holds no NUL, so no run is called so.
        runs = (run.replace("\0", "\ufffd") for run in asked.pop("run", []))
        self.runs = tuple(dict.fromkeys(runs))[:MOST_TICKED]
        self.is_ticked = bool(asked.pop("ticked", None)) or bool(self.runs)
        for name, value in default.items():
            asked.setdefault(name, value)
        form = RunForm(asked, own_scope(request))
        self.unknown = unknown_parameters(asked, form.fields)
        self.problems = [str(error) for errors in form.errors.values() for error in errors]
        found = form.cleaned_data
        self.parameters = {name: str(asked[name]) for name in form.fields if found.get(name)}
        self.status, self.error_code = found.get("status") or "", found.get("error_code") or ""
        self.user: User | None = found.get("user")
        self.destination: SnowflakeConfiguration | None = found.get("destination")
        self.workflows: list[Workflow] = found.get("workflow") or []
        self.since, self.until = found.get("since"), found.get("until")
        self.scope = Scope(form.owner_id, self.destination.pk if self.destination else None)
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
        first = _midnight(self.first, 0, EVER) if self.first else EVER
        last = _midnight(self.last, 1, NEVER) if self.last else NEVER
        return max(first, self.since or EVER), min(last, self.until or NEVER)

    @property
    def is_bounded(self) -> bool:
        """Whether it asks for some time alone."""
        return self.span != (EVER, NEVER)

    @property
    def what(self) -> ItemFilter:
        since, until = self.span
        what = ItemFilter(
            statuses=(self.status,) if self.status else None,
            user_ids=self._owners,
            workflow_ids=tuple(each.pk for each in self.workflows) or None,
            configuration_ids=(self.destination.pk,) if self.destination else None,
            error_codes=(self.error_code,) if self.error_code else None,
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
        """A phrase for each parameter."""
        if self.is_ticked:
            return [counted(len(self.runs), "ticked run")]
        said: list[tuple[str, object]] = [
            ("", status_word(self.status)),
            ("error", error_name(self.error_code)),
            ("destination", self.destination),
            ("user", self.user),
            ("workflow", ", ".join(map(str, self.workflows))),
            ("changed since", self.since and exact(self.since)),
            ("changed before", self.until and exact(self.until)),
            ("", self.when),
            ("from", self.first),
            ("to", self.last),
            ("search", self.parameters.get("q")),
        ]
        return [f"{name} {value}".strip() for name, value in said if value]

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


def _midnight(day: date, later: int, beyond: datetime) -> datetime:
    """When the day begins that is so many days later; `beyond` where there are no moments any more."""
    try:
        return midnight(day + timedelta(days=later))
    except (OverflowError, ValueError):
        return beyond


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
