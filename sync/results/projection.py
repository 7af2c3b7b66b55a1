"""The SELECTs that take a result apart, a line of CSV a row, checked on the way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from psycopg2 import sql

from sync.results import exact, fast
from sync.results.form import form_check, undeclared_key
from sync.results.rows import Place, values
from sync.results.shape import ResultColumn, Shape
from sync.snowflake.types import ColumnType, Kind

# Division by zero is a data exception, like a failed cast; one that depends on the row is not
# worked out beforehand.
_COPY = """COPY (SELECT {outputs}, {execution_id} AS e, o, {synced_at} AS s FROM ({source}) AS x
    WHERE CASE WHEN ({checks}) IS NOT FALSE THEN TRUE ELSE 1 / (o - o) = 1 END)
    TO STDOUT (FORMAT csv, ENCODING 'UTF8', FORCE_QUOTE ({quoted}))"""
_NORMALISED = "SELECT r, o, {texts} FROM ({source}) AS v OFFSET 0"
# Rows come in order: nothing here sorts, and the snapshot keeps to one process.
_OFFENDER = """SELECT o, jsonb_typeof(r), {undeclared}, CASE WHEN {form} THEN CASE {branches} END END
    FROM ({source}) AS x WHERE ({checks}) IS FALSE LIMIT 1"""
_VALUE = "SELECT left(c1, {length}) FROM ({source}) AS v LIMIT 1"
_QUOTED = (Kind.TEXT, Kind.VARIANT)


@dataclass(frozen=True)
class Projection:
    """The statements for one result into a file with the given columns.

    `synced_at` is the text for _SYNCED_AT. The methods' `first` is the row to begin with, from 1.
    """

    shape: Shape
    columns: tuple[ResultColumn, ...]
    synced_at: str

    def fast(self, first: int = 1) -> sql.Composed:
        """COPY that ends with a data exception at the first row it does not vouch for."""
        outputs = self._each(lambda kind, n: f"{fast.output(kind, f'c{n}')} AS c{n}")
        return self._copy(outputs, self._checks(fast.check), self._values(first))

    def exact(self, first: int = 1) -> sql.Composed:
        """COPY that ends with a data exception at the first row that cannot be loaded."""
        outputs = self._each(lambda _, n: f"c{n}")
        return self._copy(outputs, self._checks(exact.fits), self._normalised(first))

    def offender(self, first: int) -> sql.Composed:
        """The first row that cannot be loaded: number, JSON type, undeclared key, column from 1."""
        branches = self._each(lambda kind, n: f"WHEN {exact.fits(kind, f'c{n}')} IS FALSE THEN {n}")
        return sql.SQL(_OFFENDER).format(
            undeclared=undeclared_key(self.shape),
            form=form_check(self.shape, self._places),
            branches=sql.SQL(" ").join(branches),
            source=self._normalised(first),
            checks=self._checks(exact.fits),
        )

    def value(self, row: int, column: int, length: int) -> sql.Composed:
        """The beginning of a value as text, as the result has it; row and column from 1."""
        at_fault, position = self._places[column - 1]
        if at_fault.type.kind is not Kind.VARIANT:
            at_fault = ResultColumn(at_fault.key, ColumnType(Kind.TEXT))
        return sql.SQL(_VALUE).format(
            length=sql.Literal(length), source=values(self.shape, [(at_fault, position)], row)
        )

    def _copy(self, outputs: Iterable[sql.SQL], checks: sql.Composable, source: sql.Composed) -> sql.Composed:
        quoted = [sql.SQL(f"c{n}") for n, column in enumerate(self.columns, start=1) if column.type.kind in _QUOTED]
        return sql.SQL(_COPY).format(
            outputs=sql.SQL(", ").join(outputs),
            execution_id=sql.Literal(self.shape.execution_id),
            synced_at=sql.Literal(self.synced_at),
            source=source,
            checks=checks,
            quoted=sql.SQL(", ").join([*quoted, sql.SQL("e")]),
        )

    def _checks(self, check: Callable[[ColumnType, str], str]) -> sql.Composed:
        checks = self._each(lambda kind, n: f"({check(kind, f'c{n}')})")
        return sql.SQL("\n    AND ").join([form_check(self.shape, self._places), *checks])

    def _values(self, first: int) -> sql.Composed:
        return values(self.shape, self._places, first)

    def _normalised(self, first: int) -> sql.Composed:
        texts = self._each(lambda kind, n: f"{exact.normalised(kind, f'c{n}')} AS c{n}")
        return sql.SQL(_NORMALISED).format(texts=sql.SQL(", ").join(texts), source=self._values(first))

    @cached_property
    def _places(self) -> list[Place]:
        return list(zip(self.columns, self.shape.positions(self.columns), strict=True))

    def _each(self, build: Callable[[ColumnType, int], str]) -> list[sql.SQL]:
        """`build` for the type and the number, from 1, of each column."""
        return [sql.SQL(build(column.type, number)) for number, column in enumerate(self.columns, start=1)]
