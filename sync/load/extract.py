"""From executions to a staged file: one result, or several that share a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.db import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import SyncError, failure
from sync.load.merge_columns import Inspected, merge_columns
from sync.load.plans import Plans
from sync.load.record import Record
from sync.load.target import Target
from sync.results import Examined, Shape, StagedFile, examine, shape_of, snapshot
from sync.snowflake.identifiers import OWN_COLUMNS, IdentifierCase
from sync.snowflake.load import AmbiguousError, FileLoad, Names, adopted, columns_of, named, notes
from sync.snowflake.statements import Column
from sync.snowflake.types import ColumnType, Kind

OWN_TYPES = (ColumnType(Kind.TEXT), ColumnType(Kind.INTEGER), ColumnType(Kind.TIMESTAMP_NTZ))
_OWN_COMMENTS = ("The execution that has the row as a result", "The row's number in the result", "When it was loaded")
OWN = tuple(map(Column, OWN_COLUMNS, OWN_TYPES, _OWN_COMMENTS))
# How many columns are explained where they are made, and how much of a key or type is shown: a statement has 1 MB.
_MOST_EXPLAINED, _EXPLAINED = 1000, 100

Errors = dict[str, SyncError]
# By execution id, the keys of its result in order.
Keys = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Extracted:
    """What is in the file, whose rows, and, by execution id, why others are not in it.

    `refused` results can be loaded into no table; `conflicts` do not fit their table as it is known. `unnamed` are the
    keys of results that no column of the shared table is registered for: one has to be registered before the file can
    be made. `columns` are the file's without our own, `names` the columns of each key.
    """

    refused: Errors
    conflicts: Errors = field(default_factory=dict)
    unnamed: Sequence[Sequence[str]] = ()
    loaded: Sequence[Record] = ()
    columns: Sequence[Column] = ()
    names: Names = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)

    def as_load(self, paths: Sequence[Path], target: Target, staged_name: str, case: IdentifierCase) -> FileLoad:
        """The files as they are to be loaded, with our own columns."""
        path, *further = paths
        return FileLoad(
            table=target.table,
            columns=(*(replace(one, comment=self.comments.get(one.name, "")) for one in self.columns), *OWN),
            path=path,
            further=tuple(further),
            rows=sum(record.rows or 0 for record in self.loaded),
            staged_name=staged_name,
            marker=target.marker,
            about=f"Of the workflow {target.workflow_id}" if target.workflow_id else "",
            notes=notes(self.names, case),
        )


def extract(
    staged: StagedFile, records: Sequence[Record], target: Target, case: IdentifierCase, plans: Plans
) -> Extracted:
    """Fills the file, all of it from one moment, unless keys have to be named first.

    If the file `is_partly_written`, it cannot be used: another one is needed, without the results that are refused.
    """
    with snapshot(connection, plans.hash_key) as cursor:
        shapes, refused, declared = _shapes(cursor, records, plans)
        keys = {shape.execution_id: [column.key for column in shape.columns] for shape in shapes}
        names, conflicts, unnamed = _names(keys, target, case)
        if unnamed:
            return Extracted(refused, unnamed=unnamed)
        named_results = [
            Inspected(shape, columns_of(keys[shape.execution_id], names) or ())
            for shape in shapes
            if shape.execution_id not in conflicts
        ]
        columns, misfits = merge_columns(named_results, target)
        conflicts |= misfits
        fitting = [result for result in named_results if result.shape.execution_id not in misfits]
        refused |= _append(cursor, staged, records, fitting, columns)
    loaded = [record for record in records if record.execution_id not in (refused | conflicts)]
    _share_out(staged, loaded)
    comments = _comments(fitting, declared) if len(columns) <= _MOST_EXPLAINED else {}
    return Extracted(refused, conflicts, (), loaded, columns, names, comments)


def _comments(results: Sequence[Inspected], declared: Mapping[str, Examined]) -> dict[str, str]:
    """What is said of a column: the key and type that a result declares, but for what a rule has changed."""
    comments: dict[str, str] = {}
    for result in results:
        found = declared[result.shape.execution_id]
        for at, (name, origin) in enumerate(zip(result.names, result.shape.origins, strict=True)):
            cell = result.shape.cell(at)
            if name not in comments and origin is not None and not (cell and cell.is_covered):
                key, type_ = str(found.names[origin])[:_EXPLAINED], found.types[origin]
                said = f"declared as {type_[:_EXPLAINED]}" if type_ else "of no declared type"
                comments[name] = f"{key!r} in result_columns, {said}"
    return comments


def _shapes(
    cursor: Cursor, records: Sequence[Record], plans: Plans
) -> tuple[list[Shape], Errors, Mapping[str, Examined]]:
    shapes, refused = [], {}
    examined = examine(cursor, [record.execution_id for record in records])
    for record in records:
        found = examined[record.execution_id]
        record.result_hash, record.source_version = found.result_hash, found.source_version
        try:
            shapes.append(shape_of(cursor, found, plans.applied(found, record)))
        except SyncError as error:
            if error.code == "not_completed":
                # The execution may complete again with these very results.
                record.result_hash = record.source_version = None
            refused[record.execution_id] = error
    return shapes, refused, examined


def _names(keys: Keys, target: Target, case: IdentifierCase) -> tuple[Names, Errors, list[Sequence[str]]]:
    """The columns of each key; the results whose columns cannot be known; and the keys that have no column yet."""
    if not target.shared:
        return named(keys.values(), case, {}), {}, []
    unclear: Errors = {}
    unnamed = []
    for execution_id, of_result in keys.items():
        if columns_of(of_result, target.names) is None:
            try:
                adopted(of_result, case, target.names, target.known_names)
            except AmbiguousError as error:
                unclear[execution_id] = _of_names(execution_id, error.column, target)
            else:
                unnamed.append(of_result)
    return target.names, unclear, unnamed


def _append(
    cursor: Cursor,
    staged: StagedFile,
    records: Sequence[Record],
    results: Sequence[Inspected],
    columns: Sequence[Column],
) -> Errors:
    """Writes these results, up to one that is refused when some of its rows are in the file already."""
    by_id = {record.execution_id: record for record in records}
    refused: Errors = {}
    for result in results:
        record = by_id[result.shape.execution_id]
        try:
            record.rows = staged.append(cursor, result.shape, records[0].started_at, result.places_of(columns))
            record.source_rows = result.shape.rows if result.shape.rows != record.rows else None
        except SyncError as error:
            refused[record.execution_id] = error
            if staged.is_partly_written:
                break
    return refused


def _share_out(staged: StagedFile, loaded: Sequence[Record]) -> None:
    """Shares the file's bytes out by rows, since the bytes of a single result in it are not known."""
    if not loaded or staged.is_partly_written:
        return
    size, rows = staged.finish(), sum(record.rows or 0 for record in loaded)
    for record in loaded:
        record.batch_size = len(loaded)
        record.bytes = size * (record.rows or 0) // rows if rows else 0


def _of_names(execution_id: str, column: str, target: Target) -> SyncError:
    return failure(
        "table_conflict",
        f"Execution {execution_id}: {target.table} has columns that took the values of several keys, in the order in "
        f"which they came, before keys were kept apart; {column} is one of them",
        remedy="Give the keys names in result_columns that differ in more than case and punctuation, or drop or rename "
        "the table in Snowflake and load its executions again, then retry the run.",
    )
