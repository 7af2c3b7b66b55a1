"""What failed, in groups of what fails alike: an error's code, the workflow, and the destination.

Home, the page of errors and the API show the same groups. Those of a large queue are kept with its counts, and a muted
one is listed last, and counts for no verdict.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from accounts.models import SnowflakeConfiguration, User
from sync.errors import CATALOGUE, Entry, Retry
from sync.models import Workflow
from sync.postgres import fetch, read_sql
from sync.reporting.counts import are_kept
from sync.reporting.kept_counts import FAILED, GROUPED
from sync.reporting.lookups import named_destinations

# A curve has so many steps, of six hours.
STEPS = 28
_LIVE, _KEPT, _LATEST = read_sql(__file__, "live", "kept", "latest", failed=FAILED, grouped=GROUPED)

Window = Literal["", "day", "week"]


@dataclass(frozen=True, slots=True)
class Mute:
    """Until when a group is not to be heard of; None: until another run fails so. `by`: who said so, if it is known."""

    id: int
    until: datetime | None
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Items that failed alike, and have not been retried since.

    `count`: those in the window; `curve`: how many failed in each six hours of the last week, the latest last. `latest`
    is the execution that failed last, with its message; empty if it has been retried a moment ago.
    """

    code: str
    owner: User | None
    workflow: Workflow | None
    destination: SnowflakeConfiguration | None
    count: int
    first_at: datetime
    last_at: datetime
    last_hour: int
    last_day: int
    curve: tuple[int, ...]
    mute: Mute | None = None
    latest: str = ""
    message: str = ""
    own_remedy: str = ""

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
    def remedy(self) -> str:
        """What to do about it: as the run that failed last says it, or the catalogue."""
        given = self.own_remedy or (self.entry.remedy if self.entry else "")
        return given or "Look at the run's message and at the worker's log."

    @property
    def happened(self) -> str:
        """The message, beside which the execution is named."""
        return self.message.removeprefix(f"Execution {self.latest}, ")

    @property
    def retry(self) -> Retry:
        """Whether another try can help."""
        return self.entry.retry if self.entry else Retry.NOW

    @property
    def where(self) -> str:
        """The workflow's name, or its id; without a workflow, the run's."""
        if self.workflow:
            return str(self.workflow)
        return f"run {self.latest}" if self.latest else "runs without a workflow"

    @property
    def for_destination(self) -> str:
        """What follows in a sentence: ` for Prod`; empty without a destination."""
        return f" for {self.destination}" if self.destination else ""


@dataclass(frozen=True, slots=True)
class ErrorGroups:
    """A page of groups, and of all that were asked for how many there are, and how many failures in them."""

    listed: tuple[ErrorGroup, ...]
    number: int = 0
    failed: int = 0
    last_hour: int = 0
    muted: int = 0
    muted_failed: int = 0
    muted_last_hour: int = 0


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Which groups are meant: of one owner's failures, or of everyone's; None is all.

    `error_code`: also the empty one. `workflow_ids`: `workflows.id`. `window`: those that failed within it alone.
    """

    user_id: UUID | None = None
    configuration_id: UUID | None = None
    workflow_ids: tuple[UUID, ...] | None = None
    error_code: str | None = None
    window: Window = ""


def error_groups(
    what: GroupFilter, now: datetime, *, limit: int = 50, offset: int = 0, watch: bool = False
) -> ErrorGroups:
    """The groups that are meant, with the mutes of this view, the worst first. `watch`: as for `count_items`."""
    ids = None if what.workflow_ids is None else list(what.workflow_ids)
    asked = {**asdict(what), "workflow_ids": ids, "now": now, "limit": limit, "offset": offset}
    rows = fetch(_KEPT if are_kept(watch=watch) else _LIVE, asked)
    if not rows:
        return ErrorGroups(())
    return ErrorGroups(tuple(_with_latest(_groups(rows))), *map(int, rows[0][14:]))


def _groups(rows: list[tuple[Any, ...]]) -> Iterable[ErrorGroup]:
    owners = User.objects.select_related(None).only("email").in_bulk({row[1] for row in rows if row[1]})
    workflows = Workflow.objects.only("workflow_id", "name").in_bulk({row[2] for row in rows if row[2]})
    destinations = named_destinations(None).in_bulk({row[3] for row in rows if row[3]})
    for code, user_id, workflow_id, configuration_id, count, first_at, last_at, last_hour, last_day, *more in rows:
        curve, mute_id, until, since, by = more[:5]
        yield ErrorGroup(
            code,
            owners.get(user_id),
            workflows.get(workflow_id),
            destinations.get(configuration_id),
            int(count),
            first_at,
            last_at,
            last_hour,
            last_day,
            _curve(curve),
            Mute(mute_id, until, since, by) if mute_id is not None else None,
        )


def _curve(counted: str) -> tuple[int, ...]:
    """From the JSON of how many there are by how many steps ago they failed."""
    steps: dict[str, int] = json.loads(counted)
    return tuple(steps.get(str(step), 0) for step in reversed(range(STEPS)))


def _with_latest(found_groups: Iterable[ErrorGroup]) -> Iterable[ErrorGroup]:
    groups = list(found_groups)
    params = {
        "codes": [group.code for group in groups],
        "workflows": [group.workflow.pk if group.workflow else None for group in groups],
        "configurations": [group.destination.pk if group.destination else None for group in groups],
        "moments": [group.last_at for group in groups],
    }
    found = {place: texts for place, *texts in fetch(_LATEST, params)}
    for place, group in enumerate(groups, 1):
        latest, message, remedy = found.get(place, ("", "", ""))
        yield replace(group, latest=latest, message=message or "", own_remedy=remedy or "")
