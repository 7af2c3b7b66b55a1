"""Rows as they are read from the database; the model speaks of them in the same form."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tests.queue.machine.state import Destination, Execution, Item, News, State, Worker


class ItemRow(NamedTuple):
    execution: str
    destination: UUID | None
    id: UUID | None
    user: UUID | None
    batch_key: str | None
    status: str
    retries: int
    max_retries: int
    generation: int
    claimed_generation: int | None
    claimed_at: datetime | None
    token: int | None
    worker: int | None
    run_after: datetime
    code: str | None
    message: str | None
    remedy: str | None
    processed_at: datetime | None
    table: str | None
    rows: int | None
    result_hash: int | None
    seen_version: str | None
    to_be_removed: bool

    @classmethod
    def of(cls, item: Item) -> "ItemRow":
        return cls(
            *item.key,
            item.id,
            item.user,
            item.batch_key,
            item.status,
            item.retries,
            item.max_retries,
            item.generation,
            item.claimed_generation,
            item.claimed_at,
            item.token,
            item.worker,
            item.run_after,
            item.code,
            item.message,
            item.remedy,
            item.processed_at,
            item.table,
            item.rows,
            item.result_hash,
            item.seen_version.xmin if item.seen_version else None,
            item.to_be_removed,
        )


class NewsRow(NamedTuple):
    execution: str
    user: UUID | None
    run_after: datetime
    id: UUID | None
    arrival: int

    @classmethod
    def of(cls, news: News) -> "NewsRow":
        return cls(news.execution.id, news.user, news.run_after, news.id, news.arrival)


class ExecutionRow(NamedTuple):
    id: str
    status: str
    results: int | None
    told: str | None
    message: str | None
    table: str | None
    uploaded_at: datetime | None
    rows: int | None
    xmin: str | None

    @classmethod
    def of(cls, execution: Execution) -> "ExecutionRow":
        e = execution
        xmin = e.version.xmin
        return cls(e.id, e.status, e.results, e.told, e.message, e.table, e.uploaded_at, e.rows, xmin)


class DestinationRow(NamedTuple):
    id: UUID
    active: bool
    open: bool
    until: datetime | None
    code: str | None
    failures: int
    logged_in: bool
    trial_until: datetime | None
    window_opened_at: datetime | None

    @classmethod
    def of(cls, destination: Destination) -> "DestinationRow":
        d = destination
        return cls(d.id, d.active, d.open, d.until, d.code, d.failures, d.logged_in, d.trial_until, d.window_opened_at)


class WorkerRow(NamedTuple):
    id: int
    heartbeat_at: datetime
    stopped: bool

    @classmethod
    def of(cls, worker: Worker) -> "WorkerRow":
        return cls(worker.id, worker.heartbeat_at, worker.stopped)


@dataclass(frozen=True)
class Seen:
    """The database after a step. Where a promise leaves a choice, the model looks here for what was chosen."""

    items: dict[tuple[str, UUID | None], ItemRow]
    inbox: dict[int, NewsRow]
    executions: dict[str, ExecutionRow]
    destinations: dict[UUID, DestinationRow]
    workers: dict[int, WorkerRow]
    attempts: Counter[tuple[UUID, int, str]]
    position: str

    @classmethod
    def expected(cls, state: State) -> "Seen":
        """What the model says."""
        items = [ItemRow.of(item) for item in state.items]
        return cls(
            {(row.execution, row.destination): row for row in items},
            {news.arrival: NewsRow.of(news) for news in state.inbox},
            {id_: ExecutionRow.of(execution) for id_, execution in state.executions.items()},
            {destination.id: DestinationRow.of(destination) for destination in state.destinations},
            {id_: WorkerRow.of(worker) for id_, worker in state.workers.items()},
            state.attempts,
            state.position,
        )
