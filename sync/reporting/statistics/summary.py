"""The statistics as the API and the Python service answer them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sync.models import SyncQueueItem
from sync.reporting.statistics.lines import Line, Rollup, rollup

Statistics = dict[str, dict[str, Any]]

_EMPTY = {"count": 0, "oldest_item": None, "newest_item": None, "avg_retries": 0.0}


def sync_statistics(user_id: UUID | None = None, *, watch: bool = False, now: datetime | None = None) -> Statistics:
    """An entry a status, all of them always; `summary` has the total, the age of the oldest due item, and `as_of`.

    Of one user's items, or of all. `watch`: as for `rollup`.
    """
    counted = rollup(("status",), user_id=user_id, watch=watch, now=now)
    statistics: Statistics = {status: dict(_EMPTY) for status in SyncQueueItem.Status.values}
    statistics |= {str(line.status): _entry(line) for line in counted.lines}
    statistics["summary"] = {
        "total": sum(line.count for line in counted.lines),
        "lag_seconds": _lag(counted),
        "as_of": counted.as_of,
    }
    return statistics


def _entry(line: Line) -> dict[str, Any]:
    return {
        "count": line.count,
        "oldest_item": line.oldest_item,
        "newest_item": line.newest_item,
        "avg_retries": round(line.retries / line.count, 2),
    }


def _lag(counted: Rollup) -> float:
    """Seconds for which the oldest item that may run has been waiting."""
    pending = [line for line in counted.lines if line.status == SyncQueueItem.Status.PENDING]
    due = [line.oldest_run_after for line in pending if line.oldest_run_after and line.oldest_run_after < counted.as_of]
    return round((counted.as_of - min(due)).total_seconds(), 1) if due else 0.0
