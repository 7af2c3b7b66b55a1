"""What an execution's result looks like: its columns and the form of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.snowflake.types import ColumnType

# PostgreSQL's target lists end at 1,664 entries, and own columns and helpers need some.
MAX_COLUMNS = 1500


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: the name in result_columns, which is the key in object rows."""

    key: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Shape:
    """A result that can be loaded, as far as its metadata tell; its values are checked on the way.

    A name may stand in result_columns twice: object rows then give both columns the key's value,
    array rows each its own.
    """

    execution_id: str
    columns: tuple[ResultColumn, ...]
    rows_as_objects: bool
    rows: int

    def positions(self, columns: Sequence[ResultColumn]) -> list[int | None]:
        """Where each of a file's columns stands in this result (from 0); None where it is missing.

        The nth of equal names is the nth here. ValueError if a column of the result had no place.
        """
        places: dict[str, list[int]] = {}
        for position, column in enumerate(self.columns):
            places.setdefault(column.key, []).append(position)
        found = [places[c.key].pop(0) if places.get(c.key) else None for c in columns]
        left = [key for key, positions in places.items() if positions]
        if left:
            raise ValueError(f"The file has no column for {left[0]!r} of {self.execution_id}.")
        return found
