"""Whether a table has the rows that a file has: both are compared in Snowflake, which tells no value."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sync.snowflake import show_statements, statements
from sync.snowflake.identifiers import OWN_COLUMNS
from sync.snowflake.load import FileLoad, copy, with_staged_file
from sync.snowflake.session import Session
from sync.snowflake.statements import Table
from sync.snowflake.warehouse.listing import columns_in


@dataclass(frozen=True, slots=True)
class ComparedRows:
    """How many rows were loaded, and how many are there; how many differ, and the numbers of the first of these.

    `lacking`: columns that are not there, so that nothing can be compared. `is_there`: the table is seen.
    """

    loaded: int
    there: int = 0
    differing: int = 0
    numbers: tuple[int, ...] = ()
    lacking: tuple[str, ...] = ()
    is_there: bool = True

    @property
    def are_equal(self) -> bool:
        return self.is_there and not self.lacking and not self.differing and self.loaded == self.there


def compare_rows(session: Session, load: FileLoad, there: Table, execution_id: str | None) -> ComparedRows:
    """Loads the file into a temporary table, and compares that with what is `there`, of one execution alone if named.

    When the rows were loaded does not count. Raises SyncError.
    """
    wanted = [column.name for column in load.columns if column.name != OWN_COLUMNS[2]]
    columns = columns_in(session, there)
    if columns is None:
        return ComparedRows(load.rows, is_there=False)
    if lacking := tuple(name for name in wanted if name not in columns):
        return ComparedRows(load.rows, lacking=lacking)
    aside = load.table.beside(f"{statements.PREFIX}{secrets.token_hex(8).upper()}")
    session.execute(statements.create_aside(aside, load.columns), f"make a temporary table for {there}")
    try:
        if load.rows:
            with_staged_file(session, load, lambda: copy(session, load, aside, whole=True))
        return _compare(session, load.rows, aside, there, wanted, execution_id)
    finally:
        if not session.tidy_up(statements.drop(aside), f"drop {aside}"):
            session.usable = False  # it ends with the session


def _compare(
    session: Session, loaded: int, aside: Table, there: Table, columns: Collection[str], execution_id: str | None
) -> ComparedRows:
    of = (OWN_COLUMNS[0], execution_id) if execution_id is not None else None
    (counted,) = session.execute(show_statements.count_rows(there, of), f"count the rows of {there}").rows
    numbers: set[int] = set()
    differing = 0
    for one, other in ((aside, there), (there, aside)):
        only = show_statements.rows_only_in(one, other, list(columns), of)
        rows = session.execute(only, f"compare the rows of {there}").rows
        numbers |= {int(row["number"]) for row in rows if row["number"] is not None}
        # A row with another value is on both sides.
        differing = max(differing, int(rows[0]["all"]) if rows else 0)
    first = tuple(sorted(numbers)[: show_statements.NUMBERS])
    return ComparedRows(loaded, int(counted["rows"]), differing, first)
