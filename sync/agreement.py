"""One file for several results: which columns it has, and who has to stay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sync.progress import Progress
from sync.results import Place, ResultColumn, Shape
from sync.snowflake.fitting import holds, widened
from sync.snowflake.statements import Column
from sync.snowflake.types import ColumnType


@dataclass(frozen=True, slots=True)
class Inspected:
    """A result that was looked at, and its columns' names in Snowflake, in the result's order."""

    progress: Progress
    shape: Shape
    names: tuple[str, ...]

    def places_of(self, file: Sequence[Column]) -> list[Place]:
        """The file's columns as this result has them."""
        positions = {name: position for position, name in enumerate(self.names)}
        return [self._place(column, positions.get(column.name)) for column in file]

    def _place(self, column: Column, at: int | None) -> Place:
        if at is None:
            return ResultColumn(column.name, column.type), None
        own = self.shape.columns[at]
        return ResultColumn(own.key, replace(column.type, needs_offset=own.type.needs_offset)), at


@dataclass(frozen=True, slots=True)
class Conflict:
    """A result with a column that the table, or the file, cannot hold."""

    inspected: Inspected
    column: str
    there: ColumnType
    wanted: ColumnType


def agree(results: Sequence[Inspected], known: Mapping[str, ColumnType]) -> tuple[tuple[Column, ...], list[Conflict]]:
    """The file's columns, in the order in which they come up, and those that do not fit in.

    `known` are the table's: their types hold. A column that is still to be made takes the type that holds all.
    """
    agreed: dict[str, ColumnType] = {}
    conflicts = []
    for result in results:
        added, conflict = _added(result, known, agreed)
        if conflict:
            conflicts.append(conflict)
        else:
            agreed |= added
    return tuple(Column(name, type_) for name, type_ in agreed.items()), conflicts


def _added(
    result: Inspected, known: Mapping[str, ColumnType], agreed: Mapping[str, ColumnType]
) -> tuple[dict[str, ColumnType], Conflict | None]:
    added: dict[str, ColumnType] = {}
    for name, column in zip(result.names, result.shape.columns, strict=True):
        wanted = column.type
        if name in known:
            if not holds(known[name], wanted):
                return {}, Conflict(result, name, known[name], wanted)
            added[name] = known[name]
            continue
        fitting = widened(agreed[name], wanted) if name in agreed else wanted
        if fitting is None:
            return {}, Conflict(result, name, agreed[name], wanted)
        added[name] = fitting
    return added, None
