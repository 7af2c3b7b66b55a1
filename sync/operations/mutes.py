"""Groups of failures, and kinds of alerts, that somebody does not want to hear of for a while."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import SnowflakeConfiguration
from sync.activity import Action, Change, Kind, actor, record
from sync.alerts import ANY_KIND, WORDS
from sync.destinations import NotDoneError
from sync.models import SyncMute, Workflow
from sync.postgres import database_now, storable

# Words for how long, and the longest that a date may be away.
SPANS = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7)}
LONGEST = timedelta(days=366)


class BadMuteError(NotDoneError):
    """The moment until which to mute is over, or too far away."""

    code = "bad_mute"
    what_to_do = "Name a moment within the next 366 days, or mute it until it changes."


def mute_errors(
    owner_id: UUID | None,
    error_code: str,
    workflow: Workflow | None,
    destination: SnowflakeConfiguration | None,
    until: datetime | None,
) -> SyncMute:
    """Mutes a group in the view of this owner, or in that of everyone's things; `until` None: until a run fails so.

    Raises BadMuteError.
    """
    return _mute(
        Action.ERROR_MUTED, _key(owner_id, "", error_code, workflow, destination), until, workflow, destination
    )


def mute_alerts(
    owner_id: UUID | None,
    kind: str,
    workflow: Workflow | None,
    destination: SnowflakeConfiguration | None,
    until: datetime | None,
) -> SyncMute:
    """Channels of this owner, or of everyone's things, are not told of alerts of a kind, or, as ANY_KIND, of any;
    of all workflows and destinations where none is given. `until` None: until it is unmuted. Raises BadMuteError.
    """
    if kind not in (ANY_KIND, *WORDS):
        raise BadMuteError(f"There is no {kind}.")
    key = _key(owner_id, kind, "", workflow, destination)
    return _mute(Action.ALERTS_MUTED, key, until, workflow, destination)


def _mute(
    action: Action,
    key: dict[str, Any],
    until: datetime | None,
    workflow: Workflow | None,
    destination: SnowflakeConfiguration | None,
) -> SyncMute:
    now = database_now()
    if until is not None and not now < until <= now + LONGEST:
        raise BadMuteError(f"{until:%Y-%m-%d %H:%M} is over, or more than a year away.")
    who = actor()
    with transaction.atomic():
        _one_at_a_time()
        SyncMute.objects.filter(until__lt=now).delete()
        earlier = SyncMute.objects.filter(**key).first()
        given = {"until": until, "muted_at": now, "muted_by": who.user_id, "muted_by_name": storable(who.name)}
        mute, _ = SyncMute.objects.update_or_create(**key, defaults=given)
        change: Change = {"field": "until", "from": _said(earlier) if earlier else None, "to": _said(mute)}
        _record(action, mute, workflow, destination, change)
    return mute


def unmute_errors(
    owner_id: UUID | None, error_code: str, workflow: Workflow | None, destination: SnowflakeConfiguration | None
) -> bool:
    """Ends a mute; False: there is none."""
    key = _key(owner_id, "", error_code, workflow, destination)
    return _unmute(Action.ERROR_UNMUTED, key, workflow, destination)


def unmute_alerts(
    owner_id: UUID | None, kind: str, workflow: Workflow | None, destination: SnowflakeConfiguration | None
) -> bool:
    """Ends a mute of alerts; False: there is none."""
    return _unmute(Action.ALERTS_UNMUTED, _key(owner_id, kind, "", workflow, destination), workflow, destination)


def _unmute(
    action: Action, key: dict[str, Any], workflow: Workflow | None, destination: SnowflakeConfiguration | None
) -> bool:
    with transaction.atomic():
        _one_at_a_time()
        mute = SyncMute.objects.filter(**key).first()
        if mute is None:
            return False
        _record(action, mute, workflow, destination, {"field": "until", "from": _said(mute), "to": None})
        mute.delete()
    return True


def _key(
    owner_id: UUID | None,
    kind: str,
    error_code: str,
    workflow: Workflow | None,
    destination: SnowflakeConfiguration | None,
) -> dict[str, Any]:
    """As a filter: equal to None is null."""
    return {
        "owner_id": owner_id,
        "kind": kind,
        "error_code": error_code,
        "workflow_id": workflow.pk if workflow else None,
        "configuration_id": destination.pk if destination else None,
    }


def _one_at_a_time() -> None:
    """Two who mute the same at once would both make a row, and one of them be refused."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE snowflake_sync_mutes IN SHARE ROW EXCLUSIVE MODE")


def _said(mute: SyncMute) -> str:
    return mute.until.isoformat() if mute.until else ("it is unmuted" if mute.kind else "it changes")


def _record(
    action: Action,
    mute: SyncMute,
    workflow: Workflow | None,
    destination: SnowflakeConfiguration | None,
    change: Change,
) -> None:
    if mute.kind:
        named = ["all" if mute.kind == ANY_KIND else WORDS[mute.kind].label]
    else:
        named = [mute.error_code.replace("_", " ") or "an error without a code"]
    named += [str(workflow)] if workflow else []
    named += [str(destination)] if destination else []
    about = (Kind.ALERT, mute.kind) if mute.kind else (Kind.ERROR, mute.error_code)
    record(action, *about, " \u00b7 ".join(named), owner_id=mute.owner_id, changes=[change])
