"""A look: what holds is opened at once, and closed when two looks in a row have not found it. One for all processes."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from accounts.models import SnowflakeConfiguration
from sync.alerts.condition import Condition, Seen
from sync.alerts.conditions import see
from sync.alerts.digest import queue_digests
from sync.alerts.telling import tell
from sync.models import SyncAlert
from sync.postgres import one_statement, read_sql, short_transaction, storable

logger = logging.getLogger(__name__)

_BEGIN, _IS_NEWS, _END = read_sql(__file__, "begin", "is_news", "end")

# Looks in a row that have to find that something is over; and so many, about ten minutes, of what comes and goes: what
# has begun as often as that in an hour.
CLEAN, STEADY = 2, 20
OFTEN, LATELY = 3, timedelta(hours=1)
# Of so many looks one looks also at what costs most: about every ten minutes.
THOROUGH = 20


class Looked(NamedTuple):
    """What a look has changed: alerts that it opened and closed, messages that it queued; and what it could not see."""

    opened: int
    closed: int
    queued: int
    troubles: tuple[str, ...]


def look(*, older: float = 0.0, now: datetime | None = None) -> Looked | None:
    """Looks, if nobody has for `older` seconds, and nobody is about to; None: somebody has, or was faster.

    What it could not see neither opens nor closes anything. Everything is written in one transaction, in which nothing
    is waited for but PostgreSQL. Raises django.db.Error.
    """
    started = time.monotonic()
    begun = one_statement(_BEGIN, {"older": older, "now": now})
    if not begun:
        return None
    number, at = begun[0]
    seen = see(at, thorough=number % THOROUGH == 0)
    with short_transaction() as cursor:
        cursor.execute(_IS_NEWS, {"at": at})
        if not cursor.rowcount:
            logger.info("What people are told of was not written: a look that began later has seen it, too")
            return None
        looked = _write(seen, at)
        unseen = storable("; ".join(dict.fromkeys(seen.troubles)))
        cursor.execute(_END, {"at": at, "seconds": time.monotonic() - started, "unseen": unseen})
    looked = looked._replace(queued=looked.queued + queue_digests(at))
    if looked.opened or looked.closed:
        logger.info("Alerts: %d opened, %d closed, %d messages queued", *looked[:3])
    return looked


def _write(seen: Seen, now: datetime) -> Looked:
    known = {(alert.kind, alert.key): alert for alert in SyncAlert.objects.filter(closed_at=None)}
    new = [condition for place, condition in seen.conditions.items() if place not in known and condition.opens]
    opened = SyncAlert.objects.bulk_create(_made(condition, now) for condition in new)
    _note([(alert, seen.conditions[place]) for place, alert in known.items() if place in seen.conditions], now)
    over = [alert for place, alert in known.items() if seen.is_over(*place)]
    for alert in over:
        alert.clean_looks += 1
    closed = _ended(over, now)
    _close(closed, now)
    SyncAlert.objects.bulk_update(over, ["clean_looks", "closed_at", "facts"])
    there = [alert for alert in (*known.values(), *opened) if alert.closed_at is None]
    return Looked(len(opened), len(closed), tell(there, closed, now), tuple(seen.troubles))


def _ended(over: Sequence[SyncAlert], now: datetime) -> list[SyncAlert]:
    """Those that are to be closed: one that comes and goes would be told of every few minutes."""
    clean = [alert for alert in over if alert.clean_looks >= CLEAN]
    lately = SyncAlert.objects.filter(key__in=[alert.key for alert in clean], opened_at__gt=now - LATELY)
    begun = Counter(lately.values_list("kind", "key")) if clean else Counter()
    return [alert for alert in clean if begun[alert.kind, alert.key] < OFTEN or alert.clean_looks >= STEADY]


def _made(condition: Condition, now: datetime) -> SyncAlert:
    return SyncAlert(
        kind=condition.kind,
        key=storable(condition.key),
        user_id=condition.user_id,
        configuration_id=condition.configuration_id,
        workflow_id=condition.workflow_id,
        error_code=storable(condition.error_code),
        since=min(condition.since, now),
        opened_at=now,
        seen_at=now,
        count=condition.count,
        facts=condition.facts,
    )


def _note(held: Sequence[tuple[SyncAlert, Condition]], now: datetime) -> None:
    """What still holds was seen now, with these facts; a row that says so already is not written for them."""
    SyncAlert.objects.filter(pk__in=[alert.pk for alert, _ in held]).update(seen_at=now, clean_looks=0)
    changed = []
    for alert, condition in held:
        found = (condition.count, condition.facts, condition.user_id)
        if (alert.count, alert.facts, alert.user_id) != found:
            # A destination may have been handed to somebody else.
            alert.count, alert.facts, alert.user_id = found
            changed.append(alert)
    SyncAlert.objects.bulk_update(changed, ["count", "facts", "user_id"], batch_size=500)


def _close(closed: Sequence[SyncAlert], now: datetime) -> None:
    """Nothing is said to work again of which only the destination has gone."""
    ids = {alert.configuration_id for alert in closed if alert.configuration_id}
    active = set(SnowflakeConfiguration.objects.filter(pk__in=ids, is_active=True).values_list("pk", flat=True))
    for alert in closed:
        alert.closed_at = now
        if alert.configuration_id and alert.configuration_id not in active:
            over = (
                f"Nobody needs to look any more, since the destination is switched off or gone: {alert.facts['what']}"
            )
            alert.facts = {**alert.facts, "over": over}
