"""A digest: what came, was loaded, failed and cost, at 08:00 where the channel's owner is, every day or on Mondays."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import Error
from django.template.loader import render_to_string

from sync.alerts.channels import KINDS
from sync.alerts.listing import alerts_of
from sync.alerts.message import Event, Message
from sync.alerts.telling import view_of, with_users
from sync.alerts.words import link_to, zone_of
from sync.models import SyncAlertChannel, SyncAlertDelivery, called
from sync.postgres import bounded_reading, fetch, first_line, read_sql, short_transaction
from sync.reporting import ErrorGroup, GroupFilter, counted, duration, error_groups, number

logger = logging.getLogger(__name__)

_CAME, _DESTINATIONS = read_sql(__file__, "came", "destinations")

AT = time(8)
PERIODS = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
# Destinations and groups of failures that are listed.
LISTED, WORST = 10, 5
# Seconds that each statement may take.
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """What a destination did; the longest from due to loaded, in seconds, and the share that came in time."""

    id: UUID
    name: str
    loaded: int
    rows: int
    failed: int
    statements: float
    slowest: float
    in_time: float | None

    @property
    def words(self) -> str:
        said = [f"{counted(self.loaded, 'run')} loaded", counted(self.rows, "row")]
        said += [f"{counted(self.failed, 'run')} failed"] if self.failed else []
        said += [f"slowest {duration(self.slowest)}"] if self.loaded else []
        said.append(counted(round(self.statements), "statement"))
        said += [f"{int(self.in_time * 1000) / 10:g} % in time this month"] if self.in_time is not None else []
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class Digest:
    """Of a stretch of time; `lines` are those of some destinations, the totals those of all."""

    word: str
    start: datetime
    end: datetime
    came: int
    destinations: int
    loaded: int
    rows: int
    failed: int
    statements: float
    slowest: float
    lines: tuple[Line, ...]
    worst: tuple[ErrorGroup, ...]
    open: tuple[str, ...]

    @property
    def subject(self) -> str:
        failed = f", {number(self.failed)} failed" if self.failed else ""
        return f"Your {self.word} digest: {counted(self.loaded, 'run')} loaded{failed}"

    @property
    def figures(self) -> list[tuple[str, str]]:
        return [
            ("Came", counted(self.came, "run")),
            ("Loaded", f"{counted(self.loaded, 'run')}, {counted(self.rows, 'row')}"),
            ("Failed", counted(self.failed, "run")),
            ("Slowest", duration(self.slowest) if self.loaded else "none"),
            ("Cost", f"{counted(round(self.statements), 'statement')} in Snowflake"),
        ]


def queue_digests(now: datetime) -> int:
    """Queues the digests that are due. How many; one that cannot be made now is made by a later look."""
    return sum(_queue(channel, now) for channel in _due(now))


def _due(now: datetime) -> Iterator[SyncAlertChannel]:
    for channel in with_users().filter(paused_at=None).exclude(digest=None):
        last = channel.digest_at or channel.created_at
        kind = KINDS.get(channel.kind)
        if (
            kind
            and kind.digests
            and channel.user.is_active
            and channel.digest in PERIODS
            and last < ends_at(channel, now)
        ):
            yield channel


def ends_at(channel: SyncAlertChannel, now: datetime) -> datetime:
    """The last moment at which a digest of this channel was due."""
    zone = zone_of(channel.user)
    day = now.astimezone(zone).date()
    if channel.digest == "weekly":
        day -= timedelta(days=day.weekday())
    if datetime.combine(day, AT, zone) > now:
        day -= PERIODS[channel.digest or "daily"]
    return datetime.combine(day, AT, zone)


def _queue(channel: SyncAlertChannel, now: datetime) -> int:
    try:
        with bounded_reading(SECONDS):
            message = message_of_digest(digest_of(channel, ends_at(channel, now)), zone_of(channel.user))
        with short_transaction():
            same = SyncAlertChannel.objects.filter(pk=channel.pk, digest_at=channel.digest_at)
            if not same.update(digest_at=now):
                return 0
            SyncAlertDelivery.objects.create(
                channel=channel, event=Event.DIGEST, message=message.as_json(), created_at=now, due_at=now
            )
    except Error as error:
        logger.warning("The digest of channel %s could not be made, trying again: %s", channel.pk, first_line(error))
        return 0
    return 1


def digest_of(channel: SyncAlertChannel, end: datetime) -> Digest:
    """What is in the digest that ends then, of what the channel's owner may see."""
    owner = view_of(channel)
    word = channel.digest or "daily"
    start = end - PERIODS[word]
    params: dict[str, Any] = {"start": start, "end": end, "owner": owner, "month": end.astimezone(UTC).date()}
    lines = [Line(id_, called(name, place), *did) for id_, name, place, *did in fetch(_DESTINATIONS, params)]
    groups = error_groups(GroupFilter(owner, window="week" if word == "weekly" else "day"), end, limit=WORST)
    alerts = alerts_of(owner).filter(closed_at=None)
    return Digest(
        word,
        start,
        end,
        came=fetch(_CAME, params)[0][0],
        destinations=len(lines),
        loaded=sum(line.loaded for line in lines),
        rows=sum(line.rows for line in lines),
        failed=sum(line.failed for line in lines),
        statements=sum(line.statements for line in lines),
        slowest=max((line.slowest for line in lines), default=0.0),
        lines=tuple(lines[:LISTED]),
        worst=tuple(group for group in groups.listed if not group.mute),
        open=tuple(str(alert.facts.get("what", alert)) for alert in alerts[:LISTED]),
    )


def message_of_digest(digest: Digest, zone: ZoneInfo) -> Message:
    """As text and as HTML."""
    period = f"{digest.start.astimezone(zone):%Y-%m-%d %H:%M} to {digest.end.astimezone(zone):%Y-%m-%d %H:%M %Z}"
    link = link_to("/")
    text = "\n\n".join(
        part
        for part in (
            period,
            "\n".join(f"{name}: {figure}" for name, figure in digest.figures),
            _part("Open alerts:", [f"- {what}" for what in digest.open]),
            _part("Failed most:", [f"- {_failed(group)}. What to do: {group.remedy}" for group in digest.worst]),
            _part("Destinations:", [f"- {line.name}: {line.words}" for line in digest.lines]),
            link,
        )
        if part
    )
    context = {"digest": digest, "period": period, "link": link, "worst": [(_failed(g), g) for g in digest.worst]}
    html = render_to_string("alerts/digest.html", context | {"more": digest.destinations - len(digest.lines)})
    data = {"alerts": [], **{name: getattr(digest, name) for name in ("came", "loaded", "rows", "failed")}}
    data |= {"statements": round(digest.statements), "slowest_seconds": round(digest.slowest, 1)}
    data |= {"since": digest.start.astimezone(UTC).isoformat(), "until": digest.end.astimezone(UTC).isoformat()}
    at = digest.end.astimezone(UTC).isoformat()
    return Message(Event.DIGEST, digest.subject, text, f"digest.{digest.word}", at, html=html, data=data)


def _failed(group: ErrorGroup) -> str:
    return f"{counted(group.count, 'run')} of {group.where}{group.for_destination}: {group.meaning.rstrip('.')}"


def _part(title: str, lines: list[str]) -> str:
    return "\n".join([title, *lines]) if lines else ""
