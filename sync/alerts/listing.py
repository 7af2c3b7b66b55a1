"""What the pages and the API show of alerts, in the view of one owner, or of everyone's things."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import SnowflakeConfiguration
from sync.alerts.kinds import ANY_KIND
from sync.alerts.telling import is_muted, view_of
from sync.alerts.words import words_of
from sync.models import SyncAlert, SyncAlertChannel, SyncMute, Workflow
from sync.reporting import Cursor


@dataclass(frozen=True, slots=True)
class Mute:
    """Alerts that nobody is told of: of a kind, or of any, about a workflow, a destination, or all.

    `until` None: until it is unmuted. Empty: all of them.
    """

    mute: SyncMute
    label: str
    workflow: Workflow | None
    destination: SnowflakeConfiguration | None


STATES = ("new", "working", "failing", "gave up", "paused")


def state_of(channel: SyncAlertChannel) -> str:
    """How a channel is doing, as one of STATES."""
    if channel.paused_at is not None:
        return "paused"
    if channel.given_up_at is not None:
        return "gave up"
    if channel.failing_since is not None:
        return "failing"
    return "new" if channel.last_at is None else "working"


def alerts_of(owner_id: UUID | None) -> "QuerySet[SyncAlert]":
    """Those about this owner's things, the latest first; None: all, those of the installation among them."""
    found = SyncAlert.objects.order_by("-opened_at", "-pk")
    return found if owner_id is None else found.filter(user_id=owner_id)


def page_of(found: "QuerySet[SyncAlert]", limit: int, after: Cursor | None) -> tuple[list[SyncAlert], Cursor | None]:
    """At most `limit` of these after a cursor; and where to go on, None: that was the last page."""
    if after is not None:
        found = found.filter(Q(opened_at__lt=after.at) | Q(opened_at=after.at, pk__lt=after.id.int))
    page = list(found[: limit + 1])
    end = Cursor(page[limit - 1].opened_at, UUID(int=page[limit - 1].pk)) if len(page) > limit else None
    return page[:limit], end


def before_it(channel: SyncAlertChannel) -> int:
    """Alerts that a new channel would be told of, had they not been open before it."""
    found = alerts_of(view_of(channel)).filter(closed_at=None)
    return (found if channel.events is None else found.filter(kind__in=channel.events)).count()


def with_mutes(
    alerts: Iterable[SyncAlert], owner_id: UUID | None, now: datetime
) -> Iterator[tuple[SyncAlert, SyncMute | None]]:
    """Each, and the mute that keeps it from whoever has this view: of such alerts, or of such failures."""
    mutes = list(_holding(owner_id, now))
    for alert in alerts:
        yield alert, next((mute for mute in mutes if is_muted(mute, alert, owner_id)), None)


def is_somebody_told(owner_id: UUID | None) -> bool:
    """Whether there is a channel that works, and is told of this owner's alerts, or of everybody's."""
    there = SyncAlertChannel.objects.filter(paused_at=None, given_up_at=None, user__is_active=True)
    return there.filter(Q(everyone=True) if owner_id is None else Q(user_id=owner_id)).exists()


def mutes_of(owner_id: UUID | None, now: datetime) -> list[Mute]:
    """Mutes of alerts that hold now in this view."""
    mutes = list(_holding(owner_id, now).exclude(kind="").order_by("-muted_at")[:200])
    workflows = _named(Workflow.objects.all(), (mute.workflow_id for mute in mutes))
    destinations = _named(SnowflakeConfiguration.objects.all(), (mute.configuration_id for mute in mutes))
    return [
        Mute(
            mute,
            "any alert" if mute.kind == ANY_KIND else words_of(mute.kind).label,
            workflows.get(mute.workflow_id),
            destinations.get(mute.configuration_id),
        )
        for mute in mutes
        # What is gone is muted for good.
        if mute.workflow_id in (None, *workflows) and mute.configuration_id in (None, *destinations)
    ]


def _holding(owner_id: UUID | None, now: datetime) -> "QuerySet[SyncMute]":
    return SyncMute.objects.filter(Q(until=None) | Q(until__gt=now), owner_id=owner_id)


def _named(things: "QuerySet[Any]", ids: Iterable[UUID | None]) -> Mapping[UUID | None, Any]:
    wanted = {id_ for id_ in ids if id_ is not None}
    return things.in_bulk(wanted) if wanted else {}
