"""Is the service ready? A few quick checks, each with a word, and an answer also if PostgreSQL gives none."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from sync.installation import TRIGGER
from sync.postgres import bounded_reading, fetch
from sync.reporting import history
from sync.reporting.counts import Scope
from sync.reporting.destinations import destinations
from sync.reporting.words import counted, duration
from sync.reporting.workers import count_workers

# Seconds for a connection, for a statement, and for the whole answer.
CONNECTING = 2
ANSWERING = 2.0
PATIENCE = 5.0
_TRIGGERS = ("trigger_queue_universal_snowflake_sync", "trigger_queue_universal_snowflake_sync_insert")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, whether it is well, and what was seen. Nothing in it is secret."""

    name: str
    ok: bool
    detail: str


def is_ready() -> list[Check]:
    """All checks; only the first if PostgreSQL does not answer. Takes PATIENCE seconds at most."""
    asking = _asker.ask()
    if asking is None:
        return [Check("database", ok=False, detail="it has not answered an earlier question yet")]
    try:
        return asking.result(PATIENCE)
    except WaitedTooLong:
        return [Check("database", ok=False, detail=f"no answer within {PATIENCE:.0f} s")]


class _Asker:
    """Asks in a thread with a connection of its own, one at a time: a server that hangs holds one thread at most."""

    def __init__(self) -> None:
        self._busy = threading.Lock()

    def ask(self) -> "Future[list[Check]] | None":
        """The answer to come; None if an earlier question does not come to an end."""
        if not self._busy.acquire(timeout=PATIENCE):
            return None
        answer: Future[list[Check]] = Future()
        try:
            threading.Thread(target=self._run, args=(answer,), name="readiness", daemon=True).start()
        except RuntimeError:
            # This host has no thread left; it may have one for the next question.
            self._busy.release()
            raise
        return answer

    def _run(self, answer: "Future[list[Check]]") -> None:
        try:
            answer.set_result(_look())
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            answer.set_exception(error)
        finally:
            connection.close()
            self._busy.release()


_asker = _Asker()


def _look() -> list[Check]:
    _hurry()
    checks: list[Check] = []
    for name, look in _LOOKS.items():
        try:
            with bounded_reading(ANSWERING):
                ok, detail = look()
        except (DatabaseError, InterfaceError) as error:
            # The error's first line may name hosts and users; a stranger needs to know only that there was an error.
            checks.append(Check(name, ok=False, detail=f"PostgreSQL did not take it ({type(error).__name__})"))
            if name == "database":
                return checks
            continue
        checks.append(Check(name, ok, detail))
    return checks


def _hurry() -> None:
    """Makes this thread's connection, and no other, give up soon when it cannot connect."""
    options: dict[str, Any] = dict(connection.settings_dict.get("OPTIONS") or {})
    options |= {"connect_timeout": CONNECTING}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": 0}


def _database() -> tuple[bool, str]:
    ((version,),) = fetch("SELECT current_setting('server_version')")
    return True, f"PostgreSQL {version.split()[0]} answers"


def _migrations() -> tuple[bool, str]:
    missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    return (
        not missing,
        f"{counted(len(missing), 'migration')} not applied: run manage.py migrate" if missing else "applied",
    )


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _trigger() -> tuple[bool, str]:
    states = {name: fetch(TRIGGER, ["workflow_executions", name]) for name in _TRIGGERS}
    missing = [name for name, rows in states.items() if not rows or rows[0][0] not in ("O", "A")]
    return not missing, f"not on: {', '.join(missing)}; see verify_sync_install" if missing else "installed and on"


def _worker() -> tuple[bool, str]:
    live, held_back, _ = count_workers(history.clock().now)
    idle = f", {held_back} of which take nothing: their hosts cannot hold files" if held_back else ""
    return live > held_back, f"{counted(live, 'worker')} live{idle}"


def _lag() -> tuple[bool, str]:
    counts = Scope().counted()
    lag = destinations(Scope(), counts, counts.as_of).lag
    limit = settings.READY_MAX_LAG
    return lag <= limit, f"the oldest due item has been waiting for {duration(lag)}; the limit is {duration(limit)}"


_LOOKS: dict[str, Callable[[], tuple[bool, str]]] = {
    "database": _database,
    "migrations": _migrations,
    "trigger": _trigger,
    "worker": _worker,
    "lag": _lag,
}
