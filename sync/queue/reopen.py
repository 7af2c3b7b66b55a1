"""Items follow their destinations: skipped where one is switched off, picked up where one is switched on."""

from datetime import datetime

from sync.errors import reasons
from sync.postgres import one_statement, read_sql
from sync.queue.execution_status import update_execution_status

_FAIL_HIDDEN, _SKIP_INACTIVE, _REOPEN_SKIPPED = read_sql(__file__, "fail_hidden", "skip_inactive", "reopen_skipped")


def reopen_skipped(limit: int = 500, *, now: datetime | None = None) -> int:
    """Follows destinations that were switched on or off; how many items at most of either. Call again while `limit`."""
    params = {"limit": limit, "now": now, **reasons("destination_inactive", "execution_not_visible")}
    one_statement(_FAIL_HIDDEN, params)
    skipped = [row[0] for row in one_statement(_SKIP_INACTIVE, params)]
    reopened = [row[0] for row in one_statement(_REOPEN_SKIPPED, params)]
    update_execution_status(skipped + reopened)
    return max(len(skipped), len(reopened))
