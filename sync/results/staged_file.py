"""The file that a load sends, or several: CSV without a header, a zstd stream each, removed when they were sent."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class of that name
from zstandard import FLUSH_FRAME, ZstdCompressor

from sync.results.copying import copy_rows
from sync.results.projection import Projection
from sync.results.shape import Place, Shape

# Snowflake loads files of 100 to 250 MB, compressed, in parallel, and one that is larger by itself
# (docs.snowflake.com/en/user-guide/data-load-considerations-prepare).
LARGEST = 200_000_000
# Measured: level 3 takes twice the time of level 1 for a file no smaller.
_LEVEL = 1


class StagedFile:
    """Takes one result after the other and ends as a file for PUT, or as several; removed on leaving the block.

    A line has the columns in order, then _EXECUTION_ID, _ROW_NUMBER (from 1), _SYNCED_AT (UTC).
    NULL is an empty field without quotes; text and JSON are always quoted. `directory` is a
    `Spool`'s, where a killed process should leave nothing behind for long.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory

    def __enter__(self) -> Self:
        self._files: list[IO[bytes]] = []
        self._written = 0
        # Whether a failed append left rows behind: then another file is needed, without that result.
        self.is_partly_written = False
        self._is_finished = False
        self._begin_file()
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            # A spool whose block was left first has removed it.
            with suppress(FileNotFoundError):
                file.close()

    @property
    def path(self) -> Path:
        """The file, or the first of several."""
        return self.paths[0]

    @property
    def paths(self) -> list[Path]:
        return [Path(file.name) for file in self._files]

    def append(self, cursor: Cursor, shape: Shape, synced_at: datetime, places: Sequence[Place]) -> int:
        """Adds a result, read through a `snapshot` cursor. Returns the number of its rows.

        `places` are the file's columns: their types count, and a column that the result lacks is NULL. Raises
        `value_does_not_fit`, `undeclared_key` or `malformed_result` with the row; then see `is_partly_written`.
        """
        if self.is_partly_written or self._is_finished:
            raise RuntimeError("The staged file takes no more results.")
        projection, synced = Projection(shape, places), _utc_text(synced_at)
        before = self._written
        try:
            return copy_rows(cursor, projection, synced, self._write) if shape.rows else 0
        except BaseException:
            self.is_partly_written = self._written != before
            raise

    def finish(self) -> int:
        """Ends the stream, after which PUT may send `paths`. Returns their size in bytes, compressed."""
        if self.is_partly_written:
            raise RuntimeError("The staged file holds rows of a result that was refused.")
        if not self._is_finished:
            self._end_file()
            self._is_finished = True
        return sum(path.stat().st_size for path in self.paths)

    def _write(self, data: bytes) -> None:
        """Takes whole lines."""
        if self._files[-1].tell() >= LARGEST:
            self._end_file()
            self._begin_file()
        self._written += len(data)
        self._stream.write(data)

    def _begin_file(self) -> None:
        # No fsync: the file need not outlive the process.
        file = tempfile.NamedTemporaryFile(suffix=".csv.zst", dir=self._directory)  # noqa: SIM115 -- see __exit__
        self._files.append(file)
        self._stream = ZstdCompressor(level=_LEVEL).stream_writer(file, closefd=False)

    def _end_file(self) -> None:
        self._stream.flush(FLUSH_FRAME)
        self._files[-1].flush()


def _utc_text(moment: datetime) -> str:
    """The text that Snowflake reads as a TIMESTAMP_NTZ in UTC. Raises ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError("synced_at needs a time zone.")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
