"""From executions to a staged file: one result, or several that share a table."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import SyncError, failure
from sync.load.merge_columns import Conflict, Inspected, agree
from sync.load.record import Progress
from sync.load.table_registry import Target
from sync.results import Examined, Shape, StagedFile, examine, snapshot
from sync.snowflake.identifiers import IdentifierCase
from sync.snowflake.load import AmbiguousError, Names, adopted, columns_of, named
from sync.snowflake.statements import Column
from sync.snowflake.types import ColumnType, holds

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What is in the file: its columns without our own, whose rows, and who cannot be in it, as far as is known.

    `names` are the columns of each key.
    """

    columns: tuple[Column, ...]
    loaded: tuple[Progress, ...]
    conflicts: dict[Progress, SyncError]
    names: Names


class SpoiledError(Exception):
    """A result was refused after some of its rows had been written: another file is needed, without it."""


class UnnamedError(Exception):
    """These results have keys that no column of the shared table is registered for."""

    def __init__(self, results: Sequence[Sequence[str]]) -> None:
        self.results = results
        super().__init__(f"{len(results)} results with new keys")


def extract(staged: StagedFile, batch: Sequence[Progress], target: Target, case: IdentifierCase) -> Extracted:
    """Fills the file, all of it from one moment. A result that cannot be loaded gets its error and stays out.

    Raises SpoiledError and UnnamedError; and, where there is nothing else in the batch, what is wrong with the only
    result.
    """
    with snapshot(connection) as cursor:
        examined = examine(cursor, [progress.execution_id for progress in batch])
        shapes = [
            (progress, shape) for progress in batch if (shape := _shape(progress, examined[progress.execution_id]))
        ]
        names, unclear = _names([shape for _, shape in shapes], target, case)
        conflicts = {
            progress: unclear[shape.execution_id] for progress, shape in shapes if shape.execution_id in unclear
        }
        inspected = [
            Inspected(progress, shape, columns_of([column.key for column in shape.columns], names) or ())
            for progress, shape in shapes
            if progress not in conflicts
        ]
        columns, misfits = agree(inspected, _known_types(inspected, target), room=target.shared, grows=target.grows)
        conflicts |= {misfit.inspected.progress: _of_types(misfit, target) for misfit in misfits}
        fitting = [found for found in inspected if found.progress not in conflicts]
        loaded = [found.progress for found in fitting if _append(cursor, staged, found, columns, batch[0])]
    _share_out(staged, loaded)
    return Extracted(columns, tuple(loaded), conflicts, names)


def _shape(progress: Progress, examined: Examined) -> Shape | None:
    progress.version = examined.version
    try:
        return examined.shape()
    except SyncError as error:
        if error.code == "not_completed":
            progress.version = None  # it may complete again with these very results
        progress.error = error
        return None


def _names(shapes: Sequence[Shape], target: Target, case: IdentifierCase) -> tuple[Names, dict[str, SyncError]]:
    """The columns of each key; and, by execution id, the results of which they cannot be known. Raises UnnamedError."""
    results = {shape.execution_id: [column.key for column in shape.columns] for shape in shapes}
    if not target.shared:
        return named(results.values(), case, {}), {}
    unnamed, unclear = [], {}
    for execution_id, keys in results.items():
        if columns_of(keys, target.names) is None:
            try:
                adopted(keys, case, target.names, target.known_names)
            except AmbiguousError as error:
                unclear[execution_id] = _of_names(execution_id, error.column, target)
            else:
                unnamed.append(keys)
    if unnamed:
        raise UnnamedError(unnamed)
    return target.names, unclear


def _known_types(inspected: Sequence[Inspected], target: Target) -> dict[str, ColumnType]:
    """The types that the table's columns keep.

    An own table is what its result says, but for a decimal without a declared scale: that keeps what holds it.
    """
    known = target.known_types
    if target.shared:
        return known
    return {
        name: known[name]
        for found in inspected
        for name, column in zip(found.names, found.shape.columns, strict=True)
        if column.whole is not None and name in known and holds(known[name], column.type)
    }


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


def _of_types(conflict: Conflict, target: Target) -> SyncError:
    return failure(
        "table_conflict",
        f"Execution {conflict.inspected.progress.execution_id}: the column {conflict.column} of {target.table} is "
        f"{conflict.there.ddl} and cannot hold {conflict.wanted.ddl}",
    )


def _of_names(execution_id: str, column: str, target: Target) -> SyncError:
    return failure(
        "table_conflict",
        f"Execution {execution_id}: {target.table} has columns that took the values of several keys, in the order in "
        f"which they came, before keys were kept apart; {column} is one of them",
        remedy="Give the keys names in result_columns that differ in more than case and punctuation, or drop or rename "
        "the table in Snowflake and load its executions again, then retry the item.",
    )
