"""What failed, in groups of what fails alike: an error's code, the workflow, and the destination."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.errors import CATALOGUE, Entry
from sync.models import Workflow
from sync.postgres import fetch, read_sql
from sync.reporting.lookups import named_destinations

# So many of the latest failures are looked at: what failed before them is in no group.
LOOKED_AT = 2_000
HOURS = 24

_OF_ALL, _OF_ONE = read_sql(__file__, "of_all", "of_one")


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Failed items that are alike; `curve`: how many came in each of the last 24 hours, the latest last.

    `latest` is the execution that failed last. `is_whole`: no older failure was left out of account.
    """

    code: str
    workflow: Workflow | None
    destination: SnowflakeConfiguration | None
    count: int
    first_at: datetime
    last_at: datetime
    curve: tuple[int, ...]
    latest: str
    is_whole: bool

    @property
    def entry(self) -> Entry | None:
        return CATALOGUE.get(self.code)

    @property
    def name(self) -> str:
        """The code as people read it: `value does not fit`."""
        return self.code.replace("_", " ") or "an error without a code"

    @property
    def meaning(self) -> str:
        return self.entry.meaning if self.entry else "An error that the catalogue does not have."

    @property
    def where(self) -> str:
        """The workflow's name, or its id; without a workflow, the run's."""
        return (self.workflow.name or self.workflow.workflow_id) if self.workflow else f"run {self.latest}"

    @property
    def last_hour(self) -> int:
        return self.curve[-1]


def error_groups(user_id: UUID | None, now: datetime, limit: int | None = None) -> list[ErrorGroup]:
    """The groups of one owner's failures or of everyone's: those with the most of the last day first."""
    params = {"user_id": user_id, "now": now, "size": LOOKED_AT}
    rows = fetch(_OF_ALL if user_id is None else _OF_ONE, params)
    is_whole = sum(row[3] for row in rows) < LOOKED_AT
    rows.sort(key=lambda row: (-len(row[6] or ()), -row[5].timestamp(), row[0]))
    rows = rows[:limit]
    workflows = Workflow.objects.only("workflow_id", "name").in_bulk({row[1] for row in rows if row[1]})
    destinations = named_destinations(None).in_bulk({row[2] for row in rows if row[2]})
    return [
        ErrorGroup(
            code,
            workflows.get(workflow_id),
            destinations.get(configuration_id),
            count,
            first_at,
            last_at,
            _curve(hours or []),
            latest,
            is_whole,
        )
        for code, workflow_id, configuration_id, count, first_at, last_at, hours, latest in rows
    ]


def _curve(hours: list[int]) -> tuple[int, ...]:
    counted = Counter(max(0, hour) for hour in hours)
    return tuple(counted[hour] for hour in reversed(range(HOURS)))
