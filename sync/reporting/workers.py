"""The worker processes: who lives, who fell silent, what each has in hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, F, Q

from sync.models import SyncQueueItem, SyncWorker
from sync.reporting.history import reading as past

# Workers that are listed, and for how long one that has ended is.
MOST = 50
REMEMBERED = timedelta(hours=1)


class WorkerState(StrEnum):
    """`HELD_BACK`: it lives and takes no items. `SILENT`: it neither beats nor has it signed off."""

    LIVE = "live"
    HELD_BACK = "held back"
    SILENT = "silent"
    STOPPED = "stopped"


class Counted(NamedTuple):
    """Those that live, how many of them take no items, and those that fell silent in the last hour, or hold items."""

    live: int
    held_back: int
    silent: int


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """A process; `rate` is loads a minute over the last five, `held_back` why it takes none."""

    id: int
    host: str
    pid: int
    state: WorkerState
    started_at: datetime
    heartbeat_at: datetime
    in_flight: int
    concurrency: int
    rate: float
    held_back: str


@dataclass(frozen=True, slots=True)
class Workers:
    """How many there are, and the lines of some."""

    counted: Counted
    lines: tuple[WorkerLine, ...]
    in_flight: int


def count_workers(now: datetime) -> Counted:
    living = SyncWorker.objects.filter(alive(now)).aggregate(all=Count("pk"), held_back=Count("held_back"))
    return Counted(living["all"], living["held_back"], SyncWorker.objects.filter(_silent(now)).count())


def workers(now: datetime) -> Workers:
    """Those that live first, then those that are missed, then those that ended a moment ago."""
    shown = alive(now) | _silent(now) | Q(stopped_at__gt=now - REMEMBERED)
    found = list(
        SyncWorker.objects.filter(shown).order_by(F("stopped_at").asc(nulls_first=True), "-heartbeat_at")[:MOST]
    )
    rate = past.rates([worker.pk for worker in found], now)
    lines = [_line(worker, rate.get(worker.pk, 0.0), now) for worker in found]
    lines.sort(key=lambda line: (list(WorkerState).index(line.state), line.host, line.pid))
    busy = sum(line.in_flight for line in lines if line.state in (WorkerState.LIVE, WorkerState.HELD_BACK))
    return Workers(count_workers(now), tuple(lines), busy)


def _lease() -> timedelta:
    return timedelta(seconds=settings.SYNC_LEASE_SECONDS)


def alive(now: datetime) -> Q:
    """Workers whose lease is not over."""
    return Q(stopped_at=None, heartbeat_at__gt=now - _lease())


def _silent(now: datetime) -> Q:
    held = SyncQueueItem.objects.filter(status="processing", worker_id__isnull=False).values("worker_id")
    missed = Q(heartbeat_at__gt=now - REMEMBERED) | Q(pk__in=held)
    return Q(stopped_at=None, heartbeat_at__lte=now - _lease()) & missed


def _line(worker: SyncWorker, rate: float, now: datetime) -> WorkerLine:
    if worker.stopped_at is not None:
        state = WorkerState.STOPPED
    elif worker.heartbeat_at <= now - _lease():
        state = WorkerState.SILENT
    else:
        state = WorkerState.HELD_BACK if worker.held_back else WorkerState.LIVE
    return WorkerLine(
        worker.pk,
        worker.host,
        worker.pid,
        state,
        worker.started_at,
        worker.heartbeat_at,
        worker.in_flight,
        worker.concurrency,
        rate,
        worker.held_back or "",
    )
