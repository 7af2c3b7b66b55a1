"""Runs a projection: the fast one, and the exact one from where the fast one stopped."""

import struct
from collections.abc import Callable, Sequence

from psycopg2 import DataError, sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name

from sync.errors import failure
from sync.results.location import located, refusal
from sync.results.projection import Projection
from sync.results.rows import values
from sync.results.shape import Place, Shape

Write = Callable[[memoryview], object]

# CSV in bytes that waits: a result that is smaller leaves no trace when it is refused.
BUFFER = 1 << 20

# PostgreSQL's binary format of COPY: signature, flags, length of an extension; then for each tuple
# the number of its fields, and each with its length, which is -1 for NULL; -1 fields are the end.
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TUPLE = struct.Struct(">hiqi")
_END = struct.pack(">h", -1)

# Only a database in another encoding can hold text that UTF-8 has no place for.
_CONVERTED = """SELECT count(convert_to(ROW({fields})::text, 'UTF8'))
    FROM (SELECT * FROM ({source}) AS v LIMIT {rows}) AS w"""


def copy_rows(cursor: Cursor, projection: Projection, write: Write) -> int:
    """Writes the result's lines of CSV through `write`. Returns the number of rows.

    Raises the SyncError that names the first row, column and value that cannot be loaded. Lines
    before it may have been written by then, or not.
    """
    _refuse_what_is_no_utf8(cursor, projection.shape, projection.places)
    lines = _Lines(write)
    cursor.copy_expert(projection.fast(), lines)
    if lines.have_stopped:
        lines.have_stopped = False
        cursor.copy_expert(projection.exact(lines.rows + 1), lines)
    if lines.have_stopped:
        raise refusal(cursor, projection, lines.rows + 1)
    if lines.rows != projection.shape.rows:
        raise failure(
            "unexpected", f"{lines.rows} of {projection.shape.rows} rows of {projection.shape.execution_id} were read"
        )
    lines.flush()
    return lines.rows


class _Lines:
    """The file that psycopg2 writes a projection's chunks to, up to the first that has no CSV."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._pending: list[memoryview] = []
        self._size = 0
        self.rows = 0
        self.have_stopped = False

    def write(self, data: bytes) -> int:
        """Takes what PostgreSQL sends as one message: a tuple, the first one with the header before it, or the end."""
        message = memoryview(data)
        if message[: len(_HEADER)] == _HEADER:
            message = message[len(_HEADER) :]
        if message != _END and not self.have_stopped:
            _, _, rows, length = _TUPLE.unpack_from(message)
            self._add(rows, length, message[_TUPLE.size :])
        return len(data)

    def flush(self) -> None:
        for chunk in self._pending:
            self._write(chunk)
        self._pending.clear()

    def _add(self, rows: int, length: int, csv: memoryview) -> None:
        if length == -1:
            self.have_stopped = True
            return
        if length != len(csv):
            raise failure("unexpected", f"PostgreSQL sent {len(csv)} bytes of CSV and announced {length}")
        self._pending.append(csv)
        self._size += length
        self.rows += rows
        if self._size >= BUFFER:
            self.flush()


def _refuse_what_is_no_utf8(cursor: Cursor, shape: Shape, places: Sequence[Place]) -> None:
    """Raises `value_does_not_fit` with the first row and column whose text has no place in the file's encoding."""
    if cursor.connection.info.parameter_status("server_encoding") == "UTF8":
        return
    if _converts(cursor, shape, places, 1, shape.rows):
        return
    row = _first_row(cursor, shape, places)
    column = next((column for column, at in places if not _converts(cursor, shape, [(column, at)], row, 1)), None)
    where = located(shape.execution_id, row, column.key if column else None)
    raise failure("value_does_not_fit", f"{where}: the value holds bytes that are no text in UTF-8")


def _first_row(cursor: Cursor, shape: Shape, places: Sequence[Place]) -> int:
    """Searches by halves: rows that were found to be well are not read again."""
    first, rows = 1, shape.rows
    while rows > 1:
        half = rows // 2
        if _converts(cursor, shape, places, first, half):
            first, rows = first + half, rows - half
        else:
            rows = half
    return first


def _converts(cursor: Cursor, shape: Shape, places: Sequence[Place], first: int, rows: int) -> bool:
    fields = ", ".join(f"c{number}" for number, _ in enumerate(places, start=1))
    cursor.execute("SAVEPOINT encoding")
    try:
        cursor.execute(
            sql.SQL(_CONVERTED).format(
                fields=sql.SQL(fields), source=values(shape, places, first), rows=sql.Literal(rows)
            )
        )
    except DataError:
        cursor.execute("ROLLBACK TO SAVEPOINT encoding")
        return False
    return True
