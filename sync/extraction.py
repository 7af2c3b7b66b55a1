"""From executions to a staged file: one result, or several that share a table."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.agreement import Conflict, Inspected, agree
from sync.errors import SyncError, failure
from sync.progress import Progress
from sync.results import Examined, StagedFile, examine, snapshot
from sync.snowflake.identifiers import IdentifierCase, column_names
from sync.snowflake.statements import Column
from sync.snowflake.types import Kind
from sync.tables import Target

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What is in the file: its columns without our own, whose rows, and who did not fit beside them."""

    columns: tuple[Column, ...]
    loaded: tuple[Progress, ...]
    conflicts: tuple[Conflict, ...]


class SpoiledError(Exception):
    """A result was refused after some of its rows had been written: another file is needed, without it."""


def extract(staged: StagedFile, batch: Sequence[Progress], target: Target, case: IdentifierCase) -> Extracted:
    """Fills the file, all of it from one moment. A result that cannot be loaded gets its error and stays out.

    Raises SpoiledError; and, where there is nothing else in the batch, what is wrong with the only result.
    """
    with snapshot(connection) as cursor:
        examined = examine(cursor, [progress.execution_id for progress in batch])
        inspected = [
            found
            for progress in batch
            if (found := _inspected(progress, examined[progress.execution_id], target, case))
        ]
        columns, conflicts = agree(inspected, target.known_types if target.shared else {})
        left_out = {conflict.inspected.progress for conflict in conflicts}
        fitting = [found for found in inspected if found.progress not in left_out]
        loaded = [found.progress for found in fitting if _append(cursor, staged, found, columns, batch[0])]
    _share_out(staged, loaded)
    return Extracted(columns, tuple(loaded), tuple(conflicts))


def _inspected(progress: Progress, examined: Examined, target: Target, case: IdentifierCase) -> Inspected | None:
    progress.version = examined.version
    try:
        shape = examined.shape()
        names = column_names([column.key for column in shape.columns], case)
        if target.shared and target.known:
            # A decimal that is declared without a scale takes the table's.
            types = target.known_types
            decimals = [
                (column.key, name)
                for column, name in zip(shape.columns, names, strict=True)
                if column.type.kind in (Kind.DECIMAL, Kind.INTEGER) and types.get(name, column.type) != column.type
            ]
            if decimals:
                shape = examined.shape({key: types[name] for key, name in decimals})
    except SyncError as error:
        if error.code == "not_completed":
            progress.version = None  # it may complete again with these very results
        progress.error = error
        return None
    return Inspected(progress, shape, names)


def _append(cursor: Cursor, staged: StagedFile, found: Inspected, columns: Sequence[Column], first: Progress) -> bool:
    progress = found.progress
    try:
        progress.rows = staged.append(cursor, found.shape, first.started_at, found.places_of(columns))
    except SyncError as error:
        progress.error = error
        if staged.is_spoiled:
            raise SpoiledError from error
        return False
    return True


def _share_out(staged: StagedFile, loaded: Sequence[Progress]) -> None:
    """The file's bytes, by rows: those of one result in it are not known."""
    if not loaded:
        return
    done = staged.finish()
    for progress in loaded:
        progress.batch_size = len(loaded)
        progress.bytes = done.bytes * (progress.rows or 0) // done.rows if done.rows else 0


def table_conflict(conflict: Conflict, target: Target) -> SyncError:
    """The error for a result whose column the table cannot hold."""
    return failure(
        "table_conflict",
        f"Execution {conflict.inspected.progress.execution_id}: the column {conflict.column} of {target.table} is "
        f"{conflict.there.ddl} and cannot hold {conflict.wanted.ddl}",
    )
