"""The destinations: how late each is, what it did in the last day, and why it is paused."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.activity import Action, Kind
from sync.errors import CATALOGUE
from sync.models import SyncActivity
from sync.postgres import fetch, read_sql
from sync.reporting import history
from sync.reporting.counts import Counts, Scope
from sync.reporting.verdict import BY_HAND, Pause

# At most so many destinations are listed, those in trouble first.
MOST = 15
OPEN = DestinationState.Breaker.OPEN
# Seconds of lag from which on it is asked whether a pause was the reason.
NOTICED = 60.0
# What ends a pause; the first of these says it for certain.
_ENDS = (Action.DESTINATION_RESUMED, Action.KEY_ROTATED, Action.DESTINATION_CHANGED)
(_PAUSES_ENDED,) = read_sql(__file__, "pauses_ended")


class Availability(StrEnum):
    """Whether a destination takes loads.

    `UNTRIED`: it does, and has not logged in since its settings were changed. `TRYING`: its pause is over; the next
    item tries whether it works again.
    """

    WORKING = "working"
    UNTRIED = "untried"
    TRYING = "trying"
    PAUSED = "paused"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class DestinationStatus:
    """How a destination is doing. Lag: seconds for which its oldest due item has been waiting."""

    configuration: SnowflakeConfiguration
    state: Availability
    items: Counts
    lag: float
    record: history.Record
    paused_by: SyncActivity | None = None

    @property
    def id(self) -> UUID:
        return self.configuration.pk

    @property
    def name(self) -> str:
        return str(self.configuration)

    @property
    def last_success(self) -> datetime | None:
        """When the destination's last load ended; from the items, if the history has not added that load up yet."""
        there = [line.last_change for line in self.items.lines if line.status == "completed"]
        return max(filter(None, [self.record.last_success, *there]), default=None)

    @property
    def waiting(self) -> int:
        return self.items.total("pending")

    @property
    def failed(self) -> int:
        return self.items.total("failed")

    @property
    def failed_last_day(self) -> int:
        return self.items.total("failed", since="last_day")

    @property
    def meaning(self) -> str:
        """Why the destination is paused, in a sentence; the reason that was noted, if the catalogue lacks the code."""
        entry = CATALOGUE.get(self.configuration.state.breaker_code or "")
        return entry.meaning if entry else self.configuration.state.breaker_reason or "no reason was noted"

    @property
    def pause(self) -> Pause:
        by, state = self.paused_by, self.configuration.state
        return Pause(
            self.name,
            self.meaning,
            by.at if by else self.record.paused_since,
            state.breaker_until,
            by_hand=state.breaker_code == BY_HAND,
            remedy=ends_pause(self.configuration),
            id=self.id,
            code=state.breaker_code or "",
            waiting=self.waiting,
            by=by.user_name if by else "",
        )


@dataclass(frozen=True, slots=True)
class Destinations:
    """The destinations that are listed and the `count` of all; the longest `lag`, in seconds, and whose it is.

    `pauses` are those of the listed destinations, `paused` is the number of all that are paused.
    """

    listed: tuple[DestinationStatus, ...]
    count: int
    lag: float
    lag_where: str
    pauses: tuple[Pause, ...]
    paused: int


class _Each(NamedTuple):
    """What is needed of every destination, listed or not."""

    is_active: bool
    breaker_state: str
    min_interval: timedelta

    @property
    def is_paused(self) -> bool:
        return self.is_active and self.breaker_state == OPEN

    @property
    def takes_loads(self) -> bool:
        return self.is_active and self.breaker_state != OPEN


def availability_of(configuration: SnowflakeConfiguration, now: datetime) -> Availability:
    """Whether the destination takes loads."""
    if not configuration.is_active:
        return Availability.OFF
    if configuration.state.breaker_state != OPEN:
        return Availability.WORKING if configuration.state.last_login_at else Availability.UNTRIED
    until = configuration.state.breaker_until
    return Availability.TRYING if until is not None and until <= now else Availability.PAUSED


def ends_pause(configuration: SnowflakeConfiguration) -> str:
    """What to do so that the destination's pause ends; empty if the catalogue lacks the code that was noted."""
    entry = CATALOGUE.get(configuration.state.breaker_code or "")
    return entry.remedy if entry else ""


