"""The load of a batch: executions that travel together, from PostgreSQL to one destination.

It knows nothing of threads, and changes nothing in the queue: the worker turns what happens here into complete,
retry_later, fail, or a paused destination. No PostgreSQL transaction is open while Snowflake is being talked to.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.destinations import destination_of
from sync.errors import DestinationError, SyncError, failure
from sync.load import table_registry as tables
from sync.load.extract import Extracted, SpoiledError, UnnamedError, extract
from sync.load.record import Progress, stage
from sync.load.table_registry import Target
from sync.load.target import Placed, place
from sync.models import WorkflowExecution
from sync.queue import Outcome
from sync.results import StagedFile
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.load import (
    FileLoad,
    assume_stage,
    load_again,
    load_first,
    load_shared,
    notes,
    read_columns,
    staged_name,
    sweep_checks,
    sweep_stage,
)
from sync.snowflake.session import Destination, Pool, Session
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

logger = logging.getLogger(__name__)

OWN_TYPES = (ColumnType(Kind.TEXT), ColumnType(Kind.INTEGER), ColumnType(Kind.TIMESTAMP_NTZ))
OWN = tuple(Column(name, type_) for name, type_ in zip(OWN_COLUMNS, OWN_TYPES, strict=True))

# How often staged files that were left behind are looked for in a destination, and how old they have to be.
SWEEP_EVERY = timedelta(days=1)


def run(
    batch: Sequence[Progress],
    configuration_id: UUID,
    pool: Pool,
    guard: Callable[[], None],
    login_lock: Callable[[int], AbstractContextManager[None]],
    directory: Path | None = None,
) -> None:
    """Loads a batch of executions into one destination; each gets its outcome, or its error.

    `guard` is called before every statement to Snowflake and stops the load by raising; log-ins pass through
    `login_lock`, which is told the version of the settings that they use. What concerns all that are not settled yet is
    raised: a destination-wide SyncError, what the guard and the lock raise, errors of the database.
    """
    configuration, destination = destination_of(configuration_id)
    placed = place(_executions(batch, configuration.user_id), configuration, destination)
    through = partial(login_lock, configuration.settings_version)
    trip = _Trip(configuration, destination, lambda: pool.session(destination, guard, through), directory, placed)
    together: dict[Table, list[Progress]] = {}
    for progress in batch:
        if not progress.is_settled:
            table = placed[progress.execution_id].target.table
            logger.info("Syncing execution %s to Snowflake table %s", progress.execution_id, table.name)
            together.setdefault(table, []).append(progress)
    for members in together.values():
        trip.carry(members, placed[members[0].execution_id].target)


def _executions(batch: Iterable[Progress], owner: UUID) -> list[WorkflowExecution]:
    """The executions without their results, which are never brought into Python; those that are still `owner`'s."""
    found = {
        execution.execution_id: execution
        for execution in WorkflowExecution.objects.select_related("workflow")
        .defer("result_rows", "result_columns", "execution_parameters")
        .filter(execution_id__in=[progress.execution_id for progress in batch])
    }
    for progress in batch:
        if progress.execution_id not in found:
            progress.error = failure(
                "execution_not_visible",
                f"The worker's database role does not see execution {progress.execution_id}",
            )
        elif (workflow := found[progress.execution_id].workflow) is None or workflow.user_id != owner:
            del found[progress.execution_id]
            progress.error = failure("owner_changed", f"Execution {progress.execution_id} was queued for another user")
    return list(found.values())


