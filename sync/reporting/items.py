"""Lists of items, the newest first, page by page. What a page costs does not depend on how many items there are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem
from sync.postgres import fetch, read_sql
from sync.queue import ItemFilter
from sync.reporting.cursor import Cursor

# Items beyond this number are not counted.
MOST_COUNTED = 10_000
# If a destination or a workflow is asked for, the items of a page are looked for among so many.
LOOKED_AT = 2_000

_NEWEST, _NEWEST_AND_MEANT, _COUNT, _DETAILS = read_sql(__file__, "newest", "newest_and_meant", "count", "details")
_EVER = datetime(1, 1, 2, tzinfo=UTC)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_FIRST = Cursor(_NEVER, UUID(int=0))


class ListedItem(NamedTuple):
    """An item, with its workflow, owner and destination."""

    id: UUID
    execution_id: str
    status: str
    retry_count: int
    max_retries: int
    run_after: datetime
    error_code: str | None
    error_message: str | None
    error_remedy: str | None
    schema_name: str | None
    table_name: str | None
    row_count: int | None
    source_row_count: int | None
    rules_version: int | None
    created_at: datetime
    updated_at: datetime
    processed_at: datetime | None
    workflow_id: str | None
    workflow_name: str | None
    user_email: str | None
    configuration: SnowflakeConfiguration | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """Items with their workflow, owner and destination, the cursor to go on from, and how many items there are.

    Unless `total_is_exact`, there may be more than `total`. If a destination or workflow is rare, a page may hold fewer
    items than were asked for without being the last page: only the last page has no `after`.
    """

    items: list[ListedItem]
    after: Cursor | None
    total: int
    total_is_exact: bool


def list_items(what: ItemFilter, *, limit: int, after: Cursor | None = None) -> ListPage:
    """At most `limit` items after a cursor, of one user or of all, the newest first by creation.

    `since` and `until` bound the creation here, too. A destination, a workflow or an error code is looked for among the
    items of one user: of the user in the filter, or else of its owner, if it has one.
    """
    is_narrow = not (what.configuration_ids is what.workflow_ids is what.error_codes is None)
    size = LOOKED_AT if is_narrow else limit + 1
    find = _NEWEST_AND_MEANT if is_narrow else _NEWEST
    found = fetch(find, _params(what, size, after))
    meant = [(id_, at) for id_, at, is_meant in found if is_meant]
    end: Cursor | None = None
    if len(meant) > limit:
        end = Cursor(meant[limit - 1][1], meant[limit - 1][0])
    elif len(found) == size:
        end = Cursor(found[-1][1], found[-1][0])
    if is_narrow:
        looked = found if after is None else fetch(find, _params(what, size, None))
        total, exact = sum(is_meant for _, _, is_meant in looked), len(looked) < size
    else:
        ((counted,),) = fetch(_COUNT, _params(what, MOST_COUNTED + 1, None))
        total, exact = min(counted, MOST_COUNTED), counted <= MOST_COUNTED
    return ListPage(_details([id_ for id_, _ in meant[:limit]]), end, total, exact)


def _params(what: ItemFilter, size: int, after: Cursor | None) -> dict[str, Any]:
    (user_id,) = what.user_ids or (None,)
    position = after or _FIRST
    return {
        "user_id": user_id,
        "statuses": _listed(what.statuses) or SyncQueueItem.Status.values,
        "configuration_ids": _listed(what.configuration_ids),
        "workflow_ids": _listed(what.workflow_ids),
        "error_codes": _listed(what.error_codes),
        "since": what.since or _EVER,
        "until": what.until or _NEVER,
        "position_at": position.at,
        "position_id": position.id,
        "size": size,
    }


def _listed(values: tuple[Any, ...] | None) -> list[Any] | None:
    return None if values is None else list(values)


def _details(ids: list[UUID]) -> list[ListedItem]:
    """These items, in this order, without those that were deleted meanwhile."""
    rows = {row[0]: row for row in fetch(_DETAILS, {"ids": ids})}
    return [_item(rows[id_]) for id_ in ids if id_ in rows]


def _item(row: tuple[Any, ...]) -> ListedItem:
    *item, configuration_id, name, account, database, schema = row
    configuration = None
    if configuration_id is not None:
        configuration = SnowflakeConfiguration(
            id=configuration_id, name=name, account_identifier=account, database=database, schema=schema
        )
    return ListedItem._make([*item, configuration])
