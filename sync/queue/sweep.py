"""The sweep: finds and queues the executions that the trigger missed (an error, a disabled trigger, a restore).

It walks the executions by their unique key, a page at a time, and needs no index of its own on the application's
table. An execution is suspicious if its row was written by anyone but us since its last load (xmin tells, whatever the
application does with updated_at); only then are its results read, and their hash compared.
"""

import time
from datetime import datetime

from sync.postgres import one_statement, read_sql
from sync.queue.execution_status import update_execution_status
from sync.queue.rows import Swept
from sync.queue.turns import make_turns

_TAKE_TURN, _PAGE, _SAVE_POSITION, _REMOVE_ORPHANS, _MAKE_STATES = read_sql(
    __file__, "take_turn", "page", "save_position", "remove_orphans", "make_states"
)


def sweep(
    *,
    interval: float = 120.0,
    seconds: float = 2.0,
    page: int = 5_000,
    suspects: int = 200,
    now: datetime | None = None,
) -> Swept | None:
    """Looks at executions for at most about `seconds`, going on where the last sweep stopped.

    Returns None if another sweep began less than `interval` seconds ago.
    """
    turn = one_statement(_TAKE_TURN, {"interval": interval, "now": now})
    if not turn:
        return None
    one_statement(_MAKE_STATES, {})
    make_turns(now=now)
    position, deadline = turn[0][0], time.monotonic() + seconds
    seen = missing = changed = 0
    while True:
        params = {"position": position, "limit": page, "suspects": suspects, "now": now}
        count, last, page_missing, page_changed, lagging = one_statement(_PAGE, params)[0]
        update_execution_status(lagging)
        seen, missing, changed = seen + count, missing + page_missing, changed + page_changed
        position = last if count == page else ""
        one_statement(_SAVE_POSITION, {"position": position, "now": now})
        if not position or time.monotonic() > deadline:
            orphans = one_statement(_REMOVE_ORPHANS, {"limit": page})
            return Swept(seen, missing, changed, len(orphans))
