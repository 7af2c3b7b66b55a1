"""The SELECTs that take a result apart into chunks of CSV, checked on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psycopg2 import sql

from sync.results import exact, fast
from sync.results.form import form_check, undeclared_key
from sync.results.rows import chunk_values, chunks, values
from sync.results.shape import Place, Shape
from sync.snowflake.types import ColumnType, Kind

# Rows come in order: nothing here sorts, and the snapshot keeps to one process.
_COPY = """COPY (SELECT rows, CASE WHEN {verdict} THEN convert_to(csv, 'UTF8') END FROM ({chunks}) AS k, LATERAL (
    SELECT count(*) AS rows, string_agg({line}, '') AS csv, bool_and({checks}) AS is_sound, {evidence}
    FROM ({source}) AS x) AS y) TO STDOUT (FORMAT binary)"""
# Where a chunk is no longer than a text may be, none in it is.
_FAST = "CASE WHEN octet_length(csv) <= {max_text} THEN is_sound IS NOT FALSE AND {check} END"
_EXACT = "is_sound IS NOT FALSE"
_NORMALISED = "SELECT r, o, {texts} FROM ({source}) AS v OFFSET 0"
_OFFENDER = """SELECT o, jsonb_typeof(r), {undeclared}, CASE WHEN {form} THEN CASE {branches} END END
    FROM ({source}) AS x WHERE ({checks}) IS FALSE LIMIT 1"""
_QUOTED = (Kind.TEXT, Kind.VARIANT)
# PostgreSQL's parser goes into a chain of operators as deep as it is long, and each one copies what is there.
_CHAIN = 50


@dataclass(frozen=True)
class Projection:
    """The statements for one result into a file whose columns have these places in it.

    `synced_at` is the text for _SYNCED_AT. `first` is the row to begin with, from 1.
    Raises ValueError if a column of the result has no place: its values would be lost.
    """

    shape: Shape
    places: Sequence[Place]
    synced_at: str

    def __post_init__(self) -> None:
        placed = [position for _, position in self.places if position is not None]
        if sorted(placed) != list(range(len(self.shape.columns))):
            raise ValueError(f"The file has not one column for each of {self.shape.execution_id}.")

    def fast(self) -> sql.Composed:
        """COPY of (rows, CSV) a chunk; no CSV where a row is in it that it does not vouch for."""
        present = [(column.type, f"c{n}") for n, (column, at) in self._numbered if at is not None]
        return sql.SQL(_COPY).format(
            chunks=chunks(self.shape, 1),
            source=chunk_values(self.shape, self.places),
            line=self._line(fast.output),
            checks=self._form,
            evidence=sql.SQL(fast.evidence(present)),
            verdict=sql.SQL(_FAST).format(max_text=sql.Literal(fast.MAX_TEXT), check=sql.SQL(fast.check(present))),
        )

    def exact(self, first: int) -> sql.Composed:
        """COPY of (rows, CSV) a chunk; no CSV where a row is in it that cannot be loaded."""
        return sql.SQL(_COPY).format(
            chunks=chunks(self.shape, first),
            source=self._normalised(chunk_values(self.shape, self.places)),
            line=self._line(lambda _, c: c),
            checks=self._fits,
            evidence=sql.SQL("NULL"),
            verdict=sql.SQL(_EXACT),
        )

    def offender(self, first: int) -> sql.Composed:
        """The first row that cannot be loaded: number, JSON type, undeclared key, column from 1."""
        branches = [f"WHEN {exact.fits(c.type, f'c{n}')} IS FALSE THEN {n}" for n, (c, _) in self._numbered]
        return sql.SQL(_OFFENDER).format(
            undeclared=undeclared_key(self.shape),
            form=self._form,
            branches=sql.SQL(" ".join(branches)),
            source=self._normalised(values(self.shape, self.places, first)),
            checks=self._fits,
        )

    def _line(self, output: Callable[[ColumnType, str], str]) -> sql.Composed:
        """SQL: row o's line of CSV, given what stands for a value."""
        fields = [_field(c.type, output(c.type, f"c{n}"), at) for n, (c, at) in self._numbered]
        groups = [" || ',' || ".join(fields[at : at + _CHAIN]) for at in range(0, len(fields), _CHAIN)]
        execution_id = self.shape.execution_id.replace('"', '""')
        return sql.SQL("({fields}) || {execution_id} || o || {synced_at}").format(
            fields=sql.SQL(") || ',' || (".join(groups)),
            execution_id=sql.Literal(f',"{execution_id}",'),
            synced_at=sql.Literal(f",{self.synced_at}\n"),
        )

    @property
    def _fits(self) -> sql.Composed:
        """SQL: whether a row with normalised values may be loaded."""
        checks = [sql.SQL(f"({exact.fits(c.type, f'c{n}')})") for n, (c, _) in self._numbered]
        return sql.SQL("\n    AND ").join([self._form, *checks])

    @property
    def _form(self) -> sql.Composed:
        return form_check(self.shape, self.places)

    def _normalised(self, source: sql.Composed) -> sql.Composed:
        texts = [f"{exact.normalised(c.type, f'c{n}')} AS c{n}" for n, (c, _) in self._numbered]
        return sql.SQL(_NORMALISED).format(texts=sql.SQL(", ".join(texts)), source=source)

    @property
    def _numbered(self) -> list[tuple[int, Place]]:
        return list(enumerate(self.places, start=1))


def _field(column: ColumnType, output: str, position: int | None) -> str:
    """SQL: a value as CSV has it; NULL is nothing, and text is always quoted."""
    if position is None:
        return "''"
    if column.kind in _QUOTED:
        output = f"""'"' || replace({output}, '"', '""') || '"'"""
    return f"coalesce({output}, '')"
