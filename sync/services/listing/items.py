"""A page of items. What it costs does not depend on how many there are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from sync.models import SyncQueueItem
from sync.services.listing import items_sql as sql
from sync.services.listing.position import Position

# More are not counted.
MOST_COUNTED = 10_000
# Where a destination or a workflow is asked for, a page is looked for among so many items.
LOOKED_AT = 10_000

_FIRST = Position(datetime(9999, 1, 1, tzinfo=UTC), UUID(int=0))
_EVER = datetime(1, 1, 2, tzinfo=UTC)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)

ListedItem = SyncQueueItem


@dataclass(frozen=True, slots=True)
class Listing:
    """Which items: of one user or of all, in one state or in any; `since` and `until` bound when they were made.

    A destination or a workflow is looked for among the items of `user_id`, its owner.
    """

    user_id: UUID | None = None
    status: str | None = None
    configuration_id: UUID | None = None
    workflow_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether no index leads to just these items."""
        return self.configuration_id is not None or self.workflow_id is not None

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
    of_one = listing.user_id is not None
    found = _rows(sql.candidates(listing.statuses, of_one=of_one), listing.as_params(size, after))
    places = {id_: Position(at, id_) for id_, at in found}
    matching = _load(listing, list(places))
    ordered = [matching[id_] for id_ in places if id_ in matching]
    shown = ordered[:limit]
    end: Position | None = None
    if len(ordered) > limit:
        end = places[shown[-1].pk]
    elif len(found) == size:
        end = list(places.values())[-1]
    return ItemPage(shown, end, *_count(listing, of_one=of_one))


def _load(listing: Listing, ids: list[UUID]) -> dict[UUID, ListedItem]:
    """Only the columns that a list shows: an execution's results are large."""
    items = SyncQueueItem.objects.filter(pk__in=ids)
    if listing.configuration_id is not None:
        items = items.filter(configuration_id=listing.configuration_id)
    if listing.workflow_id is not None:
        items = items.filter(execution__workflow_id=listing.workflow_id)
    wanted = items.select_related("execution__workflow", "user", "configuration").only(*_SHOWN)
    return {item.pk: item for item in wanted}


def _count(listing: Listing, *, of_one: bool) -> tuple[int, bool]:
    if listing.is_narrow:
        statement = sql.count_matching(listing.statuses, of_one=of_one)
        ((matching, looked_at),) = _rows(statement, listing.as_params(LOOKED_AT, None))
        return matching, looked_at < LOOKED_AT
    statement = sql.count(listing.statuses, of_one=of_one)
    ((counted,),) = _rows(statement, listing.as_params(MOST_COUNTED + 1, None))
    return min(counted, MOST_COUNTED), counted <= MOST_COUNTED


def _rows(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


_SHOWN = (
    "execution_id",
    "status",
    "retry_count",
    "max_retries",
    "run_after",
    "error_code",
    "error_message",
    "schema_name",
    "table_name",
    "row_count",
    "created_at",
    "updated_at",
    "processed_at",
    "execution__execution_id",
    "execution__workflow__workflow_id",
    "execution__workflow__name",
    "user__email",
    "configuration__name",
    "configuration__account_identifier",
    "configuration__database",
    "configuration__schema",
)
