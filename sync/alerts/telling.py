"""Who is told of what: messages are queued for the channels that fit, once for each alert, and together in a storm."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from sync.alerts.channels import KINDS
from sync.alerts.kinds import ANY_KIND, Kind
from sync.alerts.message import Event
from sync.alerts.words import message_of
from sync.models import SyncAlert, SyncAlertChannel, SyncAlertDelivery, SyncMute
from sync.postgres import fetch, read_sql
from sync.reporting import scope_of

_TOLD, _LATELY = read_sql(__file__, "told", "lately")

# More alerts of a kind than this, at once, make one message. So many messages of a kind a channel gets within these
# minutes; what comes after them is told together, at their end.
STORM = 3
WITHIN = timedelta(minutes=5)

Told = dict[tuple[UUID, int], datetime]


class _Wanted(NamedTuple):
    """A message that a channel is to be given, if it is about no more alerts than these."""

    channel: SyncAlertChannel
    event: Event
    alerts: list[SyncAlert]


class _Lately(NamedTuple):
    """Messages of the last minutes of one kind and event: how many, the last one, and one that still waits."""

    number: int = 0
    last_at: datetime | None = None
    waiting: str | None = None


def tell(there: Sequence[SyncAlert], closed: Sequence[SyncAlert], now: datetime) -> int:
    """Queues what has to be told of what is open and of what was closed now, in the caller's transaction. How many."""
    channels = list(with_users())
    of_user: dict[UUID | None, list[SyncAlert]] = defaultdict(list)
    for alert in there:
        of_user[alert.user_id].append(alert)
    told = _told([*there, *closed])
    mutes = list(SyncMute.objects.filter(Q(until=None) | Q(until__gt=now)))
    wanted: list[_Wanted] = []
    for channel in channels:
        if not channel.user.is_active:
            continue
        owner = view_of(channel)
        if channel.paused_at is None:
            seen = there if owner is None else of_user[owner]
            wanted += _openings(channel, owner, seen, told, mutes, now)
        # Who was told that it is so is told that it is over, also when the pause of the channel ends.
        over = [alert for alert in closed if (channel.pk, alert.pk) in told and owner in (None, alert.user_id)]
        wanted += _by_kind(channel, Event.CLOSED, over)
    lately = _lately(channels, now) if wanted else {}
    return sum(_queue(each, lately, now) for each in wanted)


def with_users() -> "QuerySet[SyncAlertChannel]":
    """All channels, each with what has to be known of its user, and no more: the role may not read the rest."""
    return SyncAlertChannel.objects.select_related("user__login", "user__preferences").defer("user__name")


def view_of(channel: SyncAlertChannel) -> UUID | None:
    """Of whose things the channel may tell now; None: of everyone's."""
    return scope_of(channel.user) if channel.everyone else channel.user_id


def _openings(
    channel: SyncAlertChannel,
    owner: UUID | None,
    seen: Sequence[SyncAlert],
    told: Told,
    mutes: list[SyncMute],
    now: datetime,
) -> Iterator[_Wanted]:
    """Of what is open in this owner's view, or in that of everyone's things: what the channel is to be told of."""
    new, again = [], []
    for alert in seen:
        if not _fits(channel, alert) or any(is_muted(mute, alert, owner) for mute in mutes):
            continue
        at = told.get((channel.pk, alert.pk))
        if at is None and alert.opened_at < channel.created_at:
            # It was there before the channel, which is reminded like all others.
            again += [alert] if _is_reminded(alert, channel.created_at, now) else []
            continue
        if at is None:
            new.append(alert)
        elif _is_due_again(channel, alert, at, now):
            again.append(alert)
    yield from _by_kind(channel, Event.OPENED, new)
    yield from _by_kind(channel, Event.REMINDER, again)


def _fits(channel: SyncAlertChannel, alert: SyncAlert) -> bool:
    """A channel is told of the kinds that it wants, and not of itself."""
    if channel.events is not None and alert.kind not in channel.events:
        return False
    return (alert.kind, alert.key) != (Kind.CHANNEL_FAILING, str(channel.pk))


