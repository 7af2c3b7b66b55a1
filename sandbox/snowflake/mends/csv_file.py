"""A staged CSV file, read by DuckDB exactly as Snowflake reads it: nothing is guessed."""

import gzip
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard
from snowflake.connector.errors import ProgrammingError

from sandbox.snowflake.mends.csv_format import CsvFormat

_DUCKDB_LINE = 2 * 1024 * 1024
_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"


def quoted(text: str) -> str:
    """As an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class PlainCsv:
    """A decompressed file and how to read it."""

    path: Path
    format: CsvFormat

    @property
    def empty(self) -> bool:
        return self.path.stat().st_size == 0

    def width(self) -> int:
        """The number of fields of the first record."""
        fields, inside = 1, False
        with self.path.open(encoding="utf-8", newline="") as lines:
            for line in lines:
                for character in line:
                    if character == self.format.enclosed_by:
                        inside = not inside
                    elif character == self.format.delimiter and not inside:
                        fields += 1
                if not inside:
                    break
        return fields

    def sql(self, width: int) -> str:
        """The file as a table function with text columns c1, c2, …"""
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(1, width + 1))
        # The longest line is not known; the whole file bounds it, and is cheap while it is small.
        longest = max(_DUCKDB_LINE, self.path.stat().st_size + 1)
        options = {
            "columns": "{" + columns + "}",
            "auto_detect": "false",
            "header": "false",
            "skip": str(self.format.skip_header),
            "delim": quoted(self.format.delimiter),
            "quote": quoted(self.format.enclosed_by),
            "escape": quoted(self.format.enclosed_by),
            # No file holds a \x01 where nothing shall be NULL; DuckDB wants something.
            "nullstr": "[" + ", ".join(quoted(n) for n in self.format.nulls or ["\x01"]) + "]",
            "allow_quoted_nulls": "false",
            "new_line": "'\\n'",
            "strict_mode": "true",
            "null_padding": "false" if self.format.check_columns else "true",
            # Two threads could disagree on whether a newline stands inside quotes.
            "parallel": "false",
            "max_line_size": str(longest),
        }
        settings = ", ".join(f"{name} = {value}" for name, value in options.items())
        return f"read_csv({quoted(str(self.path))}, {settings})"


@contextmanager
def plain(path: Path, form: CsvFormat) -> Iterator[PlainCsv]:
    """The file, decompressed into the system's temporary directory for the while."""
    handle, name = tempfile.mkstemp(prefix="copy_", suffix=".csv")
    target = Path(name)
    try:
        with os.fdopen(handle, "wb") as output, path.open("rb") as source:
            magic = source.read(4)
            source.seek(0)
            try:
                _decompress(source, output, _compression(form.compression, magic))
            except (zstandard.ZstdError, OSError, EOFError) as error:
                message = f"Error decompressing the data file '{path.name}': {error}"
                raise ProgrammingError(msg=message, errno=100144, sqlstate="22000") from None
        yield PlainCsv(target, form)
    finally:
        target.unlink(missing_ok=True)


def _compression(declared: str, magic: bytes) -> str:
    if declared not in {"AUTO", "AUTO_DETECT"}:
        return declared
    return "ZSTD" if magic == _ZSTD else "GZIP" if magic[:2] == _GZIP else "NONE"


def _decompress(source: Any, output: Any, compression: str) -> None:
    match compression:
        case "ZSTD":
            decompressor = zstandard.ZstdDecompressor()
            reader: Any = decompressor.stream_reader(source, read_across_frames=True)
        case "GZIP":
            reader = gzip.GzipFile(fileobj=source)
        case "NONE":
            reader = source
        case _:
            raise NotImplementedError(f"COMPRESSION = {compression}")
    shutil.copyfileobj(reader, output, 1024 * 1024)
