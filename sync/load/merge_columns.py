"""One file for several results: which columns it has, and which results do not fit in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sync.errors import SyncError, failure
from sync.load.target import Target
from sync.results import Place, ResultColumn, Shape
from sync.snowflake.statements import Column
from sync.snowflake.types import MAX_DIGITS, ColumnType, holds, number, widened

# Digits behind the point for a column that may need some later: as many as other loaders give it.
ROOM = 9
_BY_A_RULE = (
    "The destination's rules make the column's values, or declare its type. Let a rule rename the column, too, so that "
    "it gets one beside that of before; or drop or rename the table in Snowflake, and load what was in it by these "
    "rules. Then retry the run."
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A result that was looked at, and its columns' names in Snowflake, in the result's order."""

    shape: Shape
    names: tuple[str, ...]

    def is_ruled(self, at: int) -> bool:
        """Whether rules make the values of this column, or declare its type."""
        cell = self.shape.cell(at)
        return cell is not None and bool(cell.steps or cell.cast_by)

    def places_of(self, file: Sequence[Column]) -> list[Place]:
        """For each of the file's columns, its place in this result."""
        positions = {name: position for position, name in enumerate(self.names)}
        return [self._place(column, positions.get(column.name)) for column in file]

    def _place(self, column: Column, at: int | None) -> Place:
        if at is None:
            return ResultColumn(column.name, column.type), None
        own = self.shape.columns[at]
        return ResultColumn(own.key, replace(column.type, needs_offset=own.type.needs_offset)), at


def merge_columns(results: Sequence[Inspected], target: Target) -> tuple[tuple[Column, ...], dict[str, SyncError]]:
    """The file's columns, in the order in which the results name them; and, by execution id, why one does not fit in.

    A column of the table keeps its type, or, if the table `grows`, a number type grows to one that holds the values. A
    column that is still to be made gets the type that holds all values, in a shared table with room for digits that
    later results may have.
    """
    known = _known_types(results, target)
    merged: dict[str, ColumnType] = {}
    conflicts = {}
    for result in results:
        added: dict[str, ColumnType] = {}
        for at, (name, column) in enumerate(zip(result.names, result.shape.columns, strict=True)):
            there, wanted = merged.get(name, known.get(name)), _with_room(column) if target.shared else column.type
            if there is None or (name in known and holds(there, column.type)):
                added[name] = there or wanted
            elif (grown := widened(there, wanted)) and (target.grows or name not in known):
                added[name] = grown
            else:
                conflicts[result.shape.execution_id] = failure(
                    "table_conflict",
                    f"Execution {result.shape.execution_id}: the column {name} of {target.table} is {there.ddl} and "
                    f"cannot hold {column.type.ddl}",
                    remedy=_BY_A_RULE if result.is_ruled(at) else "",
                )
                break
        else:
            merged |= added
    return tuple(Column(name, type_) for name, type_ in merged.items()), conflicts


def _known_types(results: Sequence[Inspected], target: Target) -> Mapping[str, ColumnType]:
    """The types that the table's columns keep.

    An own table takes the types of its result; only a decimal without a declared scale keeps a type that holds it.
    """
    known = target.known_types
    if target.shared:
        return known
    return {
        name: known[name]
        for result in results
        for name, column in zip(result.names, result.shape.columns, strict=True)
        if column.whole is not None and name in known and _takes(known[name], column)
    }


def _takes(there: ColumnType, column: ResultColumn) -> bool:
    return holds(there, column.type) and (column.whole or 0) <= there.digits[0]


def _with_room(column: ResultColumn) -> ColumnType:
    """A decimal whose scale nobody has declared gets room for one: the first result does not decide for ever."""
    if column.whole is None:
        return column.type
    return number(max(column.type.scale or 0, min(ROOM, MAX_DIGITS - column.whole)))
