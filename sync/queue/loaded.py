"""What is loaded, and by which rules: counted, and page by page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.postgres import fetch, one_statement, read_sql
from sync.queue.scope import WITHOUT_RULES, by_rules

_COUNT, _PAGE = by_rules(__file__, "count_loaded"), by_rules(__file__, "loaded_page")
_COLUMNS, _MISFITS = read_sql(__file__, "columns_of_items", "count_misfits", **WITHOUT_RULES)
Columns = tuple[str, ...] | None


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

    `status` is the item's, or `removing`, if it waits to be taken out: one that is not completed now was loaded before.
    `is_excluded`: by the rules in force.
    `columns`: of the result; None: they are not known, or were not asked for.
    """

    workflow_id: str
    workflow_name: str
    version: int
    status: str
    is_excluded: bool
    columns: Columns
    number: int


class Misfits(NamedTuple):
    """So many executions of a workflow that failed since a rule of this version does not fit them."""

    workflow_id: str
    version: int
    columns: Columns
    number: int


class LoadedItem(NamedTuple):
    """An item among those that were looked at. `is_meant`: it is loaded, unchanged, and the rules do not exclude it."""

    created_at: datetime
    id: UUID
    workflow_id: str
    version: int
    is_meant: bool


def count_loaded(what: Loaded, columns_of: Collection[str] | None = None) -> list[LoadedCount]:
    """What was loaded, in groups; `columns_of`: by its columns, too, and of workflows with these ids alone.

    Raises SnowflakeConfiguration.DoesNotExist.
    """
    params = {**_params(what), "now": None, "columns_of": None if columns_of is None else list(columns_of)}
    return [LoadedCount(*row)._replace(columns=_columns(row[5])) for row in fetch(_COUNT(), params)]


def count_misfits(what: Loaded) -> list[Misfits]:
    """What failed with `rule_does_not_fit`, in groups. Raises SnowflakeConfiguration.DoesNotExist."""
    found = fetch(_MISFITS, _params(what))
    return [Misfits(workflow_id, version, _columns(columns), number) for workflow_id, version, columns, number in found]


def columns_of_items(item_ids: Collection[UUID]) -> dict[UUID, Columns]:
    """The columns of the results of these items; None: they are not known."""
    found = fetch(_COLUMNS, {"items": list(item_ids)}) if item_ids else []
    return {item_id: _columns(columns) for ids, columns in found for item_id in ids}


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


def _columns(found: list[str] | None) -> Columns:
    return None if found is None else tuple(found)
