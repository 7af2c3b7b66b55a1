"""What is recorded of an execution's try, whichever way it ends."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from sync.destinations import Access
from sync.queue import Attempt
from sync.snowflake.session import Session
from sync.telemetry import span


@dataclass(slots=True, eq=False)
class Record:
    """The record of one execution's try.

    It is read while it is written: a worker that has to stop wants to know how far the load has come.
    """

    execution_id: str
    # Its workflow, once that is known; and the claim's token.
    workflow_id: str = ""
    attempt: int = 0
    started_at: datetime = field(default_factory=timezone.now)
    timings: dict[str, float] = field(default_factory=dict)
    # The rows of the file, and, where a rule left some out, those of the result.
    rows: int | None = None
    source_rows: int | None = None
    bytes: int | None = None
    batch_size: int = 1
    # The results that were read: their hash, and the execution's xmin then.
    result_hash: int | None = None
    source_version: str | None = None
    # What the try goes by, and the new columns that it leaves out for that.
    rules_version: int | None = None
    dropped_columns: tuple[str, ...] = ()
    # Those that had to do with this execution, and all of the executions that travel together.
    sessions: list[Session] = field(default_factory=list)
    company: list[Session] = field(default_factory=list)

    @property
    def may_land_late(self) -> bool:
        """Whether a statement is under way that changes the table, and that takes effect however late it ends."""
        return any(session.loading and not session.is_fenced for session in self.sessions)

    def as_attempt(self) -> Attempt:
        sessions, company = tuple(self.sessions), dict.fromkeys(self.company)
        return Attempt(
            started_at=self.started_at,
            timings=dict(self.timings),
            rows=self.rows,
            source_rows=self.source_rows,
            rules_version=self.rules_version,
            dropped_columns=self.dropped_columns,
            bytes=self.bytes,
            batch_size=self.batch_size,
            statements=sum(session.statements for session in company),
            query_ids=tuple(query_id for session in sessions for query_id in session.query_ids),
            load_sent=any(session.load_sent for session in sessions),
            result_hash=self.result_hash,
            source_version=self.source_version,
        )


@contextmanager
def timed(records: Iterable[Record], step: str) -> Iterator[None]:
    """Notes how long a step takes, in milliseconds; a second try of the step adds to that."""
    started = time.perf_counter()
    try:
        with span(step):
            yield
    finally:
        took = (time.perf_counter() - started) * 1000
        for record in records:
            record.timings[step] = round(record.timings.get(step, 0.0) + took, 1)


@contextmanager
def session_for(records: Iterable[Record], access: Access) -> Iterator[Session]:
    """A session for one piece of work, whose statements are these executions'."""
    with access.session() as session:
        note_session(records, session)
        yield session


def note_session(records: Iterable[Record], session: Session) -> None:
    """What is sent through the session is these executions'."""
    for record in (noted := list(records)):
        record.sessions.append(session)
        record.company.append(session)
    session.about = _about(noted)


def _about(records: Sequence[Record]) -> dict[str, str | int]:
    """What the query tag says: of several executions the first, and how many; their workflow if they have one."""
    first, workflows = records[0], {record.workflow_id for record in records}
    return {
        **({"workflow": first.workflow_id} if first.workflow_id and len(workflows) == 1 else {}),
        "execution": first.execution_id,
        "attempt": first.attempt,
        **({"executions": len(records)} if len(records) > 1 else {}),
    }
