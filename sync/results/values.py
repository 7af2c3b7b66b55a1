"""The values of a result as they are loaded: taken out of its rows, and, where there are rules, what these make of it.

With rules, a first level takes out what steps and the file need, and leaves rows out; each further one is a step of
every column that has as many. So nothing is evaluated twice, however many rules follow each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from psycopg2 import sql

from sync.errors import failure
from sync.results.form import form_check
from sync.results.rows import numbered, rows_of, text_in_row
from sync.results.shape import NO_FAULT, TOO_MANY_STEPS, Filter, Place, Shape, Shaping, Step
from sync.snowflake.types import Kind

_AS_THEY_CAME = """SELECT r, o, {values} FROM (
    {rows}) AS t OFFSET 0"""
_LEVEL = "SELECT r, o, {values} FROM ({source}) AS t{kept} OFFSET {skipped}"
_KEPT = " WHERE CASE WHEN ({fault}) IS NOT NULL THEN TRUE WHEN {holds} THEN TRUE ELSE ({form}) IS NOT TRUE END"
_ALL = sql.SQL("")
# Bytes that PostgreSQL may take to plan a statement, by what it was seen to take: it copies a level for each that it
# stands in, and the plan of a sub-select notes all others. A server that runs out of memory ends for everybody.
_MOST = 1 << 30
_PER_CHARACTER, _PER_PAIR = 15, 8


def values(shape: Shape, places: Sequence[Place], first: int = 1) -> sql.Composed:
    """SELECT of r (the row), o (its number, from 1), c1, c2, … (text) in order, from the `first` that is kept.

    A place is a column and where it stands in the shape; None gives NULL. Where there are rules, also of `form`,
    whether the row has the result's, and `fault`, the number of what else it is refused for; a row with either is kept.
    """
    if shape.shaping:
        return _shaped(shape, shape.shaping, places, first)
    taken = [sql.SQL("NULL::text") if at is None else _as_it_came(shape, column.type.kind, at) for column, at in places]
    return sql.SQL(_AS_THEY_CAME).format(values=numbered("c", taken), rows=rows_of(shape, first))


def aliases(shape: Shape, places: Sequence[Place]) -> Mapping[str, str]:
    """Under which name each key's value stands in the first level."""
    cells = [(f"c{number}", at, shape.cell(at)) for number, (_, at) in enumerate(places, start=1)]
    positions = {name: cell.position if cell else at for name, at, cell in cells}
    return {shape.keys[position]: name for name, position in positions.items() if position is not None}


def _as_it_came(shape: Shape, kind: Kind, position: int) -> sql.Composed:
    return text_in_row(shape, position, as_json=kind is Kind.VARIANT)


def _shaped(shape: Shape, shaping: Shaping, places: Sequence[Place], first: int) -> sql.Composed:
    columns = [_steps(shape, shaping, place) for place in places]
    level = _taken(shape, shaping.filter, [steps[0] for steps in columns], first)
    form: sql.Composable = form_check(shape, aliases(shape, places))
    levels, characters, selects = max([2, *map(len, columns)]), 0, 0
    for number in range(1, levels):
        names = [f"c{at}" for at, _ in enumerate(columns, start=1)]
        made = [
            steps[number].make(name) if number < len(steps) else sql.SQL(name)
            for name, steps in zip(names, columns, strict=True)
        ]
        before = [steps[number - 1].fault if number <= len(steps) else None for steps in columns]
        fault = _first_fault(dict(zip(names, before, strict=True)))
        fields = sql.SQL("{} AS fault, {} AS form, {}").format(fault, form, numbered("c", made))
        texts = list(_texts(fields))
        characters += sum(map(len, texts))
        selects += sum(text.count("(SELECT ") for text in texts)
        if _PER_CHARACTER * characters * levels + _PER_PAIR * selects**2 > _MOST:
            raise failure("rule_does_not_fit", f"Execution {shape.execution_id}: {TOO_MANY_STEPS}")
        level = _level(level, fields)
        form = sql.SQL("form")
    return level


def _texts(made: sql.Composable) -> Iterator[str]:
    """The parts of a statement; a value as Python shows it, which is about as long."""
    if isinstance(made, sql.Composed):
        yield from chain.from_iterable(map(_texts, made.seq))
    else:
        yield made.string if isinstance(made, sql.SQL) else repr(made)


def _taken(shape: Shape, kept: Filter | None, steps: Sequence[Step], first: int) -> sql.Composed:
    values = numbered("c", [step.make("r") for step in steps])
    fields = sql.SQL("{} AS fault, {}")
    if kept is None:
        return _level(rows_of(shape, first), fields.format(NO_FAULT, values))
    where = sql.SQL(_KEPT).format(fault=kept.fault, holds=kept.holds, form=form_check(shape, {}))
    return _level(_compared(shape, kept), fields.format(kept.fault, values), where, first - 1)


def _compared(shape: Shape, kept: Filter) -> sql.Composed:
    """Rows with k1, k2, …, what conditions compare."""
    level = rows_of(shape)
    for number in range(max(map(len, kept.made))):
        made = [
            steps[number](f"k{at}") if number < len(steps) else sql.SQL(f"k{at}")
            for at, steps in enumerate(kept.made, start=1)
        ]
        level = _level(level, numbered("k", made))
    return level


def _level(source: sql.Composed, fields: sql.Composed, kept: sql.Composable = _ALL, skipped: int = 0) -> sql.Composed:
    level = sql.SQL(_LEVEL).format(source=source, values=fields, kept=kept, skipped=sql.Literal(skipped))
    # Flat, since as many levels within each other as there may be rules are more than Python recurses into.
    parts = [part.seq if isinstance(part, sql.Composed) else [part] for part in level.seq]
    return sql.Composed([one for part in parts for one in part])


def _steps(shape: Shape, shaping: Shaping, place: Place) -> Sequence[Step]:
    """All that makes a column's text, the last one what is written into the file."""
    column, at = place
    if at is None:
        return [Step(lambda _: sql.SQL("NULL::text"))]
    cell = shaping.cells[at]
    if not cell.steps:
        assert cell.position is not None  # noqa: S101 - it came with the row
        came = _as_it_came(shape, column.type.kind, cell.position)
        return [Step(lambda _: came)]
    is_json = column.type.kind is Kind.VARIANT
    match cell.form:
        case "json":
            written = "nullif({}::text, 'null')" if is_json else "{} #>> '{{}}'"
        case "text" if is_json:
            written = "to_json({})::text"
        case _:
            return cell.steps
    return [*cell.steps, Step(lambda c: sql.SQL(written.format(c)))]


def _first_fault(before: Mapping[str, int | None]) -> sql.Composable:
    """What was found already, or what a step tells that has made nothing of a value."""
    told = [f"WHEN {name} IS NULL THEN {fault}" for name, fault in before.items() if fault is not None]
    return sql.SQL(f"CASE WHEN fault IS NOT NULL THEN fault {' '.join(told)} END" if told else "fault")
