"""Worker processes: a row each, whose heartbeat is the lease of all items that the worker holds."""

from datetime import datetime

from django.db.backends.utils import CursorWrapper

from sync.postgres import one_statement, read_sql, storable

_REGISTER, _HEARTBEAT, _COUNT_IDLE, _SIGN_OFF = read_sql(__file__, "register", "heartbeat", "count_idle", "sign_off")
_LET_NONE_BEGIN, _EARLIER = read_sql(__file__, "let_none_begin", "earlier")


def register_worker(host: str, pid: int, concurrency: int, *, now: datetime | None = None) -> int:
    """Inserts the row of a new worker process. Returns its id."""
    params = {"host": host, "pid": pid, "concurrency": concurrency, "now": now}
    return int(one_statement(_REGISTER, params)[0][0])


def heartbeat(
    worker_id: int, *, in_flight: int, lease_seconds: float, held_back: str = "", now: datetime | None = None
) -> bool:
    """Renews the lease of everything that the worker holds, in one write. False: the lease is lost already.

    `held_back`: why it takes no more items.
    """
    params = {
        "worker_id": worker_id,
        "in_flight": in_flight,
        "held_back": storable(held_back),
        "lease_seconds": lease_seconds,
        "now": now,
    }
    return bool(one_statement(_HEARTBEAT, params))


def count_idle(*, lease_seconds: float, now: datetime | None = None) -> int:
    """Workers that live and have nothing to do."""
    return int(one_statement(_COUNT_IDLE, {"lease_seconds": lease_seconds, "now": now})[0][0])


def sign_off(worker_id: int, *, now: datetime | None = None) -> None:
    """The worker ends. Items that it still holds are rescued at once."""
    one_statement(_SIGN_OFF, {"worker_id": worker_id, "now": now})


def earlier_workers(cursor: CursorWrapper, *, lease_seconds: float) -> list[str]:
    """Workers of an earlier version that live, as host:pid. None begins before the transaction ends.

    They know nothing of rules; where there are any, no such worker begins.
    """
    cursor.execute(_LET_NONE_BEGIN)
    cursor.execute(_EARLIER, {"lease_seconds": lease_seconds})
    return [worker for (worker,) in cursor.fetchall()]
