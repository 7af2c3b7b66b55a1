"""The worker processes: which live, which fell silent, and how many items each has in flight."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from sync.models import SyncQueueItem, SyncWorker
from sync.reporting import history

# At most so many workers are listed, and a worker that has ended for so long.
MOST = 50
REMEMBERED = timedelta(hours=1)
# So many items are named of what all workers hold.
HELD = 40
_CONFIGURATION = tuple(f"configuration__{name}" for name in ("account_identifier", "database", "schema"))


class WorkerState(StrEnum):
    """`HELD_BACK`: the worker lives and takes no items. `SILENT`: it stopped beating and has not signed off."""

    LIVE = "live"
    HELD_BACK = "held back"
    SILENT = "silent"
    STOPPED = "stopped"


class Counted(NamedTuple):
    """How many workers live, how many of these take no items, and how many are silent.

    A silent worker counts if it fell silent in the last hour, or still holds items.
    """

    live: int
    held_back: int
    silent: int


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """A worker process; `rate` is its loads a minute over the last five minutes.

    `in_flight`: the items that it holds now, which its last heartbeat may not know of.
    """

    worker: SyncWorker
    state: WorkerState
    rate: float
    in_flight: int


@dataclass(frozen=True, slots=True)
class Workers:
    """How many workers there are, the lines of some, and the items that those which live have in flight."""

    counted: Counted
    lines: tuple[WorkerLine, ...]
    in_flight: int


def count_workers(now: datetime) -> Counted:
    living = SyncWorker.objects.filter(_alive(now)).aggregate(all=Count("pk"), held_back=Count("held_back"))
    return Counted(living["all"], living["held_back"], SyncWorker.objects.filter(_silent(now)).count())


def list_workers(now: datetime) -> Workers:
    """Lists the workers that live, then those that fell silent, then those that ended in the last hour."""
    shown = SyncWorker.objects.filter(_alive(now) | _silent(now) | Q(stopped_at__gt=now - REMEMBERED))
    found = list(shown.order_by(F("stopped_at").asc(nulls_first=True), "-heartbeat_at")[:MOST])
    ids = [worker.pk for worker in found]
    rates = history.rates(ids, now)
    held = dict(_held_by(ids).values_list("worker_id").annotate(all=Count("pk")))
    lines = [
        WorkerLine(worker, _state(worker, now), rates.get(worker.pk, 0.0), held.get(worker.pk, 0)) for worker in found
    ]
    lines.sort(key=lambda line: (list(WorkerState).index(line.state), line.worker.host, line.worker.pid))
    return Workers(count_workers(now), tuple(lines), count_in_flight(now))


def count_in_flight(now: datetime) -> int:
    """Counts the items that workers which live are loading."""
    return _held_by(SyncWorker.objects.filter(_alive(now)).values_list("pk", flat=True)).count()


def _held_by(worker_ids: Iterable[int]) -> QuerySet[SyncQueueItem]:
    return SyncQueueItem.objects.filter(status="processing", worker_id__in=worker_ids)


def holdings(worker_ids: list[int]) -> dict[int, list[SyncQueueItem]]:
    """What these workers are loading, the oldest `HELD` of all, without the results."""
    workflow = ("execution__workflow__name", "execution__workflow__workflow_id")
    fields = ("execution", "worker_id", "updated_at", "configuration__name", *workflow)
    shown = _held_by(worker_ids).select_related("execution__workflow", "configuration").only(*fields, *_CONFIGURATION)
    by_worker: dict[int, list[SyncQueueItem]] = {id_: [] for id_ in worker_ids}
    for item in shown.order_by("updated_at", "pk")[:HELD]:
        by_worker[item.worker_id].append(item)  # type: ignore[index]  # found by its worker
    return by_worker


def _alive(now: datetime) -> Q:
    """Workers whose lease is not over."""
    return Q(stopped_at=None, heartbeat_at__gt=_lease_begins(now))


def _silent(now: datetime) -> Q:
    held = SyncQueueItem.objects.filter(status="processing", worker_id__isnull=False).values("worker_id")
    missed = Q(heartbeat_at__gt=now - REMEMBERED) | Q(pk__in=held)
    return Q(stopped_at=None, heartbeat_at__lte=_lease_begins(now)) & missed


def _state(worker: SyncWorker, now: datetime) -> WorkerState:
    if worker.stopped_at is not None:
        return WorkerState.STOPPED
    if worker.heartbeat_at <= _lease_begins(now):
        return WorkerState.SILENT
    return WorkerState.HELD_BACK if worker.held_back else WorkerState.LIVE


def _lease_begins(now: datetime) -> datetime:
    """A worker whose last heartbeat is before this moment has lost its lease."""
    return now - timedelta(seconds=settings.SYNC_LEASE_SECONDS)
