"""Routing: from what has arrived of an execution to one item for each active destination of its owner."""

from datetime import datetime

from sync.errors import reasons
from sync.postgres import one_statement
from sync.queue.execution_status import update_execution_status
from sync.queue.rows import Routed
from sync.queue.scope import by_rules

_ROUTE = by_rules(__file__, "route")


def route(
    limit: int = 500,
    *,
    max_retries: int = 3,
    scan_start: datetime | None = None,
    again_start: datetime | None = None,
    now: datetime | None = None,
) -> Routed:
    """Gives up to `limit` rows of the inbox, and items that are pending again, their destinations.

    Call again while it returns that many. `limit` bounds how long the application can wait for an execution that is
    being routed; `scan_start` and `again_start` are moments before which nothing waits in the inbox, and no item in the
    queue, as far as the caller knows.
    """
    said = reasons("no_owner", "no_destination", "destination_inactive", "excluded_by_rule")
    starts = {"scan_start": scan_start, "again_start": again_start}
    params = {"limit": limit, "max_retries": max_retries, "now": now, **starts, **said}
    items, first_due, again_due, skipped, outdated = one_statement(_ROUTE(), params)[0]
    update_execution_status(skipped + outdated)
    return Routed(items, tuple(skipped), first_due, again_due)
