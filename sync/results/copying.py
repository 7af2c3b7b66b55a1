"""Runs a projection: the fast one, and the exact one from where the fast one stopped."""

from collections.abc import Callable, Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import failure
from sync.results import fast
from sync.results.encoding import refuse_what_is_no_utf8
from sync.results.location import refusal
from sync.results.projection import Projection

Write = Callable[[bytes], object]

# Bytes of CSV that are checked and written at a time: a result that is smaller leaves no trace when it is refused.
CHUNK = 1 << 19


def copy_rows(cursor: Cursor, projection: Projection, synced_at: str, write: Write) -> int:
    """Writes the result's lines of CSV, with our own columns, through `write`. Returns how many rows these are.

    Raises the SyncError that names the first row, column and value that cannot be loaded. Lines
    before it may have been written by then, or not.
    """
    shape = projection.shape
    refuse_what_is_no_utf8(cursor, shape, projection.places)
    lines = _Lines(shape.execution_id, synced_at, write)
    is_sound = fast.check(column.type for column, _ in projection.places)
    lines.take(cursor, projection.fast(), lambda chunk: is_sound(b"".join(chunk)))
    if lines.have_stopped:
        lines.take(cursor, projection.exact(lines.rows + 1), _have_passed)
    if lines.have_stopped:
        raise refusal(cursor, projection, lines.rows + 1)
    wanted = shape.rows if shape.keeps_all else lines.began + cursor.rowcount
    if lines.rows != wanted:
        raise failure("unexpected", f"{lines.rows} of {wanted} rows of {shape.execution_id} were read")
    return lines.rows


def _have_passed(chunk: Sequence[bytes]) -> bool:
    """Whether the last field of each line is empty."""
    return all(line.endswith(b",\n") for line in chunk)


class _Lines:
    """The file that psycopg2 writes a projection's lines to, up to the first chunk that may not be loaded."""

    def __init__(self, execution_id: str, synced_at: str, write: Write) -> None:
        quoted = execution_id.replace('"', '""').replace("%", "%%")
        # A line's last field gives way to our own columns.
        self._own = f'"{quoted}",%d,{synced_at}\n'.encode()
        self._write = write
        self.rows = 0

    def take(self, cursor: Cursor, statement: sql.Composed, is_sound: Callable[[Sequence[bytes]], bool]) -> None:
        """Runs a COPY, which sends a message a row: postgresql.org/docs/current/protocol-flow.html."""
        self._is_sound = is_sound
        self._chunk: list[bytes] = []
        self._size = 0
        self.have_stopped = False
        self.began = self.rows
        cursor.copy_expert(statement, self)
        self._end_chunk()

    def write(self, line: bytes) -> None:
        self._chunk.append(line)
        self._size += len(line) + len(self._own)
        if self._size >= CHUNK:
            self._end_chunk()

    def _end_chunk(self) -> None:
        chunk, self._chunk, self._size = self._chunk, [], 0
        if self.have_stopped or not chunk:
            return
        if not self._is_sound(chunk):
            self.have_stopped = True
            return
        self._write(b"".join([line[:-1] + self._own % row for row, line in enumerate(chunk, self.rows + 1)]))
        self.rows += len(chunk)
