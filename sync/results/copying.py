"""Runs a projection: the fast one, and the exact one from where the fast one stopped."""

import io
from collections.abc import Callable

from psycopg2 import DataError, sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import failure
from sync.results.location import refusal
from sync.results.projection import Projection

Write = Callable[[bytes | memoryview], object]

# CSV in bytes that is held back: a result that is smaller leaves no trace when it is refused.
BUFFER = 1 << 20
# Enough of a line's end for `,_ROW_NUMBER,_SYNCED_AT`.
_TAIL = 64


def copy_rows(cursor: Cursor, projection: Projection, write: Write) -> int:
    """Writes the result's lines of CSV through `write`; the number of rows.

    Raises the SyncError that names the first row, column and value that cannot be loaded. Lines
    before it may have been written by then, or not.
    """
    try:
        rows = _copy(cursor, projection.fast(), write)
    except _StoppedError as stop:
        rows = stop.rows + _copy_exactly(cursor, projection, stop.rows, write)
    if rows != projection.shape.rows:
        raise failure(
            "unexpected",
            f"{rows} of {projection.shape.rows} rows of {projection.shape.execution_id} were read",
        )
    return rows


def _copy_exactly(cursor: Cursor, projection: Projection, done: int, write: Write) -> int:
    try:
        return _copy(cursor, projection.exact(done + 1), write)
    except _StoppedError as stop:
        raise refusal(cursor, projection, max(done, stop.rows) + 1) from stop.__cause__


class _StoppedError(Exception):
    """A projection met a row that it does not vouch for, after writing up to row `rows`."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        super().__init__(rows)


class _Gate(io.RawIOBase):
    """What lies behind a write buffer: lets bytes pass until it is closed, and keeps the last.

    psycopg2 writes once a row; a buffer of the standard library takes that without Python code.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._tail = b""
        self.is_open = True

    def writable(self) -> bool:
        return True

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        if self.is_open:
            self._write(data)
            self._tail = (self._tail + bytes(data[-_TAIL:]))[-_TAIL:]
        return len(data)

    @property
    def has_passed(self) -> bool:
        return bool(self._tail)

    @property
    def row(self) -> int:
        """The number of the last row that has passed, read off the end of its line."""
        return int(self._tail.rsplit(b",", 2)[1]) if self._tail else 0


def _copy(cursor: Cursor, statement: sql.Composed, write: Write) -> int:
    """Runs a COPY; the rows written. Stopped at a row: either all rows before are written or none."""
    gate = _Gate(write)
    buffer = io.BufferedWriter(gate, BUFFER)  # type: ignore[type-var]
    cursor.execute("SAVEPOINT projection")
    try:
        cursor.copy_expert(statement, buffer)
        rows = cursor.rowcount
        buffer.flush()
    except DataError as error:
        cursor.execute("ROLLBACK TO SAVEPOINT projection")
        if gate.has_passed:
            buffer.flush()
        raise _StoppedError(gate.row) from error
    finally:
        # A buffer that is dropped writes what it still holds.
        gate.is_open = False
    cursor.execute("RELEASE SAVEPOINT projection")
    return rows
