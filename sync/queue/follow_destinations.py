"""Items follow their destinations: skipped when one is switched off, pending again when it is switched on."""

from datetime import datetime
from typing import NamedTuple

from sync.errors import reasons
from sync.postgres import one_statement, read_sql
from sync.queue.execution_status import update_execution_status

_FAIL_HIDDEN, _SKIP_INACTIVE, _REOPEN_SKIPPED = read_sql(__file__, "fail_hidden", "skip_inactive", "reopen_skipped")


class Followed(NamedTuple):
    """Numbers of items: failed because hidden, skipped because a destination is off, pending again as it is on."""

    failed: int
    skipped: int
    reopened: int


def follow_destinations(limit: int = 500, *, now: datetime | None = None) -> Followed:
    """Follows destinations that were switched on or off, and fails pending items with a hidden execution.

    Changes at most `limit` items of each kind: call again while it returns that many of one.
    """
    params = {"limit": limit, "now": now, **reasons("destination_inactive", "execution_not_visible")}
    failed = one_statement(_FAIL_HIDDEN, params)
    skipped = [row[0] for row in one_statement(_SKIP_INACTIVE, params)]
    reopened = [row[0] for row in one_statement(_REOPEN_SKIPPED, params)]
    update_execution_status(skipped + reopened)
    return Followed(len(failed), len(skipped), len(reopened))
