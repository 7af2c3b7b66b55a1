"""What a workflow leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict


class Column(TypedDict):
    """One entry of `result_columns`."""

    name: str
    type: str


@dataclass(frozen=True)
class SampleExecution:
    """A finished execution: `result_rows` are objects or arrays, and None where nothing was kept.

    `flaw` says what is wrong with a deliberately bad one; it finished `days_ago`.
    """

    workflow_name: str
    result_columns: list[Column]
    result_rows: list[Any] | None
    flaw: str = ""
    days_ago: int = 0


def columns(**types: str) -> list[Column]:
    """Columns by name and type, in order."""
    return [{"name": name, "type": kind} for name, kind in types.items()]


def as_arrays(names: Sequence[Column], rows: list[dict[str, Any]]) -> list[list[Any]]:
    """The rows as arrays, in the columns' order, as some workflows give them."""
    return [[row.get(column["name"]) for column in names] for row in rows]
