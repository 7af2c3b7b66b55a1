"""One load: an execution's result, from PostgreSQL to one destination. Returns an Outcome or raises.

It knows nothing of threads, and changes nothing in the queue: the worker turns what happens here into complete,
retry_later, fail, or a paused destination. No PostgreSQL transaction is open while Snowflake is being talked to.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from sync import tables
from sync.destinations import destination_of
from sync.errors import SyncError, failure
from sync.models import WorkflowExecution
from sync.queue.rows import Attempt, Outcome
from sync.results import StagedFile, inspect, snapshot
from sync.results.version import Version, version_of
from sync.snowflake.connection import Session
from sync.snowflake.identifiers import OWN_COLUMNS, IdentifierCase, column_names
from sync.snowflake.load import Load, load_again, load_first
from sync.snowflake.pool import Pool
from sync.snowflake.shared import load_shared
from sync.snowflake.statements import Column
from sync.snowflake.types import ColumnType, Kind

logger = logging.getLogger(__name__)

OWN_TYPES = (ColumnType(Kind.TEXT), ColumnType(Kind.INTEGER), ColumnType(Kind.TIMESTAMP_NTZ))
OWN = tuple(Column(name, type_) for name, type_ in zip(OWN_COLUMNS, OWN_TYPES, strict=True))


@dataclass(slots=True)
class Progress:
    """What has been done so far, for the attempt's record, whichever way it ends."""

    started_at: datetime = field(default_factory=timezone.now)
    timings: dict[str, float] = field(default_factory=dict)
    rows: int | None = None
    bytes: int | None = None
    version: Version | None = None
    # Read while it is in use: a worker that has to stop wants to know how far the load has come.
    session: Session | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times a stage, in milliseconds."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[name] = round((time.perf_counter() - started) * 1000, 1)

    def as_attempt(self) -> Attempt:
        session = self.session
        return Attempt(
            started_at=self.started_at,
            timings=dict(self.timings),
            rows=self.rows,
            bytes=self.bytes,
            statements=session.statements if session else 0,
            query_ids=tuple(session.query_ids) if session else (),
            load_sent=session.load_sent if session else False,
            result_hash=self.version.result_hash if self.version else None,
            source_version=self.version.source_version if self.version else None,
        )


def run(
    execution_id: str, configuration_id: UUID, pool: Pool, guard: Callable[[], None], progress: Progress
) -> Outcome:
    """Loads one execution into one destination.

    `guard` is called before every statement to Snowflake and stops the load by raising. Raises SyncError.
    """
    configuration, destination = destination_of(configuration_id)
    execution = _execution(execution_id)
    request = tables.requested_by(execution)
    target = tables.target_of(execution, request, configuration, destination)
    logger.info("Syncing execution %s to Snowflake table %s", execution_id, target.table.name)
    with StagedFile() as staged:
        with progress.stage("extract"):
            columns = _extract(staged, target, destination.identifier_case, progress)
        load = Load(
            table=target.table,
            columns=(*columns, *OWN),
            path=staged.path,
            rows=progress.rows or 0,
            staged_name=uuid.uuid4().hex,
            marker=target.marker,
        )
        tables.register(target)
        with progress.stage("load"), pool.session(destination, guard) as session:
            progress.session = session
            _load(session, load, target)
    tables.note_loaded(target, load.columns)
    return Outcome(
        schema_name=target.table.schema,
        table_name=target.table.name,
        row_count=load.rows,
        requested_schema=request.schema,
        requested_table=request.table,
    )


def _extract(staged: StagedFile, target: tables.Target, case: IdentifierCase, progress: Progress) -> tuple[Column, ...]:
    """Fills the file, all of it from one moment; the columns that it has."""
    with snapshot(connection) as cursor:
        progress.version = version_of(cursor, target.execution_id)
        shape = inspect(cursor, target.execution_id)
        names = column_names([column.key for column in shape.columns], case)
        if target.shared and target.known:
            # A decimal that is declared without a scale takes the table's.
            types = target.known_types
            keys = zip(shape.columns, names, strict=True)
            known = {column.key: types[name] for column, name in keys if name in types}
            shape = inspect(cursor, target.execution_id, known)
        progress.rows = staged.append(cursor, shape, progress.started_at)
    progress.bytes = staged.finish().bytes
    columns = zip(names, shape.columns, strict=True)
    return tuple(Column(name, column.type) for name, column in columns)


def _execution(execution_id: str) -> WorkflowExecution:
    """The execution without its results, which are never brought into Python."""
    try:
        return (
            WorkflowExecution.objects.select_related("workflow")
            .defer("result_rows", "result_columns", "execution_parameters")
            .get(execution_id=execution_id)
        )
    except WorkflowExecution.DoesNotExist:
        raise failure(
            "execution_not_visible", f"The worker's database role does not see execution {execution_id}"
        ) from None


def _load(session: Session, load: Load, target: tables.Target) -> None:
    try:
        if target.shared:
            load_shared(session, load, [target.execution_id], shape_known=target.has(load.columns))
        elif target.known is None:
            load_first(session, load)
        else:
            load_again(session, load, same_columns=target.is_exactly(load.columns))
    except SyncError as error:
        if error.code == "table_not_ours":
            tables.forget(target)
        raise