def is_muted(mute: SyncMute, alert: SyncAlert, owner: UUID | None) -> bool:
    """Whether it is not to be heard of, in this owner's view of their own things, or in that of everyone's."""
    if mute.owner_id != owner:
        return False
    places = ((mute.workflow_id, alert.workflow_id), (mute.configuration_id, alert.configuration_id))
    if mute.kind:
        return mute.kind in (ANY_KIND, alert.kind) and all(wanted in (None, found) for wanted, found in places)
    failed_at = alert.facts.get("failed_at")
    if failed_at is None or (mute.until is None and datetime.fromisoformat(failed_at) > mute.muted_at):
        return False
    return mute.error_code == alert.error_code and all(wanted == found for wanted, found in places)


def _is_due_again(channel: SyncAlertChannel, alert: SyncAlert, at: datetime, now: datetime) -> bool:
    """Whether a channel that was told of it for the last time `at` then is to be told again."""
    if channel.remind_after is not None and now >= at + channel.remind_after:
        return True
    return _is_reminded(alert, at, now)


def _is_reminded(alert: SyncAlert, after: datetime, now: datetime) -> bool:
    """Whether one of the moments at which everybody is told again has come since then."""
    return any(after < datetime.fromisoformat(moment) <= now for moment in alert.facts.get("reminders", ()))


def _by_kind(channel: SyncAlertChannel, event: Event, alerts: Iterable[SyncAlert]) -> Iterator[_Wanted]:
    """Each of its own, or all of a kind together; to a pager always each, since it pairs ends with beginnings."""
    if _is_pager(channel):
        yield from (_Wanted(channel, event, [alert]) for alert in alerts)
        return
    kinds: dict[str, list[SyncAlert]] = defaultdict(list)
    for alert in alerts:
        kinds[alert.kind].append(alert)
    for found in kinds.values():
        if len(found) > STORM:
            yield _Wanted(channel, event, found)
        else:
            yield from (_Wanted(channel, event, [alert]) for alert in found)


def _is_pager(channel: SyncAlertChannel) -> bool:
    kind = KINDS.get(channel.kind)
    return kind is not None and not kind.digests


def _told(alerts: Sequence[SyncAlert]) -> Told:
    rows = fetch(_TOLD, {"alerts": [alert.pk for alert in alerts]}) if alerts else []
    return {(channel_id, alert_id): at for channel_id, alert_id, at in rows}


def _lately(channels: Sequence[SyncAlertChannel], now: datetime) -> dict[tuple[Any, ...], _Lately]:
    params = {"since": now - WITHIN, "now": now, "channels": [channel.pk for channel in channels]}
    return {tuple(row[:3]): _Lately(*row[3:]) for row in fetch(_LATELY, params)}


def _queue(wanted: _Wanted, lately: dict[tuple[Any, ...], _Lately], now: datetime) -> int:
    """One message more; or, of a kind that has been told of often in these minutes, one that waits for others."""
    channel, event, alerts = wanted
    place = (channel.pk, alerts[0].kind, event)
    before = lately.get(place, _Lately())
    due = now
    if before.number >= STORM and before.last_at is not None and not _is_pager(channel):
        due = before.last_at + WITHIN
        waiting = (
            before.waiting
            and SyncAlertDelivery.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(pk=before.waiting, tries=0)
            .first()
        )
        if waiting:
            all_ = [*SyncAlert.objects.filter(pk__in=waiting.alert_ids).order_by("pk"), *alerts]
            waiting.alert_ids = [alert.pk for alert in all_]
            waiting.message = message_of(event, all_, channel, now).as_json()
            waiting.save(update_fields=["alert_ids", "message"])
            return 0
    made = SyncAlertDelivery.objects.create(
        channel=channel,
        event=event,
        kind=alerts[0].kind,
        alert_ids=[alert.pk for alert in alerts],
        message=message_of(event, alerts, channel, now).as_json(),
        created_at=now,
        due_at=due,
    )
    lately[place] = _Lately(before.number + 1, now, str(made.pk) if due > now else before.waiting)
    return 1
