"""Helpers: put a file on a stage and copy it into a table, as the product does."""

import csv
import io
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import zstandard

FORMAT = (
    "FILE_FORMAT = (TYPE = CSV FIELD_DELIMITER = ',' FIELD_OPTIONALLY_ENCLOSED_BY = '\"'"
    " ESCAPE_UNENCLOSED_FIELD = NONE NULL_IF = () EMPTY_FIELD_AS_NULL = TRUE COMPRESSION = ZSTD)"
    " PURGE = TRUE"
)


def as_csv(rows: Iterable[Sequence[str | None]]) -> str:
    """As PostgreSQL writes it with FORCE_QUOTE: NULL is empty, everything else in quotes."""
    return "".join(",".join("" if v is None else '"' + v.replace('"', '""') + '"' for v in row) + "\n" for row in rows)


def put(cursor: Any, folder: Path, text: str | bytes, stage: str = '"STAGE"') -> str:
    """Stage a file below a directory of its own; returns its reference."""
    name = f"{uuid.uuid4().hex}.csv.zst"
    path = folder / name
    content = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(zstandard.compress(content))
    cursor.execute(f"CREATE STAGE IF NOT EXISTS {stage}")
    cursor.execute(f"PUT 'file://{path}' @{stage}/loads/a-b SOURCE_COMPRESSION=ZSTD AUTO_COMPRESS=FALSE OVERWRITE=TRUE")
    assert cursor.fetchall()[0][6] == "UPLOADED"
    return f"@{stage}/loads/a-b/{name}"


def copy(cursor: Any, target: str, reference: str) -> tuple[Any, ...]:
    """COPY one file without a transformation; returns the result's row."""
    row: tuple[Any, ...] = cursor.execute(f"COPY INTO {target} FROM {reference} {FORMAT}").fetchone()
    return row


def csv_rows(text: str) -> list[list[str]]:
    """What Python's own reader makes of the text; it cannot tell NULL from ''."""
    return list(csv.reader(io.StringIO(text, newline="")))
