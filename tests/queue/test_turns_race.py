"""Whoever gets in line, leaves it, or is moved, meanwhile and beside others: nothing that is due is forgotten."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem, Workflow
from sync.postgres import read_sql
from sync.queue import Line, turns
from tests.factories import ExecutionFactory
from tests.queue.waiting import add, of_a_user, served

pytestmark = pytest.mark.django_db(transaction=True)

WAKE, LOCK_SPENT, LEAVE = read_sql(turns.__file__, "wake", "lock_spent", "leave")


@pytest.fixture
def worker_id(db: None) -> int:
    return queue.register_worker("host", 1, 5)


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    return of_a_user()


class Session:
    """Somebody else's transaction, to run statements in."""

    def __init__(self) -> None:
        self._connection = connection.copy("another")
        self._connection.set_autocommit(False)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self._connection.close()

    def run(self, sql: str, **more: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, {"turn_start": 0, "wake_start": None, "now": None} | more)

    def commit(self) -> None:
        self._connection.commit()


@pytest.fixture
def empty(worker_id: int, destination: SnowflakeConfiguration) -> SnowflakeConfiguration:
    """A destination that stands in line, and has nothing due any more."""
    add(destination)
    assert served(worker_id)
    return destination


def spent(destination: SnowflakeConfiguration) -> Any:
    return {"spent": [destination.pk]}


def test_what_comes_before_somebody_leaves_the_line_keeps_him_there(
    worker_id: int, empty: SnowflakeConfiguration
) -> None:
    with Session() as leaver:
        leaver.run("SELECT")  # its snapshot is not the one that counts
        add(empty)
        leaver.run(LOCK_SPENT, **spent(empty))
        leaver.run(LEAVE)
        leaver.commit()
    assert served(worker_id) == [empty.pk]


def test_whoever_is_relied_on_looks_before_he_leaves(worker_id: int, empty: SnowflakeConfiguration) -> None:
    with Session() as waker, Session() as leaver:
        add(empty)
        waker.run(WAKE)
        waker.commit()
        leaver.run(LOCK_SPENT, **spent(empty))
        leaver.run(LEAVE)
        leaver.commit()
    assert served(worker_id) == [empty.pk]


def test_what_comes_between_lock_and_look_is_seen(worker_id: int, empty: SnowflakeConfiguration) -> None:
    with Session() as leaver:
        leaver.run(LOCK_SPENT, **spent(empty))
        add(empty)
        leaver.run(LEAVE)
        leaver.commit()
    assert served(worker_id) == [empty.pk]


@pytest.mark.parametrize("woken", [False, True])
def test_what_comes_after_the_look_gets_in_line_by_itself(
    worker_id: int, empty: SnowflakeConfiguration, woken: bool
) -> None:
    with Session() as leaver:
        leaver.run(LOCK_SPENT, **spent(empty))
        leaver.run(LEAVE)
        add(empty)
        if woken:
            with Session() as waker:
                waker.run(WAKE)
                waker.commit()
        leaver.commit()
    assert served(worker_id) == [empty.pk]


def test_nobody_leaves_while_somebody_else_relies_on_him(worker_id: int, empty: SnowflakeConfiguration) -> None:
    with Session() as waker, Session() as leaver:
        leaver.run("SELECT")
        add(empty)
        waker.run(WAKE)
        leaver.run(LOCK_SPENT, **spent(empty))
        waker.commit()
        leaver.run(LEAVE)
        leaver.commit()
    assert served(worker_id) == [empty.pk]


def test_nobody_waits_for_a_transaction_that_stays_open(worker_id: int, destination: SnowflakeConfiguration) -> None:
    """Somebody makes items pending by hand, and goes for lunch."""
    add(destination, 2)
    SyncQueueItem.objects.update(status="failed")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM snowflake_sync_turns")
    line = Line()
    with Session() as operator:
        operator.run("UPDATE snowflake_sync_queue SET status = 'pending'")
        for _ in range(3):
            ExecutionFactory.create(workflow=Workflow.objects.get(user=destination.user))
            assert queue.route().items == 1
            assert served(worker_id, 5, line=line) == [destination.pk]
        assert served(worker_id, 5, line=line) == []
        operator.commit()
    assert served(worker_id, 5, line=line) == [destination.pk] * 2


def test_two_who_got_in_line_for_the_same_destination_become_one(
    worker_id: int, destination: SnowflakeConfiguration
) -> None:
    add(destination, 3)
    with Session() as waker:
        waker.run(WAKE)
        add(destination, 1, after=-600)
        with Session() as another:
            another.run(WAKE)
            another.commit()
        waker.commit()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM snowflake_sync_turns WHERE turn IS NOT NULL")
        assert cursor.fetchone() == (2,)
        assert served(worker_id, 2) == [destination.pk] * 2
        cursor.execute("SELECT count(*) FROM snowflake_sync_turns WHERE turn IS NOT NULL")
        assert cursor.fetchone() == (1,)
    assert served(worker_id, 5) == [destination.pk] * 2
