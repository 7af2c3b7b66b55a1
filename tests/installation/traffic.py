"""An application that is busy while somebody migrates its database."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from tests.installation.app import ANN, App
from tests.installation.server import Database


@dataclass
class Traffic:
    """What its sessions have seen."""

    statements: int = 0
    slowest: float = 0.0
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)

    def timed(self, what: Callable[[], object]) -> None:
        began = time.monotonic()
        try:
            what()
        except psycopg2.Error as error:
            self.errors.append(str(error))
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statements += 1


def _work(database: Database, name: str, traffic: Traffic, stop: threading.Event) -> None:
    turn = 0
    with App(database) as app:
        while not stop.is_set():
            turn += 1
            execution = f"{name}-{turn}"
            together = turn % 2 == 0
            if together:
                app.run("BEGIN")
            traffic.timed(lambda: app.start(execution))  # noqa: B023 - called at once
            traffic.timed(lambda: app.progress(execution))  # noqa: B023
            traffic.timed(lambda: app.complete(execution))  # noqa: B023
            traffic.timed(lambda: app.run("SELECT count(*) FROM workflow_executions WHERE status = 'running'"))
            traffic.timed(lambda: app.run("UPDATE users SET name = name || '!' WHERE id = %(id)s AND false", id=ANN))
            if together:
                app.run("ROLLBACK" if app.session.info.transaction_status == TRANSACTION_STATUS_INERROR else "COMMIT")
            if turn % 3:
                traffic.completed.append(execution)
            else:
                traffic.timed(lambda: app.delete(execution))  # noqa: B023
            time.sleep(0.02)
        traffic.warnings += app.warnings


@contextmanager
def traffic_on(database: Database, sessions: int = 3) -> Iterator[Traffic]:
    """Inserts, updates, reads and deletes until the block ends."""
    traffic, stop = Traffic(), threading.Event()
    threads = [
        threading.Thread(target=_work, args=(database, f"{time.time_ns()}-{n}", traffic, stop)) for n in range(sessions)
    ]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


@contextmanager
def open_transaction(database: Database, sql: str) -> Iterator[None]:
    """A transaction that does something, and stays open."""
    session = database.connect(database.app, options="-c app.tenant=1")
    session.autocommit = False
    with session.cursor() as cursor:
        cursor.execute(sql)
    try:
        yield
    finally:
        session.close()


def wait_until_it_waits(database: Database) -> None:
    """Until a session of the owner, which is a migration, waits for a lock."""
    deadline = time.monotonic() + 60
    waiting = f"""
        SELECT 1 FROM pg_stat_activity
        WHERE datname = '{database.name}' AND usename = '{database.owner}' AND wait_event_type = 'Lock'
    """
    while not database.rows(waiting):
        assert time.monotonic() < deadline, "The migration met no lock."
        time.sleep(0.01)
