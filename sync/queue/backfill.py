"""Backfill: past executions are queued for the destinations that lack them."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sync.errors import reasons
from sync.postgres import one_statement, read_sql
from sync.queue.item_filter import SKIPPED_BY_HAND
from sync.queue.scope import WITHOUT_RULES, by_rules

(_COUNT,) = read_sql(__file__, "count", **WITHOUT_RULES)
_PAGE = by_rules(__file__, "page")


@dataclass(frozen=True, slots=True)
class BackfillFilter:
    """Which executions a backfill looks at. None means all; an empty sequence means none.

    `since` and `until` bound `created_at`, the first inclusive, the second not; both need a time zone. `workflow_ids`
    are `workflows.id`. `after`: only executions whose id comes after this one, in the database's order.
    """

    user_ids: tuple[UUID, ...] | None = None
    workflow_ids: tuple[UUID, ...] | None = None
    execution_ids: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""


class BackfillPage(NamedTuple):
    """What a page did: rows read, its last execution, executions by verdict, and those that somebody else holds.

    Verdicts: queued, there, waiting, failed, uploaded, skipped_by_hand, excluded, no_destination, no_owner,
    not_completed. `outdated`: executions whose `snowflake_*` columns no longer say what their items do. `rules`: how
    many are excluded, by the name of the oldest destination's rule; without a name, because no rule includes them.
    `lots`: how many a dry run would queue, by the quarter of an hour in which they were created (seconds since 1970),
    and by workflow; `destinations`: to how many destinations, by each.
    """

    rows: int
    position: str
    verdicts: Counter[str]
    held: list[str]
    outdated: list[str]
    rules: Counter[str]
    lots: Counter[tuple[int | None, str | None]]
    destinations: Counter[str]


def backfill_page(
    what: BackfillFilter,
    *,
    size: int,
    limit: int,
    execution_ids: list[str] | None = None,
    force: bool = False,
    dry_run: bool = False,
    max_retries: int = 3,
    now: datetime | None = None,
) -> BackfillPage:
    """Queues at most `limit` of the next `size` executions after `what.after`, or of `execution_ids`.

    `force` queues also executions that are there already, as if new results had come. `dry_run` only counts. A page may
    have to wait for rows that the application is writing: then it raises django.db.OperationalError, nothing is done,
    and a smaller page may succeed.
    """
    params = {
        "users": None if what.user_ids is None else list(what.user_ids),
        "workflows": None if what.workflow_ids is None else list(what.workflow_ids),
        "since": what.since,
        "until": what.until,
        "executions": execution_ids,
        "position": what.after,
        "size": size,
        "limit": limit,
        "force": force,
        "dry_run": dry_run,
        "max_retries": max_retries,
        "skipped_by_hand": SKIPPED_BY_HAND,
        "now": now,
        **reasons("excluded_by_rule"),
    }
    rows, position, verdicts, held, outdated, rules, lots, to = one_statement(_PAGE(), params)[0]
    counted = Counter({(quarter, workflow_id): many for quarter, workflow_id, many in json.loads(lots)})
    by_verdict, by_rule, by_destination = (Counter(json.loads(found)) for found in (verdicts, rules, to))
    return BackfillPage(rows, position or "", by_verdict, held, outdated, by_rule, counted, by_destination)


def count_executions(after: str = "") -> int:
    """How many executions come after this id, wanted or not: so many a walk reads."""
    return int(one_statement(_COUNT, {"after": after})[0][0])
