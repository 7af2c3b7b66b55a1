"""What a page is asked for: the filters in its address."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem
from sync.reporting import Cursor, CursorError, Period, Scope, as_uuid, in_utc, several_users, users_meant
from sync.web.console.access import own_scope

# Asks for items that failed without a code.
NO_CODE = "-"


@dataclass(frozen=True, slots=True)
class Filters:
    """What was asked for, as far as it was understood; `problems` says what was not, and is left out."""

    scope: Scope
    user: User | None = None
    destination: SnowflakeConfiguration | None = None
    period: Period = Period.HOUR
    status: str = ""
    code: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: Cursor | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def owner_id(self) -> UUID | None:
        """Whose items are meant: a destination's are its owner's."""
        return self.scope.user_id or (self.destination.user_id if self.destination else None)


def filters(request: HttpRequest, given: QueryDict | None = None) -> Filters:
    """From the address, or from what a form sent. Raises Http404 where something is not the viewer's."""
    query = request.GET if given is None else given
    problems: list[str] = []
    mine = own_scope(request)
    user = _user(_text(query, "user"), mine, problems)
    owner = user.pk if user else mine
    destination = _destination(query.get("destination", ""), owner, problems)
    status = query.get("status", "")
    if status and status not in SyncQueueItem.Status.values:
        problems.append(f"There is no status {status!r}: all are shown.")
        status = ""
    return Filters(
        Scope(owner, destination.pk if destination else None),
        user,
        destination,
        _period(query.get("period", "")),
        status,
        _text(query, "code"),
        _moment(query, "since", problems),
        _moment(query, "until", problems),
        _cursor(query.get("cursor", ""), problems),
        problems,
    )


def _text(query: QueryDict, name: str) -> str:
    """PostgreSQL's text holds no NUL, so nothing is called so."""
    return query.get(name, "").replace("\0", "").strip()


def _period(word: str) -> Period:
    return next((period for period in Period if period.word == word), Period.HOUR)


def _user(asked: str, mine: UUID | None, problems: list[str]) -> User | None:
    """Staff may look at one user's; the others see their own, whatever they ask for."""
    if not asked or mine is not None:
        return None
    found = users_meant(asked)
    if len(found) > 1:
        problems.append(f"{several_users(asked, found)} Everyone's items are shown.")
    elif not found:
        problems.append(f"There is no user {asked!r}: everyone's items are shown.")
    return found[0] if len(found) == 1 else None


def _destination(asked: str, owner: UUID | None, problems: list[str]) -> SnowflakeConfiguration | None:
    if not asked:
        return None
    wanted = as_uuid(asked)
    if wanted is None:
        problems.append(f"{asked!r} is no destination: all are shown.")
        return None
    destinations = (
        SnowflakeConfiguration.objects.select_related(None)
        .select_related("user")
        .only("name", "account_identifier", "database", "schema", "user__email")
    )
    found = destinations.filter(pk=wanted).first()
    if found is None or owner not in (None, found.user_id):
        raise Http404("There is no such destination.")
    return found


def _moment(query: QueryDict, name: str, problems: list[str]) -> datetime | None:
    if not (text := query.get(name, "")):
        return None
    try:
        # A plus sign that was not encoded has become a space.
        found = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        if found is not None and found.tzinfo is not None:
            return in_utc(found)
    except ValueError:
        pass
    problems.append(f"{name} {text!r} is no time with a zone (2026-01-31T14:30:00Z): it is left out.")
    return None


def _cursor(word: str, problems: list[str]) -> Cursor | None:
    if not word:
        return None
    try:
        return Cursor.decode(word)
    except CursorError:
        problems.append("The cursor is none of ours: the list begins at its beginning.")
        return None
