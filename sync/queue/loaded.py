"""What is loaded, and by which rules: counted, and page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.postgres import fetch, one_statement
from sync.queue.scope import by_rules

_COUNT, _PAGE = by_rules(__file__, "count_loaded"), by_rules(__file__, "loaded_page")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Which loaded executions of a destination are meant: all, or some.

    `since` and `until` bound the execution's `created_at`, the first inclusive, the second not; both need a time zone.
    `workflow_ids` are `workflows.id`.
    """

    configuration_id: UUID
    since: datetime | None = None
    until: datetime | None = None
    workflow_ids: tuple[UUID, ...] | None = None


class LoadedCount(NamedTuple):
    """So many executions of a workflow that were loaded by a version of the rules; 0: before there were any.

    `status` is the item's: one that is not completed now was loaded before. `is_excluded`: by the rules in force.
    """

    workflow_id: str
    workflow_name: str
    version: int
    status: str
    is_excluded: bool
    number: int


class LoadedItem(NamedTuple):
    """An item among those that were looked at. `is_meant`: it is loaded, unchanged, and the rules do not exclude it."""

    created_at: datetime
    id: UUID
    workflow_id: str
    version: int
    is_meant: bool


def count_loaded(what: Loaded) -> list[LoadedCount]:
    """What was loaded, in groups. Raises SnowflakeConfiguration.DoesNotExist."""
    return [LoadedCount(*row) for row in fetch(_COUNT(), {**_params(what), "now": None})]


def loaded_page(
    what: Loaded, after: tuple[datetime, UUID], *, as_of: datetime, size: int, now: datetime | None = None
) -> list[LoadedItem]:
    """The next `size` items of the destination's owner, the oldest first; fewer: these are the last.

    Raises SnowflakeConfiguration.DoesNotExist.
    """
    params = _params(what) | {"after_at": after[0], "after_id": after[1], "as_of": as_of, "size": size, "now": now}
    return [LoadedItem(*row) for row in one_statement(_PAGE(), params)]


def _params(what: Loaded) -> dict[str, object]:
    owners = SnowflakeConfiguration.objects.values_list("user_id", flat=True)
    return {
        "configuration": what.configuration_id,
        "user": owners.get(pk=what.configuration_id),
        "since": what.since,
        "until": what.until,
        "workflows": None if what.workflow_ids is None else list(what.workflow_ids),
    }
