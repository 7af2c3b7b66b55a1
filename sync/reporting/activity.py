"""Who has changed what: found, page by page, the newest first, and said in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from sync.activity import Action, Kind
from sync.models import SyncActivity
from sync.reporting.cursor import Cursor
from sync.reporting.words import counted

# What an id begins with is enough to know it by.
_SHORT = 8
_DONE_TO_RUNS: dict[str, str] = {
    Action.RETRY: "retry of {}",
    Action.SKIP: "skip of {}",
    Action.LOAD_AGAIN: "{} loaded again",
    Action.BACKFILL: "backfill of {}",
    Action.RULES_APPLIED: "{}, loaded again as the rules are now",
    Action.EXCLUDED_REMOVED: "{} that rules exclude, to be taken out of Snowflake",
    Action.RESULTS_PRUNED: "{} past retention, to be taken out of Snowflake",
    Action.EXCLUDED_BROUGHT_BACK: "{} brought back that no rule excludes any more",
}
_SENTENCES: dict[str, str] = {
    Action.ERASED: "results of {} erased from Snowflake",
    Action.RULES_CHANGED: "rules of {} changed",
    Action.RETENTION_CHANGED: "retention of {} changed",
    Action.HASH_KEY_ROTATED: "new hash key for {}",
    Action.DESTINATION_MADE: "destination {} made",
    Action.DESTINATION_CHANGED: "{} changed",
    Action.DESTINATION_DELETED: "destination {} deleted",
    Action.DESTINATION_CHECKED: "check of {}",
    Action.FINDING_ADOPTED: "adopted at {}, as it is",
    Action.DESTINATION_PAUSED: "{} paused",
    Action.DESTINATION_RESUMED: "{} resumed",
    Action.KEY_PREPARED: "next key pair made for {}",
    Action.KEY_ROTATED: "new key pair of {} in use",
    Action.ERROR_MUTED: "{} muted",
    Action.ERROR_UNMUTED: "{} no longer muted",
    Action.ALERTS_MUTED: "alerts muted: {}",
    Action.ALERTS_UNMUTED: "alerts no longer muted: {}",
    Action.CHANNEL_MADE: "channel {} made",
    Action.CHANNEL_CHANGED: "channel {} changed",
    Action.CHANNEL_TESTED: "test of channel {}",
    Action.CHANNEL_PAUSED: "channel {} paused",
    Action.CHANNEL_RESUMED: "channel {} resumed",
    Action.CHANNEL_DELETED: "channel {} deleted",
    Action.PREFERENCES_CHANGED: "preferences of {} changed",
    Action.TOKEN_MADE: "token {} made",
    Action.TOKEN_REVOKED: "token {} revoked",
    Action.PASSWORD_SET: "password of {} set",
    Action.RIGHTS_CHANGED: "rights of {} changed",
    Action.USER_MADE: "user {} made",
    Action.USER_FORGOTTEN: "name of a deleted user taken out of {}",
    Action.ENCRYPTION_ROTATED: "{} encrypted anew",
    Action.HISTORY_PRUNED: "{} pruned from the history",
    Action.MIGRATED: "database migrated",
}


# Of what was done to neither runs nor something with a name: what was counted.
_COUNTED: dict[str, str] = {
    Action.ENCRYPTION_ROTATED: "secret",
    Action.HISTORY_PRUNED: "attempt",
    Action.USER_FORGOTTEN: "line",
}


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which entries are meant; empty or None means all.

    `owner_id`: those about things of this user. `who`: a part of a user's or a token's name. `about`: a part of what it
    was done to, its id, or `kind:id`. `since` and `until` bound when it was done, the first inclusive, the second not.
    """

    owner_id: UUID | None = None
    who: str = ""
    face: str = ""
    action: str = ""
    about: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def entries(self) -> "QuerySet[SyncActivity]":
        """The newest first."""
        given = {
            "owner_id": self.owner_id,
            "face": self.face or None,
            "action": self.action or None,
            "at__gte": self.since,
            "at__lt": self.until,
        }
        found = SyncActivity.objects.filter(**{name: value for name, value in given.items() if value is not None})
        if self.who:
            found = found.filter(Q(user_name__icontains=self.who) | Q(token_name__icontains=self.who))
        kind, separator, id_ = self.about.partition(":")
        if separator and kind in tuple(Kind):
            found = found.filter(subject_kind=kind, subject_id=id_)
        elif self.about:
            found = found.filter(Q(subject_name__icontains=self.about) | Q(subject_id__istartswith=self.about))
        return found.order_by("-at", "-id")


class ActivityPage(NamedTuple):
    """Entries, and where to go on; None: that was the last page."""

    entries: list[SyncActivity]
    after: Cursor | None


class Sentence(NamedTuple):
    """What was done, around the name of what it was done to."""

    before: str
    subject: str
    after: str

    def __str__(self) -> str:
        return "".join(self)


def list_activity(what: ActivityFilter, *, limit: int, after: Cursor | None = None) -> ActivityPage:
    """At most `limit` entries after a cursor, the newest first."""
    found = what.entries
    if after is not None:
        found = found.filter(Q(at__lt=after.at) | Q(at=after.at, pk__lt=after.id.int), at__lte=after.at)
    page = list(found[: limit + 1])
    end = Cursor(page[limit - 1].at, UUID(int=page[limit - 1].pk)) if len(page) > limit else None
    return ActivityPage(page[:limit], end)


def sentence_of(entry: SyncActivity) -> Sentence:
    """The same on the page, in exports and by the API: `retry of 23 runs of Old account`."""
    subject = entry.subject_name or entry.subject_id[:_SHORT]
    # One of a later version is said by its name.
    pattern = _SENTENCES.get(entry.action, f"{entry.action.replace('_', ' ')} {{}}")
    runs = ""
    if entry.action in _COUNTED:
        runs = counted(entry.count or 0, _COUNTED[entry.action])
    elif entry.action in _DONE_TO_RUNS:
        pattern = _DONE_TO_RUNS[entry.action]
        if entry.subject_kind == Kind.RUN:
            runs, subject = "run ", f"{entry.subject_name} {entry.subject_id[:_SHORT]}".strip()
        else:
            between = " in " if entry.subject_kind == Kind.DESTINATION else " of "
            runs = counted(entry.count or 0, "run") + (between if subject else "")
    before, _, after = pattern.partition("{}")
    return Sentence(before + runs, subject if "{}" in pattern else "", after)


def changes_of(entry: SyncActivity) -> list[str]:
    """A line for each field: `schema: PUBLIC → SALES`; of a secret that it has changed."""
    return [_line(change) for change in entry.changes]


def _line(change: dict[str, object]) -> str:
    field, old, new = (change.get(name) for name in ("field", "from", "to"))
    name = str(field).replace("_", " ") if not str(field).startswith("rule ") else str(field)
    if old is None and new == "changed":
        return f"{name}: changed"
    said = [" ".join(_value(value).split()) for value in (old, new) if value is not None]
    return f"{name}: {' → '.join(said)}" if old is not None and new is not None else _one_sided(name, said, new)


def _one_sided(name: str, said: list[str], new: object) -> str:
    return f"{name}: {said[0]}" if new is not None else f"{name}: taken away ({said[0]})"


def _value(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value) or "empty"
