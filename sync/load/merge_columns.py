"""One file for several results: which columns it has, and who has to stay out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sync.load.record import Progress
from sync.results import Place, ResultColumn, Shape
from sync.snowflake.statements import Column
from sync.snowflake.types import MAX_DIGITS, ColumnType, holds, number, widened

# Digits behind the point that a column gets that may need some later: as many as other loaders give it.
ROOM = 9


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


def agree(
    results: Sequence[Inspected], known: Mapping[str, ColumnType], *, room: bool, grows: bool = True
) -> tuple[tuple[Column, ...], list[Conflict]]:
    """The file's columns, in the order in which they come up, and those that do not fit in.

    `known` are the table's: their types hold, or grow to numbers that hold, unless not `grows`. A column that is still
    to be made takes the type that holds all, with `room` for digits that later results may have.
    """
    agreed: dict[str, ColumnType] = {}
    conflicts = []
    for result in results:
        added: dict[str, ColumnType] = {}
        for name, column in zip(result.names, result.shape.columns, strict=True):
            there, wanted = agreed.get(name, known.get(name)), _with_room(column) if room else column.type
            if there is None or (name in known and holds(there, column.type)):
                added[name] = there or wanted
            elif (grown := widened(there, wanted)) and (grows or name not in known):
                added[name] = grown
            else:
                conflicts.append(Conflict(result, name, there, column.type))
                break
        else:
            agreed |= added
    return tuple(Column(name, type_) for name, type_ in agreed.items()), conflicts


def _with_room(column: ResultColumn) -> ColumnType:
    """A decimal whose scale nobody has declared gets room for one: what comes first does not decide for ever."""
    if column.whole is None:
        return column.type
    return number(max(column.type.scale or 0, min(ROOM, MAX_DIGITS - column.whole)))
