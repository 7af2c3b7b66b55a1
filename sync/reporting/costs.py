"""What loads have cost: statements, time and bytes of the attempts that are kept, and the credits that is about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.destinations import place_of
from sync.models import Workflow
from sync.postgres import fetch, read_sql
from sync.reporting.awake import SUSPEND, Span, awake, credits_of, merged
from sync.reporting.cost_advice import Advice, advice_for
from sync.snowflake.identifiers import resolve

DAYS, MOST_DAYS = 7, 31
# The latest attempts of all destinations that are looked at, and the lines of each list.
LOOKED_AT, LISTED = 100_000, 50
_DAY, _HOUR = 24 * 3600.0, 3600.0
FORMULA = (
    "The warehouse is taken to be awake from when a load began until a minute after it ended (AUTO_SUSPEND, as the "
    "set-up script makes it), loads that overlap counting once; an hour of that is a credit, as of an X-Small. Each "
    "size more takes twice as many. Snowflake is asked neither for the size nor for what others run there."
)

_START, _SPENT, _BUSY = read_sql(__file__, "start", "spent", "busy")


class Sum(NamedTuple):
    """Loads, and what was sent for them and for taking results out again.

    `seconds`: of workers; what travelled together shares its time. `batches`: if what a workflow loads within a
    minute went together.
    """

    loads: int = 0
    statements: float = 0.0
    seconds: float = 0.0
    bytes: int = 0
    batches: int = 0


@dataclass(frozen=True, slots=True)
class WorkflowCost:
    """None: its executions are deleted, or have no workflow."""

    workflow: Workflow | None
    spent: Sum


@dataclass(frozen=True, slots=True)
class DestinationCost:
    """`credits`: as if the warehouse were this destination's alone."""

    configuration: SnowflakeConfiguration
    spent: Sum
    credits: float
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class DayCost:
    day: date
    spent: Sum
    credits: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Of what was loaded from `since` to `until`. `is_cut`: more was asked for, and there were too many attempts.

    The lists have what sent the most first, `LISTED` of each at most; `workflow_count` and `destination_count` are
    how many there are. `credits`: of warehouses, each once, whoever of the destinations woke it. `length`: the days of
    which what is said of a day is the mean; at least one, unless it `is_cut`.
    """

    since: datetime
    until: datetime
    is_cut: bool
    length: float
    spent: Sum
    credits: float
    workflows: tuple[WorkflowCost, ...]
    destinations: tuple[DestinationCost, ...]
    days: tuple[DayCost, ...]
    workflow_count: int
    destination_count: int

    @property
    def credits_a_day(self) -> float:
        return self.credits / self.length


def costs(owner_id: UUID | None, *, days: int = DAYS, destination_id: UUID | None = None) -> Costs:
    """Of an owner's destinations, or everybody's, or of one; of the last `days`, today included, at most MOST_DAYS."""
    until = timezone.now()
    midnight = timezone.localtime(until).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = (midnight - timedelta(days=min(days, MOST_DAYS) - 1)).astimezone(UTC)
    ((first, oldest, has_more),) = fetch(_START, {"most": LOOKED_AT})
    since = max(asked, oldest) if has_more and oldest else asked
    params = {
        "first": first,
        "since": since,
        "configurations": _meant(owner_id, destination_id),
        "gap": SUSPEND,
        "zone": timezone.get_current_timezone_name(),
    }
    sums = _Sums(fetch(_SPENT, params))
    busy: dict[UUID, list[Span]] = defaultdict(list)
    for configuration_id, start, end in fetch(_BUSY, params):
        busy[configuration_id].append((start, end))
    of_warehouses = _warehouses(busy)
    began = min((start for spans in busy.values() for start, _ in spans), default=until.timestamp())
    length = max(_HOUR if since > asked else _DAY, until.timestamp() - began) / _DAY
    all_awake = [span for spans in of_warehouses.values() for span in awake(spans)]
    return Costs(
        since=since,
        until=until,
        is_cut=since > asked,
        length=length,
        spent=sums.total,
        credits=credits_of(all_awake),
        workflows=_workflows(sums.workflows),
        destinations=_destinations(sums.destinations, busy, of_warehouses, length),
        days=_days(sums.days, all_awake),
        workflow_count=len(sums.workflows),
        destination_count=len(sums.destinations),
    )


def _meant(owner_id: UUID | None, destination_id: UUID | None) -> list[UUID] | None:
    if owner_id is None:
        return None if destination_id is None else [destination_id]
    found = SnowflakeConfiguration.objects.filter(user=owner_id)
    return list((found.filter(pk=destination_id) if destination_id else found).values_list("pk", flat=True))


class _Sums:
    """What was spent, by what it is asked for by; what sent the most is first."""

    def __init__(self, rows: Iterable[Sequence[object]]) -> None:
        self.workflows: dict[UUID | None, Sum] = {}
        self.destinations: dict[UUID, Sum] = {}
        self.days: dict[date, Sum] = {}
        found = {"workflow": (self.workflows, 2), "destination": (self.destinations, 1), "day": (self.days, 3)}
        for row in rows:
            kept, place = found[str(row[0])]
            kept[row[place]] = Sum(*row[4:])  # type: ignore[index, arg-type]

    @property
    def total(self) -> Sum:
        columns = zip(*self.destinations.values(), strict=True)
        return Sum(*map(sum, columns)) if self.destinations else Sum()


def _warehouses(busy: Mapping[UUID, list[Span]]) -> dict[tuple[object, str], list[Span]]:
    """When each warehouse was busy, whichever destinations use it."""
    found: dict[tuple[object, str], list[Span]] = defaultdict(list)
    for one in SnowflakeConfiguration.objects.select_related(None).filter(pk__in=list(busy)):
        found[_warehouse(one)] += busy[one.pk]
    return {key: merged(spans) for key, spans in found.items()}


def _warehouse(configuration: SnowflakeConfiguration) -> tuple[object, str]:
    return place_of(configuration)[0], resolve(configuration.warehouse)


def _workflows(sums: Mapping[UUID | None, Sum]) -> tuple[WorkflowCost, ...]:
    listed = list(sums.items())[:LISTED]
    named = Workflow.objects.select_related("user").in_bulk([key for key, _ in listed if key])
    return tuple(WorkflowCost(named.get(key) if key else None, spent) for key, spent in listed)


def _destinations(
    sums: Mapping[UUID, Sum],
    busy: Mapping[UUID, list[Span]],
    of_warehouses: Mapping[tuple[object, str], list[Span]],
    length: float,
) -> tuple[DestinationCost, ...]:
    listed = list(sums.items())[:LISTED]
    wanted = SnowflakeConfiguration.objects.select_related("user")
    named = {one.pk: one for one in wanted.filter(pk__in=[key for key, _ in listed])}
    users: dict[tuple[object, str], list[UUID]] = defaultdict(list)
    for pk, one in named.items():
        users[_warehouse(one)].append(pk)
    found = []
    for key, spent in listed:
        if configuration := named.get(key):
            others = [span for other in users[_warehouse(configuration)] if other != key for span in busy[other]]
            advice = advice_for(configuration, busy[key], others, spent.statements, spent.batches, length)
            found.append(DestinationCost(configuration, spent, credits_of(awake(busy[key])), advice))
    return tuple(found)


def _days(sums: Mapping[date, Sum], spans: Iterable[Span]) -> tuple[DayCost, ...]:
    """The latest first. A time across midnight is each day's with its part."""
    spent: dict[date, float] = defaultdict(float)
    for start, end in spans:
        at = start
        while at < end:
            local = timezone.localtime(datetime.fromtimestamp(at, UTC))
            midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
            till = min(end, max(midnight, at + 1))
            spent[local.date()] += credits_of([(at, till)])
            at = till
    return tuple(DayCost(day, sums.get(day, Sum()), spent[day]) for day in sorted({*sums, *spent}, reverse=True))
