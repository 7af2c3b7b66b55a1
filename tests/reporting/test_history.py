"""The past added up: each attempt once, whatever happens to it afterwards."""

import threading
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction

from sync.models import SyncAttempt, SyncQueueItem
from sync.operations.prune import prune_history
from sync.reporting import history
from tests.factories import ConfigurationFactory, QueuedFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ATTEMPTS = "SELECT coalesce(sum(attempts), 0)::integer FROM snowflake_sync_history WHERE grain = %s"


def ask(sql: str, *params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[Any] = cursor.fetchall()
        return rows


def counted(grain: str = "ever") -> int:
    return int(ask(ATTEMPTS, grain)[0][0])


def attempts(count: int, *, ago: float = 60.0, **fields: Any) -> SyncQueueItem:
    """Attempts of one item that ended so many seconds before NOW."""
    configuration = ConfigurationFactory.create()
    item = QueuedFactory.create().sync_items.get()
    SyncQueueItem.objects.filter(pk=item.pk).update(
        configuration=configuration, user=configuration.user, status="completed"
    )
    ended = NOW - timedelta(seconds=ago)
    values = {
        "outcome": "completed",
        "configuration": configuration,
        "due_at": ended - timedelta(seconds=5),
        "started_at": ended - timedelta(seconds=2),
        "finished_at": ended,
        "row_count": 10,
        "byte_count": 100,
        "statement_count": 6,
        "batch_size": 2,
        **fields,
    }
    SyncAttempt.objects.bulk_create(SyncAttempt(item=item, **values) for _ in range(count))
    return item


@pytest.mark.django_db
def test_it_says_what_the_attempts_say() -> None:
    random = Random(3)
    for outcome in ("completed", "failed", "rescued", "refused"):
        for _ in range(4):
            code = random.choice([None, "load_rejected"]) if outcome == "failed" else None
            attempts(random.randrange(1, 4), ago=random.randrange(60, 7000), outcome=outcome, error_code=code)
    history.add_up(now=NOW)
    grains = ("all hour", "hour", "worker", "ever")
    assert {grain: counted(grain) for grain in grains} == dict.fromkeys(grains, SyncAttempt.objects.count())
    kept = ask(
        "SELECT sum(rows), sum(bytes), sum(statements), sum(lag_seconds), sum(wait_seconds), max(lag_longest)"
        " FROM snowflake_sync_history WHERE grain = 'ever' AND outcome = 'completed'"
    )
    completed = SyncAttempt.objects.filter(outcome="completed").count()
    assert list(kept[0]) == [10 * completed, 100 * completed, 3 * completed, 5 * completed, 3 * completed, 5]
    by_code = "SELECT error_code, sum(attempts) FROM snowflake_sync_history WHERE grain = 'ever' GROUP BY 1"
    assert dict(ask(by_code)).get("load_rejected", 0) == SyncAttempt.objects.filter(error_code="load_rejected").count()
    assert dict(ask("SELECT kind, sum(count) FROM snowflake_sync_latencies GROUP BY 1")) == {
        "claim": SyncAttempt.objects.count(),
        "load": completed,
    }
    # Three seconds of waiting are in the class up to five.
    assert ask("SELECT bound FROM snowflake_sync_latencies WHERE kind = 'claim'") == [(5.0,)]


@pytest.mark.django_db
def test_each_attempt_is_added_once_and_page_by_page() -> None:
    attempts(7)
    assert history.add_up(size=3, now=NOW)
    assert counted() == 3
    history.catch_up(now=NOW)
    history.catch_up(now=NOW + timedelta(minutes=1))
    assert counted() == 7


@pytest.mark.django_db
def test_what_is_young_waits_and_so_does_what_comes_after_it() -> None:
    attempts(1, ago=60)
    attempts(1, ago=history.GRACE - 1)
    attempts(1, ago=60)
    history.add_up(now=NOW)
    assert counted() == 1
    history.add_up(now=NOW + timedelta(seconds=30))
    assert counted() == 3


@pytest.mark.django_db
def test_what_goes_stays_in_it() -> None:
    item = attempts(5, ago=40 * 86_400)
    pruned = prune_history(30, now=NOW)
    assert (pruned.attempts, SyncAttempt.objects.count()) == (4, 1)
    item.delete()
    assert counted() == 5


@pytest.mark.django_db
def test_a_dry_run_of_pruning_adds_nothing() -> None:
    attempts(2, ago=40 * 86_400)
    prune_history(30, dry_run=True, now=NOW)
    assert counted() == 0


@pytest.mark.django_db
def test_a_workers_minutes_and_hours_go_and_the_sum_stays() -> None:
    attempts(3)
    history.add_up(now=NOW)
    history.add_up(now=NOW + timedelta(hours=4))
    assert counted("worker") == 0
    assert (counted("hour"), counted("all hour"), counted()) == (3, 3, 3)
    history.add_up(now=NOW + timedelta(days=16))
    assert (counted("hour"), counted("all hour"), counted()) == (0, 0, 3)


@pytest.mark.django_db
def test_nothing_is_done_where_it_is_fresh_enough() -> None:
    attempts(1)
    history.add_up(now=NOW)
    attempts(1, ago=30)
    history.add_up(older=10, now=NOW + timedelta(seconds=9))
    assert counted() == 1
    history.add_up(older=10, now=NOW + timedelta(seconds=11))
    assert counted() == 2


@pytest.mark.django_db(transaction=True)
def test_one_adds_and_the_others_pass_by() -> None:
    attempts(3)
    passed: list[bool] = []

    def pass_by() -> None:
        passed.append(history.add_up(now=NOW))
        connection.close()

    with transaction.atomic():
        history.add_up(now=NOW)
        other = threading.Thread(target=pass_by)
        other.start()
        other.join(60)
    assert (passed, counted()) == ([False], 3)


@pytest.mark.django_db
def test_a_removal_is_no_load_and_is_not_repeated() -> None:
    attempts(2, outcome="removed")
    history.add_up(now=NOW)
    destination = SyncAttempt.objects.values_list("configuration_id", flat=True)[0]
    record = history.records({destination: False}, NOW)[destination]
    assert {(cell.completed, cell.failed, cell.repeated) for cell in record.cells} == {(0, 0, 0)}
    assert (record.rows, record.statements, record.last_success) == (0, 6.0, None)
