"""Whether a destination keeps its promise: the share of results that were in Snowflake in time, by month."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sync.postgres import fetch, read_sql

(_MONTHS,) = read_sql(__file__, "months")

# Months that are told, the present one among them.
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """Results that came to an end in a month of UTC, and those of them that were in Snowflake in time."""

    month: date
    ended: int
    in_time: int

    @property
    def share(self) -> float:
        return self.in_time / self.ended


def freshness(configuration_id: UUID) -> list[Month]:
    """The latest months in which something was promised and came, the latest first. What failed never came in time."""
    return [Month(*row) for row in fetch(_MONTHS, {"configuration_id": configuration_id, "most": MONTHS})]
