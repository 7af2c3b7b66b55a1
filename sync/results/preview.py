"""The parts of a result that people see: its first rows, cut, and the value of an error. None of it is stored."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sync.postgres import fetch, read_sql
from sync.results.location import location_in

_SIZE, _HEAD, _VALUE = read_sql(__file__, "size", "head", "value")

ROWS, COLUMNS, LONGEST = 20, 30, 200
# The bytes of the largest result that is shown, as PostgreSQL stores it: for its first rows it is unpacked as a whole.
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Preview:
    """Names of columns, of which there are `width`, and rows of texts; a text is None if the value is null.

    `too_large`: the result was not read. `parameters`: those of the execution, as JSON, cut.
    """

    columns: tuple[str, ...] = ()
    width: int = 0
    rows: tuple[tuple[str | None, ...], ...] = ()
    parameters: str | None = None
    too_large: bool = False


def preview(execution: UUID, columns: Iterable[int] = range(COLUMNS)) -> Preview:
    """The first ROWS of a result, of the columns at these places (from 0), values cut at LONGEST characters."""
    places = [place + 1 for place in columns]
    bounds = {"first_rows": f"$[0 to {ROWS - 1}]", "places": places, "longest": LONGEST}
    size = fetch(_SIZE, [execution])
    if not size or size[0][0] > LARGEST:
        return Preview(too_large=bool(size))
    ((names, width, rows, parameters),) = fetch(_HEAD, {"execution": execution, **bounds})
    return Preview(tuple(names), width, tuple(map(tuple, json.loads(rows))), parameters)


def value_at_fault(execution_id: str, message: str) -> str | None:
    """The beginning of the value that a message is about, as it is stored now; None if there is none, or no longer."""
    if (found := location_in(message, execution_id)) is None:
        return None
    row, column = found
    bounds = {"longest": LONGEST + 1, "largest": LARGEST}
    found_rows = fetch(_VALUE, {"execution_id": execution_id, "row": row, "column": column, **bounds})
    value: str | None = found_rows[0][0] if found_rows else None
    return f"{value[:LONGEST]}\u2026" if value and len(value) > LONGEST else value
