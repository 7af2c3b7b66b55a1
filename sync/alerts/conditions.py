"""Looks for conditions, in what reporting knows: pages and alerts say the same, in the same words."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, connection
from django.db.models import Max
from django.db.models.functions import Greatest

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.alerts.condition import Condition, Seen
from sync.alerts.drift import drift
from sync.alerts.endings import endings
from sync.alerts.failing import failing
from sync.alerts.idle_rules import idle_rules
from sync.alerts.kinds import Kind
from sync.models import SyncAlertChannel, SyncWorker
from sync.postgres import TooSlowError, bounded_reading, first_line
from sync.reporting import (
    Availability,
    DestinationStatus,
    Overview,
    Scope,
    WorkerState,
    counted,
    duration,
    overview,
)

logger = logging.getLogger(__name__)

# Seconds that each statement of a look may take; and those that count a large queue, the first time above all.
SECONDS, COUNTING = 10.0, 120.0
# So long has no worker been alive before that is told: one that starts anew is no news.
GRACE = timedelta(minutes=2)
PAUSED = (Availability.PAUSED, Availability.TRYING)
# Destinations that a look lists beside those that are paused, and groups of failures.
DESTINATIONS, GROUPS = 200, 500


def see(now: datetime, *, thorough: bool = True) -> Seen:
    """All that can be seen now; what costs most, by a `thorough` look. What cannot be read is unseen, and noted."""
    seen = Seen()
    for look, kinds in _LOOKS:
        if look is idle_rules and not thorough:
            seen.unseen_kinds.update(kinds)
            continue
        seconds = COUNTING if look is _count else SECONDS
        try:
            with bounded_reading(seconds):
                for condition in look(now, seen):
                    seen.conditions[condition.kind, condition.key] = condition
        except Error as error:
            slow = f"PostgreSQL took longer than {seconds:g} s for a statement"
            trouble = slow if isinstance(error, TooSlowError) else first_line(error)
            logger.warning("Not all could be seen of which people are told: %s", trouble)
            seen.unseen_kinds.update(kinds)
            seen.troubles.append(trouble)
            connection.close_if_unusable_or_obsolete()
    return seen


def _count(_now: datetime, _seen: Seen) -> Iterable[Condition]:
    """Kept counts are made, and committed, so that whoever asks next finds them."""
    Scope().counted()
    return ()


def _queue(now: datetime, seen: Seen) -> Iterator[Condition]:
    paused = DestinationState.objects.filter(
        breaker_state=DestinationState.Breaker.OPEN, configuration__is_active=True
    ).count()
    all_ = overview(Scope(), most=paused + DESTINATIONS, most_groups=GROUPS)
    yield from _paused(all_, now, seen)
    yield from _late(all_, now, seen)
    yield from failing(all_.groups, now, seen)
    yield from _workers(all_, now, seen)


def _paused(all_: Overview, now: datetime, seen: Seen) -> Iterator[Condition]:
    for status in all_.destinations.listed:
        pause = status.pause
        if status.state not in PAUSED:
            continue
        if pause.by_hand:
            # Whether it would work, nobody knows.
            seen.unseen.add((Kind.DESTINATION_PAUSED, str(status.id)))
            continue
        if pause.is_begun:
            continue
        waiting = f"{counted(pause.waiting, 'run waits', 'runs wait')}." if pause.waiting else ""
        yield _of_destination(
            Kind.DESTINATION_PAUSED,
            status,
            since=pause.since or now,
            what=f"Destination {status.name} is paused: {pause.meaning.rstrip('.')}",
            over=f"Destination {status.name} works again",
            why=waiting,
            remedy=pause.remedy or "Look at the destination's page: it says what was seen.",
            error_code=pause.code,
        )


def _late(all_: Overview, now: datetime, seen: Seen) -> Iterator[Condition]:
    listed = all_.destinations.listed
    for status in listed:
        promised = status.configuration.freshness_minutes
        if status.state in PAUSED:
            # The pause says why nothing comes; that nothing is late any more, it does not say.
            seen.unseen.add((Kind.LATE, str(status.id)))
        elif promised and status.lag > 60 * promised:
            yield _of_destination(
                Kind.LATE,
                status,
                since=now - timedelta(seconds=status.lag - 60 * promised),
                what=f"Results for {status.name} are late: the oldest has been waiting for {duration(status.lag)}, "
                f"and {counted(promised, 'minute')} are promised",
                over=f"Results for {status.name} are in time again",
                remedy="Start more workers, or look at the destination's page for what holds it up.",
            )
    if len(listed) < all_.destinations.count and listed[-1].lag > 0:
        seen.unseen_kinds.add(Kind.LATE)


def _workers(all_: Overview, now: datetime, seen: Seen) -> Iterator[Condition]:
    said = {point.about: point for point in all_.verdict.points}
    if not all_.facts.live_workers:
        # Nothing is caught up with.
        seen.unseen.add((Kind.LATE, ""))
        last = SyncWorker.objects.aggregate(at=Max(Greatest("heartbeat_at", "stopped_at")))["at"]
        if last is None or now - last < GRACE:
            seen.unseen_kinds.add(Kind.NO_WORKER)
        else:
            point = said["workers"]
            yield _of_installation(
                Kind.NO_WORKER, "", last, point.text.rstrip("."), "A worker is running again", point.more
            )
    elif "late" in said and all_.facts.lag >= settings.READY_MAX_LAG:
        since = now - timedelta(seconds=all_.facts.lag - settings.READY_MAX_LAG)
        text = said["late"].text.rstrip(".")
        remedy = "Start more workers, or look at their logs."
        yield _of_installation(Kind.LATE, "", since, text, "The queue has caught up", remedy, path="/")
    for line in all_.workers.lines if all_.workers else ():
        if line.state is WorkerState.HELD_BACK:
            worker = line.worker
            yield _of_installation(
                Kind.OUT_OF_SPACE,
                worker.host,
                now,
                f"The worker on {worker.host} cannot hold the files of results and takes no runs",
                f"No worker on {worker.host} is held back any more",
                "Make room where SYNC_SPOOL_DIRECTORY is, or in the system's directory for temporary files.",
                why=str(worker.held_back or ""),
            )


def _of_installation(
    kind: Kind, key: str, since: datetime, what: str, over: str, remedy: str, *, path: str = "/workers", why: str = ""
) -> Condition:
    return Condition(kind, key, since, what, over, remedy, path, why=why)


def _of_destination(
    kind: Kind,
    status: DestinationStatus,
    *,
    since: datetime,
    what: str,
    over: str,
    remedy: str,
    why: str = "",
    error_code: str = "",
) -> Condition:
    owner = status.configuration.user
    return Condition(
        kind,
        str(status.id),
        since,
        what,
        over,
        remedy,
        path=f"/destinations/{status.id}",
        why=why,
        user_id=owner.pk,
        whose=owner.email,
        configuration_id=status.id,
        error_code=error_code,
        count=max(1, status.waiting),
    )


def _channels(now: datetime, _seen: Seen) -> Iterator[Condition]:
    for channel in (
        SyncAlertChannel.objects.exclude(given_up_at=None).select_related("user").defer("user__name")[:GROUPS]
    ):
        yield Condition(
            Kind.CHANNEL_FAILING,
            str(channel.pk),
            channel.failing_since or now,
            f"Channel {channel.name} does not take what it is sent",
            f"Channel {channel.name} takes messages again",
            "Correct the channel and send a test, or delete it.",
            "/alerts",
            why=channel.last_error,
            user_id=channel.user_id,
            whose=channel.user.email,
        )


def _endings(now: datetime, _seen: Seen) -> Iterable[Condition]:
    return endings(SnowflakeConfiguration.objects.filter(is_active=True), now)


_LOOKS: tuple[tuple[Callable[[datetime, Seen], Iterable[Condition]], tuple[Kind, ...]], ...] = (
    (_count, ()),
    (
        _queue,
        (
            Kind.DESTINATION_PAUSED,
            Kind.LATE,
            Kind.NEW_FAILURE,
            Kind.NEW_COLUMN,
            Kind.FAILURES_ABOVE,
            Kind.NO_WORKER,
            Kind.OUT_OF_SPACE,
        ),
    ),
    (_endings, (Kind.KEY_ENDS_SOON, Kind.TOKEN_ENDS_SOON, Kind.LOGINS_END)),
    (idle_rules, (Kind.RULE_MATCHES_NOTHING,)),
    (drift, (Kind.DRIFT,)),
    (_channels, (Kind.CHANNEL_FAILING,)),
)
