"""The destinations: how late each is, what it did in the last day, and why it is paused."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.errors import CATALOGUE
from sync.reporting.history import reading as past
from sync.reporting.history.reading import Record
from sync.reporting.scope import Asked
from sync.reporting.statistics import Line
from sync.reporting.verdict import Pause

# Destinations that are listed, the ones in trouble first.
MOST = 15
OPEN = SnowflakeConfiguration.BreakerState.OPEN


class DestinationState(StrEnum):
    """`TRYING`: its pause is over, and the next item tries whether it works again."""

    WORKING = "working"
    TRYING = "trying"
    PAUSED = "paused"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Tally:
    """A destination's items. `due_since`: since when the oldest that waits could have been loaded."""

    waiting: int = 0
    processing: int = 0
    failed: int = 0
    failed_last_day: int = 0
    due_since: datetime | None = None
    last_completed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A destination as it stands. Lag: seconds for which its oldest due item has been waiting."""

    configuration: SnowflakeConfiguration
    state: DestinationState
    tally: Tally
    lag: float
    record: Record

    @property
    def id(self) -> UUID:
        return self.configuration.pk

    @property
    def name(self) -> str:
        return str(self.configuration)

    @property
    def last_success(self) -> datetime | None:
        """The last load of all; that of an item which is there still, where it has not been added up yet."""
        known = [at for at in (self.record.last_success, self.tally.last_completed) if at]
        return max(known, default=None)

    @property
    def meaning(self) -> str:
        """Why it is paused, in a sentence."""
        return meaning(self.configuration)

    @property
    def remedy(self) -> str:
        entry = CATALOGUE.get(self.configuration.breaker_code or "")
        return entry.remedy if entry else ""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Those that are listed, of so many; where the longest lag is; pauses of those listed, and how many there are."""

    listed: tuple[Standing, ...]
    count: int
    lag: float
    lag_where: str
    pauses: tuple[Pause, ...]
    paused: int


def meaning(configuration: SnowflakeConfiguration) -> str:
    """Why it is paused; the reason that was noted where the code says nothing."""
    entry = CATALOGUE.get(configuration.breaker_code or "")
    return entry.meaning if entry else configuration.breaker_reason or "no reason was noted"


def state_of(configuration: SnowflakeConfiguration, now: datetime) -> DestinationState:
    """Whether it takes loads."""
    if not configuration.is_active:
        return DestinationState.OFF
    if configuration.breaker_state != OPEN:
        return DestinationState.WORKING
    until = configuration.breaker_until
    return DestinationState.TRYING if until is not None and until <= now else DestinationState.PAUSED


def destinations(asked: Asked, lines: Sequence[Line], as_of: datetime, now: datetime) -> Destinations:
    """The destinations that are meant: those in trouble first, then those with something to do."""
    every = _every(asked)
    tallies = _tallies(lines)
    lags = {id_: _lag(tally, every.get(id_), as_of) for id_, tally in tallies.items()}
    paused = {id_ for id_, each in every.items() if each.is_active and each.breaker_state == OPEN}
    ids = _chosen(every, paused, tallies, lags)
    records = past.records({id_: id_ in paused for id_ in ids}, now)
    found = SnowflakeConfiguration.objects.only(*_SHOWN).select_related("user").in_bulk(ids)
    listed = tuple(
        Standing(found[id_], state_of(found[id_], now), tallies.get(id_, Tally()), lags.get(id_, 0.0), records[id_])
        for id_ in ids
        if id_ in found
    )
    names = {standing.id: standing.name for standing in listed}
    # What is paused or off is not late: it says so itself. None is what waits to be routed.
    late = {id_: lag for id_, lag in lags.items() if id_ is None or (id_ in every and every[id_].takes_loads)}
    latest = max(late, key=lambda id_: late[id_], default=None)
    return Destinations(
        listed,
        len(every),
        late.get(latest, 0.0),
        names.get(latest, "") if latest else "",
        tuple(_pause(standing) for standing in listed if standing.id in paused),
        len(paused),
    )


class _Each(NamedTuple):
    """What is needed of every destination, listed or not."""

    is_active: bool
    breaker_state: str
    min_interval: timedelta

    @property
    def takes_loads(self) -> bool:
        return self.is_active and self.breaker_state != OPEN


def _every(asked: Asked) -> dict[UUID | None, _Each]:
    configurations = SnowflakeConfiguration.objects.order_by("created_at", "pk")
    if asked.configuration_id is not None:
        configurations = configurations.filter(pk=asked.configuration_id)
    elif asked.user_id is not None:
        configurations = configurations.filter(user_id=asked.user_id)
    return {row[0]: _Each(*row[1:]) for row in configurations.values_list("pk", *_Each._fields)}


def _chosen(
    every: dict[UUID | None, _Each],
    paused: Collection[UUID | None],
    tallies: dict[UUID | None, Tally],
    lags: dict[UUID | None, float],
) -> list[UUID]:
    """Ids in the order in which they are listed; where there are few, in the order of their making."""
    ids = [id_ for id_ in every if id_]
    if len(ids) <= MOST:
        return ids

    def trouble(id_: UUID) -> tuple[bool, float, int, int]:
        tally = tallies.get(id_, Tally())
        return id_ not in paused, -lags.get(id_, 0.0), -tally.failed_last_day, -tally.waiting

    return sorted(ids, key=trouble)[:MOST]


def _tallies(lines: Sequence[Line]) -> dict[UUID | None, Tally]:
    """By destination; None for what is not routed yet."""
    by_destination: dict[UUID | None, list[Line]] = {}
    for line in lines:
        by_destination.setdefault(line.configuration_id, []).append(line)
    return {id_: _tally(found) for id_, found in by_destination.items()}


def _tally(lines: Sequence[Line]) -> Tally:
    def count(status: str) -> int:
        return sum(line.count for line in lines if line.status == status)

    due = [line.oldest_run_after for line in lines if line.status == "pending" and line.oldest_run_after]
    failed = sum(line.last_day for line in lines if line.status == "failed")
    done = [line.last_change for line in lines if line.status == "completed" and line.last_change]
    return Tally(
        count("pending"), count("processing"), count("failed"), failed, min(due, default=None), max(done, default=None)
    )


def _lag(tally: Tally, each: _Each | None, as_of: datetime) -> float:
    """A destination that waits for its next window on purpose is late only when that is over."""
    if tally.due_since is None:
        return 0.0
    wait = as_of - tally.due_since - (each.min_interval if each else timedelta(0))
    return max(0.0, wait.total_seconds())


def _pause(standing: Standing) -> Pause:
    configuration = standing.configuration
    by_hand = configuration.breaker_code == "paused_by_hand"
    since = standing.record.paused_since
    until = configuration.breaker_until
    return Pause(standing.name, standing.meaning, since, until, by_hand=by_hand, remedy=standing.remedy)


_SHOWN = (
    "name",
    "account_identifier",
    "database",
    "schema",
    "is_active",
    "breaker_state",
    "breaker_until",
    "breaker_code",
    "breaker_reason",
    "breaker_failures",
    "min_interval",
    "last_login_at",
    "created_at",
    "user__email",
)
