"""A page of items. What it costs does not depend on how many there are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem
from sync.reporting.listing import items_sql as sql
from sync.reporting.listing.position import Position

# More are not counted.
MOST_COUNTED = 10_000
# Where a destination or a workflow is asked for, a page is looked for among so many items.
LOOKED_AT = 2_000

_FIRST = Position(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=0))
_EVER = datetime(1, 1, 2, tzinfo=UTC)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


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
    created_at: datetime
    updated_at: datetime
    processed_at: datetime | None
    workflow_id: str | None
    workflow_name: str | None
    user_email: str | None
    configuration: SnowflakeConfiguration | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Which items: of one user or of all, in one state or in any; `since` and `until` bound when they were made.

    A destination or a workflow is looked for among the items of `user_id`, its owner; an error code among them, too.
    """

    user_id: UUID | None = None
    status: str | None = None
    configuration_id: UUID | None = None
    workflow_id: UUID | None = None
    error_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether no index leads to just these items."""
        return any(narrow is not None for narrow in (self.configuration_id, self.workflow_id, self.error_code))

    @property
    def statuses(self) -> list[str]:
        return [self.status] if self.status else list(SyncQueueItem.Status.values)

    def as_params(self, size: int, after: Position | None) -> dict[str, Any]:
        position = after or _FIRST
        return {
            "user_id": self.user_id,
            "statuses": self.statuses,
            "configuration_id": self.configuration_id,
            "workflow_id": self.workflow_id,
            "error_code": self.error_code,
            "since": self.since or _EVER,
            "until": self.until or _NEVER,
            "position_at": position.at,
            "position_id": position.id,
            "size": size,
        }


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Items with their workflow, owner and destination, where to go on, and how many there are.

    `total_is_exact`: otherwise there may be more of them. A page may hold fewer than were asked for, and not be the
    last, where a destination or workflow is rare: the last one has no `after`.
    """

    items: list[ListedItem]
    after: Position | None
    total: int
    total_is_exact: bool


def list_items(listing: Listing, *, limit: int, after: Position | None = None) -> ItemPage:
    """At most `limit` items after a position, the newest first."""
    size = LOOKED_AT if listing.is_narrow else limit + 1
    found = _find(listing, size, after)
    meant = [(id_, at) for id_, at, is_meant in found if is_meant]
    end: Position | None = None
    if len(meant) > limit:
        id_, at = meant[limit - 1]
        end = Position(at, id_)
    elif len(found) == size:
        end = Position(found[-1][1], found[-1][0])
    if listing.is_narrow:
        looked = found if after is None else _find(listing, size, None)
        total, exact = sum(is_meant for _, _, is_meant in looked), len(looked) < size
    else:
        total, exact = _count(listing)
    return ItemPage(items_of([id_ for id_, _ in meant[:limit]]), end, total, exact)


def _find(listing: Listing, size: int, after: Position | None) -> list[tuple[UUID, datetime, bool]]:
    of_one = listing.user_id is not None
    statement = sql.candidates(listing.statuses, of_one=of_one, narrow=listing.is_narrow)
    return _rows(statement, listing.as_params(size, after))


def _count(listing: Listing) -> tuple[int, bool]:
    statement = sql.count(listing.statuses, of_one=listing.user_id is not None)
    ((counted,),) = _rows(statement, listing.as_params(MOST_COUNTED + 1, None))
    return min(counted, MOST_COUNTED), counted <= MOST_COUNTED


def items_of(ids: list[UUID]) -> list[ListedItem]:
    """These items, in this order; without what has gone meanwhile."""
    rows = {row[0]: row for row in _rows(sql.DETAILS, {"ids": ids})}
    return [_item(rows[id_]) for id_ in ids if id_ in rows]


def _item(row: tuple[Any, ...]) -> ListedItem:
    *item, configuration_id, name, account, database, schema = row
    configuration = None
    if configuration_id is not None:
        configuration = SnowflakeConfiguration(
            id=configuration_id, name=name, account_identifier=account, database=database, schema=schema
        )
    return ListedItem._make([*item, configuration])


def _rows(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
