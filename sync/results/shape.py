"""What an execution's result looks like: its columns and the form of its rows."""

from dataclasses import dataclass

from sync.snowflake.types import ColumnType

# PostgreSQL's target lists end at 1,664 entries, and own columns and helpers need some.
MAX_COLUMNS = 1500


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: the name in result_columns, which is the key in object rows.

    `whole`, of a decimal that is declared without a scale: the most digits before the point in the data, where the type
    has the most behind it.
    """

    key: str
    type: ColumnType
    whole: int | None = None


# A file's column as a result has it, and where it stands there (from 0); None where the result lacks it.
Place = tuple[ResultColumn, int | None]


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
