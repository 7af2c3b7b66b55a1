"""The SELECTs that take a result apart into lines of CSV, with what tells whether a row may be loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psycopg2 import sql

from sync.results import exact, fast
from sync.results.form import form_check, undeclared_key
from sync.results.shape import Place, Shape
from sync.results.values import aliases, values
from sync.snowflake.types import ColumnType, Kind

# Rows come in order: nothing here sorts, and the snapshot keeps to one process. The last field is empty where a row
# passed. NULL is nothing, and text is always in quotes.
_COPY = """COPY (SELECT {fields}, CASE WHEN ({checks}) IS FALSE THEN 'x' END FROM ({source}) AS x)
    TO STDOUT (FORMAT csv, ENCODING 'UTF8'{quoted})"""
_QUOTED = ", FORCE_QUOTE ({})"
_NORMALISED = "SELECT r, o, {told}{texts} FROM ({source}) AS v OFFSET 0"
_OFFENDER = """SELECT o, jsonb_typeof(r), {undeclared}, CASE WHEN {form} THEN CASE {branches} END END
    FROM ({source}) AS x WHERE ({checks}) IS FALSE LIMIT 1"""


@dataclass(frozen=True)
class Projection:
    """The statements for one result into a file whose columns have these places in it.

    `first` is a row, from 1, of those that are kept.

    Raises ValueError if a column of the result has no place: its values would be lost.
    """

    shape: Shape
    places: Sequence[Place]

    def __post_init__(self) -> None:
        placed = [position for _, position in self.places if position is not None]
        if sorted(placed) != list(range(len(self.shape.columns))):
            raise ValueError(f"The file has not one column for each of {self.shape.execution_id}.")

    def fast(self) -> sql.Composed:
        """COPY of a line a row; its values are still to be checked, its last field says whether its form is right."""
        return self._copy(fast.output, self._form, values(self.shape, self.places))

    def exact(self, first: int) -> sql.Composed:
        """COPY of a line a row, from row `first`; its last field says whether it may be loaded."""
        return self._copy(lambda _, c: c, self._fits, self.normalised(first))

    def offender(self, first: int) -> sql.Composed:
        """The first row that cannot be loaded: number, JSON type, undeclared key, column from 1, or a fault from -1."""
        branches = ["WHEN fault IS NOT NULL THEN -1 - fault"] if self.shape.shaping else []
        branches += [f"WHEN {exact.fits(c.type, f'c{n}')} IS FALSE THEN {n}" for n, (c, _) in self._numbered]
        return sql.SQL(_OFFENDER).format(
            undeclared=undeclared_key(self.shape),
            form=sql.SQL("form") if self.shape.shaping else self._form,
            branches=sql.SQL(" ".join(branches)),
            source=self.normalised(first),
            checks=self._fits,
        )

    def _copy(
        self, output: Callable[[ColumnType, str], str], checks: sql.Composable, source: sql.Composed
    ) -> sql.Composed:
        fields = [f"{output(c.type, f'c{n}')} AS c{n}" for n, (c, _) in self._numbered]
        texts = [f"c{n}" for n, (c, _) in self._numbered if c.type.kind in (Kind.TEXT, Kind.VARIANT)]
        return sql.SQL(_COPY).format(
            fields=sql.SQL(", ".join(fields)),
            checks=checks,
            source=source,
            quoted=sql.SQL(_QUOTED.format(", ".join(texts)) if texts else ""),
        )

    @property
    def _fits(self) -> sql.Composed:
        """SQL: whether a row with normalised values may be loaded."""
        checks = [sql.SQL(f"({exact.fits(c.type, f'c{n}')})") for n, (c, _) in self._numbered]
        return sql.SQL("\n    AND ").join([self._form, *checks])

    @property
    def _form(self) -> sql.Composable:
        """SQL: whether a row has the result's form, and the rules' steps were done."""
        if self.shape.shaping:
            return sql.SQL("(form AND fault IS NULL)")
        return form_check(self.shape, aliases(self.shape, self.places))

    def normalised(self, first: int) -> sql.Composed:
        """SELECT of o (a row's number) and c1, c2, … as they are loaded, '' for what has no place, from row `first`."""
        texts = [f"{exact.normalised(c.type, f'c{n}')} AS c{n}" for n, (c, _) in self._numbered]
        told = sql.SQL("form, fault, " if self.shape.shaping else "")
        return sql.SQL(_NORMALISED).format(
            told=told, texts=sql.SQL(", ".join(texts)), source=values(self.shape, self.places, first)
        )

    @property
    def _numbered(self) -> list[tuple[int, Place]]:
        return list(enumerate(self.places, start=1))
