"""Who makes items due or a destination ready says so: in few rows, and without harm to whoever else is there."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import DestinationState, SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem
from sync.postgres import database_now
from sync.queue import Line
from sync.worker import Worker
from tests.queue.waiting import LEASE, add, of_a_user, served

pytestmark = pytest.mark.django_db(transaction=True)

_MANY = "INSERT INTO snowflake_sync_turns (configuration_id, due_at) SELECT {}, now() FROM generate_series(1, 21000)"


@pytest.fixture
def worker_id(db: None) -> int:
    return queue.register_worker("host", 1, 5)


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    return of_a_user()


@pytest.fixture
def turns_locked(db: None) -> Iterator[None]:
    """Somebody holds the table of turns, as VACUUM FULL does."""
    other = connection.copy("another")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE snowflake_sync_turns IN SHARE MODE")
        # Whoever waits without end fails here.
        run("SET lock_timeout = '5s'")
        yield
    finally:
        run("RESET lock_timeout")
        other.rollback()
        other.close()


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM snowflake_sync_turns")
        (rows,) = cursor.fetchone()
        return int(rows)


def test_nobody_wakes_behind_many_rows_of_another(worker_id: int, destination: SnowflakeConfiguration) -> None:
    add(destination, 100)
    run(_MANY.format("%s"), destination.pk)
    other, line = of_a_user(), Line()
    add(other)
    assert other.pk in [id_ for _ in range(3) for id_ in served(worker_id, line=line)]


def test_a_claim_looks_on_while_somebody_is_due(worker_id: int, destination: SnowflakeConfiguration) -> None:
    """Behind many destinations that are gone since."""
    run(_MANY.format("gen_random_uuid()"))
    add(destination)
    run("UPDATE snowflake_sync_turns SET due_at = now() WHERE configuration_id = %s", destination.pk)
    assert count() == 21_002
    assert served(worker_id) == [destination.pk]


def test_once_leaves_nothing_behind_a_destination_that_is_paused(destination: SnowflakeConfiguration) -> None:
    add(destination, 100)
    DestinationState.objects.filter(configuration=destination).update(breaker_state="open")
    run("DELETE FROM snowflake_sync_turns")
    run(_MANY.format("%s"), destination.pk)
    other = of_a_user()
    add(other)
    worker = Worker()
    worker.run_once()
    assert worker.outcomes
    assert not queue.probe().to_claim


@pytest.mark.parametrize("backwards", [False, True])
def test_many_items_that_are_made_due_by_hand_append_few_rows(
    worker_id: int, destination: SnowflakeConfiguration, backwards: bool
) -> None:
    other = of_a_user()
    for one in (destination, other):
        add(one, 300)
    run("UPDATE snowflake_sync_queue SET status = 'failed'")
    if backwards:
        run("UPDATE snowflake_sync_queue SET run_after = now() - (run_after - now() + interval '1 hour')")
    run("DELETE FROM snowflake_sync_turns")
    run("UPDATE snowflake_sync_queue SET status = 'pending'")
    assert 2 <= count() <= 10
    got: list[Any] = []
    for _ in range(20):
        got += served(worker_id, 50, batch=20)
    assert sorted(got) == sorted([destination.pk, other.pk] * 300)


def test_what_is_served_and_made_due_again_in_one_transaction_is_noted_again(
    worker_id: int, destination: SnowflakeConfiguration
) -> None:
    add(destination)
    line = Line()
    with transaction.atomic():
        for _ in range(3):
            SyncQueueItem.objects.update(status="failed")
            SyncQueueItem.objects.update(status="pending")
            now = database_now()
            assert len(queue.claim(worker_id, 1, lease_seconds=LEASE, line=line, now=now)) == 1


@pytest.mark.usefixtures("turns_locked")
def test_a_change_of_destinations_does_not_wait_for_turns(destination: SnowflakeConfiguration) -> None:
    """However many it is of: with each waiting on its own, these would take ten seconds."""
    for _ in range(50):
        of_a_user(destination.user)
    run("SET statement_timeout = '5s'")
    try:
        SnowflakeConfiguration.objects.update(warehouse="OTHER")
    finally:
        run("RESET statement_timeout")
    assert set(DestinationState.objects.values_list("settings_version", flat=True)) == {1}


def test_a_change_of_a_destination_does_not_fail_by_turns(worker_id: int, destination: SnowflakeConfiguration) -> None:
    """The sweep makes the turn that is missing."""
    state = DestinationState.objects.filter(configuration=destination)
    state.update(breaker_state="open")
    add(destination)
    assert served(worker_id) == []
    run("ALTER TABLE snowflake_sync_turns RENAME TO turns_elsewhere")
    try:
        SnowflakeConfiguration.objects.update(warehouse="OTHER")
    finally:
        run("ALTER TABLE turns_elsewhere RENAME TO snowflake_sync_turns")
    assert (state.get().breaker_state, state.get().settings_version) == ("closed", 1)
    assert served(worker_id) == []
    queue.sweep(interval=0)
    assert served(worker_id) == [destination.pk]


@pytest.mark.usefixtures("turns_locked")
@pytest.mark.parametrize("made_due", ["UPDATE snowflake_sync_queue SET status = 'pending'", None])
def test_whoever_makes_an_item_due_does_not_wait_for_turns(
    destination: SnowflakeConfiguration, made_due: str | None
) -> None:
    run("SET session_replication_role = replica")
    add(destination)
    run("UPDATE snowflake_sync_queue SET status = 'failed'")
    run("RESET session_replication_role; SET statement_timeout = '3s'")
    try:
        with pytest.raises(Exception, match="lock timeout"):
            run(made_due) if made_due else add(destination)
    finally:
        run("RESET statement_timeout")


def test_a_shorter_interval_wakes_the_destination(worker_id: int, destination: SnowflakeConfiguration) -> None:
    SnowflakeConfiguration.objects.update(min_interval=timedelta(hours=24))
    line = Line()
    add(destination)
    assert served(worker_id, line=line) == [destination.pk]
    run("UPDATE snowflake_sync_destination_states SET window_opened_at = now() - interval '1 hour'")
    add(destination)
    assert served(worker_id, line=line) == []
    SnowflakeConfiguration.objects.update(min_interval=timedelta(hours=25))
    assert not queue.probe().to_claim
    SnowflakeConfiguration.objects.update(min_interval=timedelta(minutes=10))
    assert served(worker_id, line=line) == [destination.pk]
