"""Pruning: history that nobody asks for any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sync.postgres import one_statement, read_sql

_ATTEMPTS, _BEGIN, _WORKERS, _REMOVED = read_sql(__file__, "attempts", "begin", "workers", "removed")

PRUNE_PAGE = 2_000


class PrunePage(NamedTuple):
    """What a page did: rows read, old ones among them, where it ended, rows deleted, rows that somebody else holds."""

    rows: int
    old: int
    position: int
    deleted: int
    held: int


def prune_attempts(
    before: datetime,
    position: int,
    *,
    user_ids: Sequence[UUID] | None = None,
    size: int = PRUNE_PAGE,
    dry_run: bool = False,
) -> PrunePage:
    """Deletes attempts that ended before a moment, among the next `size`. Waits for nobody."""
    params = {
        "before": before,
        "position": position,
        "users": None if user_ids is None else list(user_ids),
        "size": size,
        "dry_run": dry_run,
    }
    return _page(_ATTEMPTS, params)


def prune_workers(before: datetime, position: int, *, size: int = PRUNE_PAGE, dry_run: bool = False) -> PrunePage:
    """Deletes workers that stopped, or stopped beating, before a moment, among the next `size`. Waits for nobody."""
    return _page(_WORKERS, {"before": before, "position": position, "size": size, "dry_run": dry_run})


def prune_removed(before: datetime, *, size: int = PRUNE_PAGE) -> int:
    """Forgets some of what left the queue before a moment, or with its destination; how many."""
    count: int = one_statement(_REMOVED, {"before": before, "size": size})[0][0]
    return count


def begin_prune(days: int, *, now: datetime | None = None) -> tuple[datetime, int]:
    """The moment so many days ago, and how many attempts ended before it, to be kept or not."""
    before, attempts = one_statement(_BEGIN, {"days": days, "now": now})[0]
    return before, attempts


def _page(sql: str, params: dict[str, object]) -> PrunePage:
    rows, old, position, deleted, held = one_statement(sql, params)[0]
    return PrunePage(rows, old, position or 0, deleted, held)
