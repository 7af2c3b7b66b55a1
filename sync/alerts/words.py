"""What people read: frozen when a message is queued, so that a try that comes later tells the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from accounts.models import User
from sync.alerts.kinds import WORDS, Words
from sync.alerts.message import Event, Message
from sync.models import SyncAlert, SyncAlertChannel
from sync.reporting import duration, number

# Of a storm so many are listed in the text, and for programs: a webhook's body is to stay below 20 kB.
LISTED = 20


def message_of(event: Event, alerts: Sequence[SyncAlert], channel: SyncAlertChannel, now: datetime) -> Message:
    """One about these alerts, which are of one kind; the owner's time zone shows."""
    zone = zone_of(channel.user)
    first, many = alerts[0], len(alerts) > 1
    subject = _of_many(event, first.kind, len(alerts)) if many else _subject(event, first)
    parts = [_listed(alerts, event)] if many else [_single(event, first, now, zone)]
    link = link_to("/alerts" if many else first.facts.get("path", "/alerts"))
    if link:
        parts.append(link)
    data = {"count": len(alerts), "alerts": [for_programs(alert) for alert in alerts[:LISTED]]}
    text = "\n\n".join(parts)
    return Message(event, subject, text, f"alert.{event}", now.astimezone(UTC).isoformat(), data=data)


def test_message(channel: SyncAlertChannel, now: datetime) -> Message:
    """One that shows that the channel works."""
    text = f"This is a test of the channel {channel.name}. Alerts come here in this way."
    parts = [text, *filter(None, [link_to("/alerts")])]
    at = now.astimezone(UTC).isoformat()
    return Message(Event.TEST, f"A test of {channel.name}", "\n\n".join(parts), "alert.test", at, data={"alerts": []})


def link_to(path: str) -> str:
    """The address of a page; empty where nobody has said where the console is."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else ""


def words_of(kind: str) -> Words:
    """Those of a kind; of one that a later version had, some."""
    name = kind.replace("_", " ")
    return WORDS.get(kind, Words(name, f"times {name}", f"times {name} is over"))


def for_programs(alert: SyncAlert) -> dict[str, Any]:
    """An alert as JSON: no more of it than a page shows to whoever is told."""
    facts = alert.facts
    return {
        "id": alert.pk,
        "kind": alert.kind,
        "key": alert.key,
        "what": facts.get("over" if alert.closed_at else "what", ""),
        "remedy": "" if alert.closed_at else facts.get("remedy", ""),
        "owner": facts.get("whose", ""),
        "configuration_id": str(alert.configuration_id) if alert.configuration_id else None,
        "workflow_id": str(alert.workflow_id) if alert.workflow_id else None,
        "error_code": alert.error_code or None,
        "count": alert.count,
        "since": _iso(alert.since),
        "opened_at": _iso(alert.opened_at),
        "closed_at": _iso(alert.closed_at) if alert.closed_at else None,
        "link": link_to(facts.get("path", "/alerts")) or None,
    }


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def zone_of(user: User) -> ZoneInfo:
    """The time zone that the user chose; UTC if none."""
    return _zone(user.chosen.time_zone or "UTC")


def shown(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-11-29 15:42 CET`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _subject(event: Event, alert: SyncAlert) -> str:
    if event is Event.CLOSED:
        return str(alert.facts["over"])
    return f"Still so: {alert.facts['what']}" if event is Event.REMINDER else str(alert.facts["what"])


def _of_many(event: Event, kind: str, count: int) -> str:
    words = words_of(kind)
    said = f"{number(count)} {words.over if event is Event.CLOSED else words.began}"
    return f"Still so: {said}" if event is Event.REMINDER else said


def _single(event: Event, alert: SyncAlert, now: datetime, zone: ZoneInfo) -> str:
    facts = alert.facts
    if event is Event.CLOSED:
        took = duration(max(0.0, ((alert.closed_at or now) - alert.since).total_seconds()))
        return "\n".join([f"{facts['over']}. It took {took}.", f"It was: {facts['what']}.", *_whose(facts)])
    what = f"{facts['what']}."
    lines = [f"{what} {facts['why']}".rstrip(), *_whose(facts), f"Since: {shown(alert.since, zone)}"]
    return "\n".join([*lines, f"What to do: {facts['remedy']}"])


def _whose(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts.get("whose"):
        yield f"Whose: {facts['whose']}"


def _listed(alerts: Iterable[SyncAlert], event: Event) -> str:
    said = [f"- {alert.facts['over' if event is Event.CLOSED else 'what']}" for alert in alerts]
    more = len(said) - LISTED
    return "\n".join([*said[:LISTED], *([f"and {number(more)} more"] if more > 0 else [])])


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
