"""What is there against what should be, without asking anybody."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.snowflake.statements import Table, subject_of
from sync.snowflake.warehouse import Mark, Shown
from sync.warehouse.drift.kinds import Kind

# What a column is called while it grows: see sync.snowflake.load.growing.
_GROWING = "_USS_"


@dataclass(frozen=True, slots=True)
class Known:
    """A table of the register. `execution_id`: whose own it is; None: a shared one.

    `rows`: how many it has at least; None: that is not known, as of one that is being loaded. `at_most`: and not more.
    `columns`: None until something was loaded. `is_certain`: nothing is under way that could change them.
    """

    id: int
    table: Table
    execution_id: str | None
    columns: Mapping[str, str] | None = None
    rows: int | None = None
    at_most: bool = True
    is_settled: bool = False

    @property
    def mark(self) -> tuple[str, str]:
        """Subject and id of the mark that it bears."""
        return subject_of(self.table, self.execution_id)

    @property
    def has_to_be_there(self) -> bool:
        """A shared one is made with its first row, an own one with its first load."""
        return self.is_settled and (self.execution_id is not None or bool(self.rows))


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is otherwise. `expected` and `found`: numbers and names."""

    kind: Kind
    table: Table
    execution_id: str | None = None
    expected: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What it is known by among all of a destination."""
        return (self.table.database, self.table.schema, self.table.name, self.kind)


def is_of(shown: Shown, known: Known, destination_id: str) -> bool:
    """Whether what stands under the table's name is the table."""
    return shown.mark is not None and shown.mark == Mark(*known.mark, destination_id)


def replaced(shown: Shown, known: Known) -> Found:
    """Something else stands under its name."""
    there = {"kind": "table", "mark": f"{shown.mark.subject} {shown.mark.id}" if shown.mark else ""}
    return Found(Kind.REPLACED, known.table, known.execution_id, found=there)


def rows_of(shown: Shown, known: Known) -> Iterator[Found]:
    """Whether it has other rows than were loaded."""
    if known.rows is None or shown.rows is None or not known.is_settled:
        return
    kind = None
    if shown.rows < known.rows:
        kind = Kind.TRUNCATED if not shown.rows else Kind.FEWER_ROWS
    elif shown.rows > known.rows and known.at_most:
        kind = Kind.MORE_ROWS
    if kind:
        yield Found(kind, known.table, known.execution_id, {"rows": known.rows}, {"rows": shown.rows})


def columns_of(there: Mapping[str, str], known: Known) -> Iterator[Found]:
    """Whether it has other columns than were made. What a load under way may add or widen does not count."""
    if known.columns is None or not known.is_settled:
        return
    now = {name: type_ for name, type_ in there.items() if not name.startswith(_GROWING)}
    if len(now) < len(there) or now == known.columns:
        return
    if known.columns.keys() <= now.keys() and not known.at_most:
        return
    found: dict[str, Any] = {"columns": now}
    if renamed := _renamed(known.columns, now):
        found["renamed"] = renamed
    yield Found(Kind.COLUMNS, known.table, known.execution_id, {"columns": dict(known.columns)}, found)


def _renamed(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """A column that has gone and one that has come are taken for one if no others of their type have."""
    gone, come = _by_type(before, now), _by_type(now, before)
    return {gone[type_][0]: come[type_][0] for type_ in gone if len(gone[type_]) == len(come.get(type_, ())) == 1}


def _by_type(columns: Mapping[str, str], others: Mapping[str, str]) -> dict[str, list[str]]:
    lacking: dict[str, list[str]] = {}
    for name, type_ in columns.items():
        if name not in others:
            lacking.setdefault(type_, []).append(name)
    return lacking


def missing(known: Known, renamed: Mapping[tuple[str, str], Table], views: Iterable[str]) -> Found:
    """It was not seen: a view stands in its place, its mark stands under another name, or it is gone."""
    if known.table.name in views:
        return Found(Kind.REPLACED, known.table, known.execution_id, found={"kind": "view"})
    if there := renamed.get(known.mark):
        return Found(Kind.RENAMED, known.table, known.execution_id, found={"name": there.name})
    return Found(Kind.MISSING, known.table, known.execution_id, {} if known.rows is None else {"rows": known.rows})
