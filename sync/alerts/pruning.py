"""What was told long ago is forgotten."""

from datetime import datetime

from sync.postgres import one_statement, read_sql

_DELIVERIES, _ALERTS = read_sql(__file__, "deliveries", "alerts")

PAGE = 2_000


def prune_alerts(before: datetime, *, dry_run: bool = False) -> tuple[int, int]:
    """Deletes messages that came to an end, and alerts that were closed, before a moment. Returns how many.

    The last message of each alert that is open stays: by it is known who was told.
    """
    deliveries = _all(_DELIVERIES, before, dry_run=dry_run)
    return deliveries, _all(_ALERTS, before, dry_run=dry_run)


def _all(statement: str, before: datetime, *, dry_run: bool) -> int:
    size = None if dry_run else PAGE
    deleted = 0
    while True:
        page = int(one_statement(statement, {"before": before, "size": size, "dry_run": dry_run})[0][0])
        deleted += page
        if dry_run or page < PAGE:
            return deleted
