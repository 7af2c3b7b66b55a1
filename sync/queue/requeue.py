"""By hand: retry what failed, skip what is not wanted, queue what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sync.errors import CATALOGUE
from sync.postgres import one_statement
from sync.queue.execution_status import update_execution_status
from sync.queue.requeue_sql import COUNT, ENQUEUE, REQUEUE, SKIP

SKIPPED_BY_HAND = "skipped_by_hand"
# Rows in one statement: the application waits for none of them for long.
REQUEUE_PAGE = 1_000
_START = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items are meant. None means all; an empty sequence means none.

    `since` and `until` bound the item's last change (for a failed one: when it failed), the first inclusive, the
    second not; both need a time zone. `workflow_ids` are `workflows.id`. An item that has no user yet is its workflow's
    user's.
    """

    item_ids: tuple[UUID, ...] | None = None
    statuses: tuple[str, ...] | None = None
    user_ids: tuple[UUID, ...] | None = None
    workflow_ids: tuple[UUID, ...] | None = None
    configuration_ids: tuple[UUID, ...] | None = None
    error_codes: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def names_skipped(self) -> bool:
        """Whether it asks by name for what was skipped by hand."""
        return self.item_ids is not None or SKIPPED_BY_HAND in (self.error_codes or ())


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to items, in which states, and whether to those, too, that have no owner."""

    sql: str
    statuses: tuple[str, ...]
    ownerless: bool = False


# Pending again, with all their retries; also what was skipped by hand, where it is asked for by name.
RETRY = Change(REQUEUE, ("failed",))
# Skipped until new results come or somebody retries them.
SKIP_BY_HAND = Change(SKIP, ("failed", "pending"), ownerless=True)


class Position(NamedTuple):
    """Where a walk over items stands, and when it began: what fails later is not met again."""

    started: datetime | None = None
    updated_at: datetime | None = None
    id: UUID = _START


class ItemPage(NamedTuple):
    """What a page did: rows read, where it ended, and items by what became of them.

    `others`: in a state in which there is nothing to change. `held`: somebody else is at them. `outdated`: executions
    whose `snowflake_*` columns no longer say what their items do.
    """

    rows: int
    position: Position
    changed: int
    no_owner: int
    others: int
    held: list[UUID]
    changed_ids: list[UUID]
    outdated: list[str]


def change_page(
    change: Change,
    what: ItemFilter,
    position: Position,
    *,
    size: int = REQUEUE_PAGE,
    limit: int = REQUEUE_PAGE,
    listed: Sequence[UUID] | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> ItemPage:
    """Changes at most `limit` of the next `size` items after `position`, or of those `listed`; waits for nobody."""
    entry = CATALOGUE[SKIPPED_BY_HAND]
    params = {
        **_as_params(change, what),
        **({} if listed is None else {"walk": "listed", "items": list(listed)}),
        "started": position.started,
        "position_at": position.updated_at or what.since,
        "position_id": position.id,
        "size": size,
        "limit": limit,
        "dry_run": dry_run,
        "skipped_by_hand": SKIPPED_BY_HAND,
        "reason": entry.meaning,
        "reason_remedy": entry.remedy,
        "now": now,
    }
    rows, updated_at, id_, changed, no_owner, others, held, changed_ids, outdated = one_statement(change.sql, params)[0]
    end = Position(position.started, updated_at, id_ or _START)
    return ItemPage(rows, end, changed, no_owner, others, held, changed_ids, outdated)


def begin_requeue(change: Change, what: ItemFilter, *, now: datetime | None = None) -> tuple[Position, int]:
    """Where a walk begins, and how many items it reads, wanted or not."""
    started, total = one_statement(COUNT, {**_as_params(change, what), "now": now})[0]
    return Position(started), total


def requeue(item_ids: Sequence[UUID], *, now: datetime | None = None) -> list[UUID]:
    """Puts failed items back to pending, with all their retries; the ids of those that were. Waits for nobody."""
    requeued: list[UUID] = []
    for start in range(0, len(item_ids), REQUEUE_PAGE):
        what = ItemFilter(item_ids=tuple(item_ids[start : start + REQUEUE_PAGE]))
        page = change_page(RETRY, what, Position(), listed=what.item_ids, now=now)
        update_execution_status(page.outdated)
        requeued += page.changed_ids
    return requeued


def enqueue(execution_ids: Sequence[str], *, now: datetime | None = None) -> list[str]:
    """Queues completed executions as the trigger does; those that were. Safe to repeat."""
    params = {"executions": list(execution_ids), "now": now}
    return [row[0] for row in one_statement(ENQUEUE, params)]


def _as_params(change: Change, what: ItemFilter) -> dict[str, Any]:
    by_hand = change is RETRY and what.names_skipped
    failed_alone = change.statuses == ("failed",) or what.statuses == ("failed",)
    walk = "failed" if failed_alone and not by_hand else "all"
    return {
        "walk": walk if what.item_ids is None else "listed",
        "items": _as_list(what.item_ids),
        "statuses": list(change.statuses),
        "by_hand": by_hand,
        "ownerless": change.ownerless,
        "only": _as_list(what.statuses),
        "users": _as_list(what.user_ids),
        "workflows": _as_list(what.workflow_ids),
        "configurations": _as_list(what.configuration_ids),
        "error_codes": _as_list(what.error_codes),
        "since": what.since,
        "until": what.until,
    }


def _as_list(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)
