"""What failed: by error and by how long ago, with what it means and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.errors import CATALOGUE, Entry
from sync.reporting.statistics import Line

# Errors that are listed, the most frequent of the last week first.
MOST = 30


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """Items that failed with an error, by when they did."""

    code: str
    entry: Entry | None
    hour: int
    day: int
    week: int
    ever: int

    @property
    def meaning(self) -> str:
        return self.entry.meaning if self.entry else "An error that the catalogue does not have."

    @property
    def remedy(self) -> str:
        return self.entry.remedy if self.entry else "Look at the item's message and at the worker's log."


@dataclass(frozen=True, slots=True)
class HeldLine:
    """Items that have not failed, and say why they are not loaded either."""

    status: str
    code: str
    entry: Entry | None
    count: int

    @property
    def meaning(self) -> str:
        return self.entry.meaning if self.entry else ""

    @property
    def remedy(self) -> str:
        if self.entry is None:
            return ""
        return self.entry.meanwhile() if self.status == "pending" else self.entry.remedy


def errors(lines: Sequence[Line]) -> tuple[ErrorLine, ...]:
    """A line an error of items that have failed."""
    by_code: dict[str, list[Line]] = {}
    for line in lines:
        if line.status == "failed":
            by_code.setdefault(line.error_code or "", []).append(line)
    found = [
        ErrorLine(
            code,
            CATALOGUE.get(code),
            sum(line.last_hour for line in of_it),
            sum(line.last_day for line in of_it),
            sum(line.last_week for line in of_it),
            sum(line.count for line in of_it),
        )
        for code, of_it in by_code.items()
    ]
    return tuple(sorted(found, key=lambda line: (-line.hour, -line.day, -line.week, -line.ever, line.code))[:MOST])


def held(lines: Sequence[Line]) -> tuple[HeldLine, ...]:
    """A line an error of items that wait for another try, or were skipped."""
    counts: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.error_code and line.status in ("pending", "skipped"):
            key = (line.status, line.error_code)
            counts[key] = counts.get(key, 0) + line.count
    found = [HeldLine(status, code, CATALOGUE.get(code), count) for (status, code), count in counts.items()]
    return tuple(sorted(found, key=lambda line: (line.status, -line.count, line.code))[:MOST])
