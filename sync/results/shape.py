"""What an execution's result looks like: its columns and the form of its rows, and what rules make of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from psycopg2 import sql

from sync.snowflake.types import ColumnType

# PostgreSQL's target lists end at 1,664 entries, and own columns and helpers need some.
MAX_COLUMNS = 1500
# Of rules, on all columns together.
MAX_STEPS = 20_000
TOO_MANY_STEPS = (
    "more rules follow each other on its columns than PostgreSQL can plan; let fewer be for the same columns"
)


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column as it is loaded: its name, which, without a rule that says otherwise, is the key in object rows.

    `whole`, of a decimal that is declared without a scale: the most digits before the point in the data, where the type
    has the most behind it.
    """

    key: str
    type: ColumnType
    whole: int | None = None


# A file's column as a result has it, and where it stands there (from 0); None where the result lacks it.
Place = tuple[ResultColumn, int | None]

# From the name that a value has in SQL, the SQL of what becomes of it.
Making = Callable[[str], sql.Composable]

# What steps end with: text, jsonb, or text that is written as it is.
Form = Literal["text", "json", "written"]
NO_FAULT = sql.SQL("NULL::integer")


class Step(NamedTuple):
    """A step of a rule: SQL NULL out of it means the fault of that number, if one is given."""

    make: Making
    fault: int | None = None


class Fault(NamedTuple):
    """What a row can be refused for beside its form and the values that it would have: a code, and what is said."""

    code: str
    column: str
    said: str
    is_covered: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """How rules make a column's values. Without steps they are as they came.

    The first step takes row r, each further one what the one before made; `form` is what the last one makes.
    `position`: the declared column that the first step takes; None: it takes none. `constant_of`: the rule by which all
    values are the same. `cast_by`: the rule that declared its type. `is_covered`: rules change the value or its name,
    so that no error is to lead to it.
    """

    position: int | None
    steps: tuple[Step, ...] = ()
    form: Form = "text"
    constant_of: str | None = None
    cast_by: str | None = None
    is_covered: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are kept. `made`: for each value that is compared (k1, k2, ... in SQL) the steps that make it.

    `fault`: SQL, the number of a Fault that keeps the row from being compared. `holds`: SQL, whether it is kept.
    """

    made: tuple[tuple[Making, ...], ...]
    fault: sql.Composable
    holds: sql.Composable


@dataclass(frozen=True, slots=True)
class Shaping:
    """What rules do. `keys`: those that the result declares. `cells`: of the shape's columns, in the same order.

    `origins`: which declared column each of them was; None: a rule adds it.
    """

    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    filter: Filter | None
    faults: tuple[Fault, ...]
    origins: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A result that can be loaded, as far as its metadata tell; its values are checked on the way.

    A name may stand in result_columns twice: object rows then give both columns the key's value,
    array rows each its own. `rows` are read, the first ones; `shaping` is None where rules change nothing.
    """

    execution_id: str
    columns: tuple[ResultColumn, ...]
    rows_as_objects: bool
    rows: int
    shaping: Shaping | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the result declares, in order."""
        return self.shaping.keys if self.shaping else tuple(column.key for column in self.columns)

    @property
    def origins(self) -> tuple[int | None, ...]:
        """Which declared column each column was; None: a rule adds it."""
        return self.shaping.origins if self.shaping else tuple(range(len(self.columns)))

    @property
    def keeps_all(self) -> bool:
        """Whether all rows are loaded."""
        return self.shaping is None or self.shaping.filter is None

    def cell(self, position: int | None) -> Cell | None:
        """How rules make the values of a column; None if they are as they came."""
        return self.shaping.cells[position] if self.shaping and position is not None else None
