"""Items follow their destinations: skipped when one is switched off, pending again when it is switched on."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError

from sync.errors import reasons
from sync.postgres import one_statement, read_sql
from sync.queue.execution_status import update_execution_status
from sync.queue.scope import WITHOUT_RULES, by_rules

_FAIL_HIDDEN, _HIDDEN_NEWS, _FAIL_NEWS, _DROP_NEWS, _SKIP_INACTIVE = read_sql(
    __file__, "fail_hidden", "hidden_news", "fail_news", "drop_news", "skip_inactive", **WITHOUT_RULES
)
_REOPEN_SKIPPED = by_rules(__file__, "reopen_skipped")


class Followed(NamedTuple):
    """Numbers of items: failed because hidden, skipped because a destination is off, pending again as it is on."""

    failed: int
    skipped: int
    reopened: int


def follow_destinations(limit: int = 500, *, now: datetime | None = None) -> Followed:
    """Follows destinations that were switched on or off, and fails pending items with a hidden execution.

    Changes at most `limit` items of each kind: call again while it returns that many of one.
    """
    params = {
        "limit": limit,
        "now": now,
        **reasons("destination_inactive", "execution_not_visible", "excluded_by_rule"),
    }
    failed = len(one_statement(_FAIL_HIDDEN, params)) + _fail_hidden_news(params)
    skipped = [row[0] for row in one_statement(_SKIP_INACTIVE, params)]
    reopened = [row[0] for row in one_statement(_REOPEN_SKIPPED(), params)]
    update_execution_status(skipped + reopened)
    return Followed(failed, len(skipped), len(reopened))


def _fail_hidden_news(params: dict[str, Any]) -> int:
    """One by one: whether an execution is hidden or deleted shows only when an item is to refer to it."""
    failed = 0
    for run_after, arrival in one_statement(_HIDDEN_NEWS, params):
        one = params | {"run_after": run_after, "arrival": arrival}
        try:
            failed += len(one_statement(_FAIL_NEWS, one))
        except IntegrityError:
            one_statement(_DROP_NEWS, one)
    return failed