def destinations(
    scope: Scope, counts: Counts, now: datetime, *, asked: str = "", start: int = 0, most: int = MOST
) -> Destinations:
    """The destinations in the scope: those in trouble first, then those with something to do.

    `asked`: only those with this in their name, account or owner's address. `most` are listed, from the `start`-th on.
    """
    every = _every(scope, asked)
    # Under None are the items that are not routed yet.
    items: dict[UUID | None, Counts] = counts.by("configuration_id")
    lags = {id_: _lag(waiting, every.get(id_)) for id_, waiting in items.items()}
    for id_, ended in _pauses_ended([id_ for id_, lag in lags.items() if id_ and lag > NOTICED]).items():
        # What waited for a destination that was paused has not waited for a worker.
        lags[id_] = max(0.0, min(lags[id_], (counts.as_of - ended).total_seconds()))
    none = replace(counts, lines=())
    ids = _chosen(every, {id_: items.get(id_, none) for id_ in every}, lags, most)[start : start + most]
    records = history.records({id_: every[id_].is_paused for id_ in ids}, now)
    found = SnowflakeConfiguration.objects.only(*_SHOWN).select_related("user").in_bulk(ids)
    by = _paused_by([id_ for id_, each in found.items() if each.state.breaker_code == BY_HAND])
    listed = {
        id_: DestinationStatus(
            found[id_],
            availability_of(found[id_], now),
            items.get(id_, none),
            lags.get(id_, 0.0),
            records[id_],
            by.get(str(id_)),
        )
        for id_ in ids
        if id_ in found
    }
    # A destination that is paused or off is not late: its state says why nothing is loaded.
    late = {id_: lag for id_, lag in lags.items() if id_ is None or (id_ in every and every[id_].takes_loads)}
    latest = max(late, key=lambda id_: late[id_], default=None)
    return Destinations(
        tuple(listed.values()),
        len(every),
        late.get(latest, 0.0),
        listed[latest].name if latest in listed else "",
        tuple(status.pause for id_, status in listed.items() if every[id_].is_paused),
        sum(each.is_paused for each in every.values()),
    )


def _every(scope: Scope, asked: str) -> dict[UUID | None, _Each]:
    configurations = SnowflakeConfiguration.objects.order_by("created_at", "pk")
    if asked:
        meant = (Q(**{f"{name}__icontains": asked}) for name in ("name", "account_identifier", "user__email"))
        configurations = configurations.filter(reduce(or_, meant))
    if scope.configuration_id is not None:
        configurations = configurations.filter(pk=scope.configuration_id)
    elif scope.user_id is not None:
        configurations = configurations.filter(user_id=scope.user_id)
    rows = configurations.values_list("pk", "is_active", "stored_state__breaker_state", "min_interval")
    return {row[0]: _Each(*row[1:]) for row in rows}


def _chosen(
    every: dict[UUID | None, _Each], items: dict[UUID | None, Counts], lags: dict[UUID | None, float], most: int
) -> list[UUID]:
    """The ids of the destinations, in order; if there are few, in the order of their creation."""
    ids = [id_ for id_ in every if id_]
    if len(ids) <= most:
        return ids

    def trouble(id_: UUID) -> tuple[bool, float, int, int]:
        failed, waiting = items[id_].total("failed", since="last_day"), items[id_].total("pending")
        return not every[id_].is_paused, -lags.get(id_, 0.0), -failed, -waiting

    return sorted(ids, key=trouble)


def _paused_by(ids: list[UUID]) -> dict[str, SyncActivity]:
    """Who paused each of these by hand, as far as that was noted."""
    if not ids:
        return {}
    pauses = SyncActivity.objects.filter(
        subject_kind=Kind.DESTINATION, subject_id__in=map(str, ids), action=Action.DESTINATION_PAUSED
    )
    latest = pauses.order_by("subject_id", "-at", "-id").distinct("subject_id")
    return {pause.subject_id: pause for pause in latest}


def _pauses_ended(ids: list[UUID]) -> dict[UUID, datetime]:
    """When the latest pause of each of these ended, as far as that was noted.

    Where nobody has said that it is over, a change of how the destination is reached has ended it.
    """
    params = {"destinations": ids, "kind": Kind.DESTINATION, "pause": Action.DESTINATION_PAUSED, "ends": list(_ENDS)}
    return dict(fetch(_PAUSES_ENDED, params)) if ids else {}


def _lag(items: Counts, each: _Each | None) -> float:
    """Seconds that the oldest due item is late, less the wait for a window (min_interval), which is on purpose."""
    due = items.oldest_due()
    if due is None:
        return 0.0
    wait = items.as_of - due - (each.min_interval if each else timedelta(0))
    return max(0.0, wait.total_seconds())


_SHOWN = (
    "name",
    "account_identifier",
    "database",
    "schema",
    "is_active",
    "min_interval",
    "freshness_minutes",
    "created_at",
    "stored_state",
    "user__email",
)
