"""Pruning: deletes history that nobody asks for any more."""

from datetime import datetime
from typing import NamedTuple

from sync.postgres import one_statement, read_sql

_ATTEMPTS, _BEGIN, _WORKERS, _REMOVED = read_sql(__file__, "attempts", "begin", "workers", "removed")

PRUNE_PAGE = 2_000


class PrunePage(NamedTuple):
    """What a page did: rows read, how many were old, the last id, rows deleted, and rows that somebody else holds."""

    rows: int
    old: int
    position: int
    deleted: int
    held: list[int]


def begin_prune(days: int, *, now: datetime | None = None) -> tuple[datetime, int]:
    """The moment so many days ago, and how many attempts ended before it, whether these are kept or not."""
    before, attempts = one_statement(_BEGIN, {"days": days, "now": now})[0]
    return before, attempts


def prune_attempts(before: datetime, position: int, *, size: int = PRUNE_PAGE, dry_run: bool = False) -> PrunePage:
    """Deletes attempts that ended before a moment, among the next `size`. Waits for nobody."""
    params = {"before": before, "position": position, "size": size, "dry_run": dry_run}
    return PrunePage(*one_statement(_ATTEMPTS, params)[0])


def prune_workers(before: datetime, *, dry_run: bool = False) -> tuple[int, int]:
    """Deletes workers that stopped, or stopped beating, before a moment. Returns how many, and how many others hold."""
    deleted, held = one_statement(_WORKERS, {"before": before, "dry_run": dry_run})[0]
    return deleted, held


def prune_removed(before: datetime, *, size: int = PRUNE_PAGE) -> int:
    """Deletes some notes of items that left the queue before a moment, and of destinations that are gone; how many."""
    count: int = one_statement(_REMOVED, {"before": before, "size": size})[0][0]
    return count
