"""Adds up attempts, each once, in the order in which they came."""

from datetime import datetime

from django.db import connection, transaction

from sync.reporting.history import adding_sql as sql

# Seconds that an attempt's transaction may take from its number to its commit. One that takes longer is missed here,
# and in nothing but the statistics.
GRACE = 15.0
# Attempts that are added up at once: 50 to 100 ms.
AT_ONCE = 10_000


def add_up(*, older: float = 0.0, size: int = AT_ONCE, now: datetime | None = None) -> bool:
    """Adds up the next attempts where what is there is `older` than so many seconds. True: there are more.

    Waits for nobody: where somebody else is at it, it does nothing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.BEGIN, {"older": older, "grace": GRACE, "now": now})
        begun = cursor.fetchone()
        if begun is None:
            return False
        # One short plan; compiling it would take longer than it does.
        cursor.execute("SET LOCAL jit = off")
        # With the state's row held, this statement sees what whoever held it before has added.
        cursor.execute(sql.ADD_UP, {"position": begun[0], "grace": GRACE, "size": size, "now": now})
        more = bool(cursor.fetchone()[0])
        cursor.execute(sql.FORGET, {"now": now})
        return more


def catch_up(*, now: datetime | None = None) -> None:
    """Adds up all there is."""
    while add_up(now=now):
        pass