@dataclass(frozen=True)
class _Trip:
    """A batch's way to its destination, a table after the other."""

    configuration: SnowflakeConfiguration
    destination: Destination
    session: Callable[[], AbstractContextManager[Session]]
    directory: Path | None
    placed: dict[str, Placed]

    def carry(self, members: Sequence[Progress], target: Target, *, verified: bool = False) -> None:
        """Loads these executions into one table. `verified`: its columns are as Snowflake has just said."""
        left = [progress for progress in members if not progress.is_settled]
        while left:
            try:
                left, target = self._carry(left, target, verified=verified)
            except SpoiledError:
                left = [progress for progress in left if not progress.is_settled]
            except UnnamedError as error:
                target = tables.name_columns(target, error.results, self.destination.identifier_case)
            else:
                if left:
                    target, verified = self._as_it_is(target, left), True

    def _carry(self, members: Sequence[Progress], target: Target, *, verified: bool) -> tuple[list[Progress], Target]:
        """Those who have to be tried again when more is known of the table, and how."""
        with StagedFile(self.directory) as staged:
            with stage(members, "extract"):
                extracted = extract(staged, members, target, self.destination.identifier_case)
            again = list(extracted.conflicts)
            if verified or target.known is None:
                for progress, conflict in extracted.conflicts.items():
                    progress.error = conflict
                again = []
            loaded = extracted.loaded
            try:
                if loaded:
                    self._send(staged.path, extracted, target)
            except DestinationError:
                raise
            except SyncError as error:
                if error.code == "table_conflict" and target.grows:
                    # A column did not grow: whoever does without that is not held up.
                    return [*again, *loaded], replace(target, grows=False)
                self._fail(loaded, target, error, verified=verified)
        return again, target

    def _fail(self, members: Sequence[Progress], target: Target, error: SyncError, *, verified: bool) -> None:
        if len(members) > 1 and error.entry.splits_batch:
            # Each half is tried alone.
            half = len(members) // 2
            self.carry(members[:half], target, verified=verified)
            self.carry(members[half:], target, verified=verified)
            return
        if error.code == "table_not_ours":
            tables.forget(target)
        for progress in members:
            progress.error = error

    def _send(self, path: Path, extracted: Extracted, target: Target) -> None:
        members = extracted.loaded
        started = members[0].started_at
        load = FileLoad(
            table=target.table,
            columns=(*extracted.columns, *OWN),
            path=path,
            rows=sum(progress.rows or 0 for progress in members),
            staged_name=staged_name(started, uuid.uuid4().hex),
            marker=target.marker,
            notes=notes(extracted.names, self.destination.identifier_case),
        )
        if target.known is None:
            tables.register(target)
        with stage(members, "load"), self.session() as session:
            for progress in members:
                progress.sessions.append(session)
            if target.known is not None:
                assume_stage(session, target.table)
            try:
                _load(session, load, target, [progress.execution_id for progress in members])
            except SyncError as error:
                raise self._of_the_request(error, members[0]) from error.__cause__
        tables.note_loaded(target, load.columns)
        for progress in members:
            progress.outcome = self._outcome(progress, target)
        if tables.is_time_to_sweep(self.configuration, SWEEP_EVERY):
            with self.session() as session:
                sweep_stage(session, target.table, started - SWEEP_EVERY)
                sweep_checks(session, self.destination.table(""), started - SWEEP_EVERY)

    def _of_the_request(self, error: SyncError, progress: Progress) -> SyncError:
        """What an execution asked for must not pause the destination for all others."""
        if error.entry.of_target and self.placed[progress.execution_id].request.is_special:
            return failure("target_refused", error.happened, query_id=error.query_id)
        return error

    def _outcome(self, progress: Progress, target: Target) -> Outcome:
        request = self.placed[progress.execution_id].request
        return Outcome(
            schema_name=target.table.schema,
            table_name=target.table.name,
            row_count=progress.rows or 0,
            requested_schema=request.schema,
            requested_table=request.table,
        )

    def _as_it_is(self, target: Target, members: Sequence[Progress]) -> Target:
        """The target with its columns as Snowflake has them."""
        with self.session() as session:
            for progress in members:
                progress.sessions.append(session)
            return target.knowing(read_columns(session, target.table))


def _load(session: Session, load: FileLoad, target: Target, execution_ids: Sequence[str]) -> None:
    if target.shared:
        earlier = tables.perhaps_there(target, execution_ids)
        load_shared(session, load, execution_ids, earlier=earlier, shape_known=target.has(load.columns))
    elif target.known is None:
        load_first(session, load)
    else:
        load_again(session, load, lacking=target.lacking(load.columns))
