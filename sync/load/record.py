"""How far an execution's load has come, for the attempt's record, whichever way it ends."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from sync.errors import SyncError
from sync.queue import Attempt, Outcome
from sync.results import Version
from sync.snowflake.session import Session


@dataclass(slots=True, eq=False)
class Progress:
    """One execution on its way to one destination; those that travel together share stages and session.

    It ends with an outcome, or with an error of its own; with neither where what ended it concerns all of them.
    """

    execution_id: str
    started_at: datetime = field(default_factory=timezone.now)
    timings: dict[str, float] = field(default_factory=dict)
    rows: int | None = None
    bytes: int | None = None
    batch_size: int = 1
    version: Version | None = None
    # One a try. Read while they are in use: a worker that has to stop wants to know how far the load has come.
    sessions: list[Session] = field(default_factory=list)
    outcome: Outcome | None = None
    error: SyncError | None = None

    @property
    def is_settled(self) -> bool:
        return self.outcome is not None or self.error is not None

    def as_attempt(self) -> Attempt:
        sessions = tuple(self.sessions)
        return Attempt(
            started_at=self.started_at,
            timings=dict(self.timings),
            rows=self.rows,
            bytes=self.bytes,
            batch_size=self.batch_size,
            statements=sum(session.statements for session in sessions),
            query_ids=tuple(query_id for session in sessions for query_id in session.query_ids),
            load_sent=any(session.load_sent for session in sessions),
            result_hash=self.version.result_hash if self.version else None,
            source_version=self.version.source_version if self.version else None,
        )


@contextmanager
def stage(batch: Sequence[Progress], name: str) -> Iterator[None]:
    """Times a stage, in milliseconds; a second try of it adds up."""
    started = time.perf_counter()
    try:
        yield
    finally:
        took = (time.perf_counter() - started) * 1000
        for progress in batch:
            progress.timings[name] = round(progress.timings.get(name, 0.0) + took, 1)
