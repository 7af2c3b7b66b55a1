"""The queue counted: the same whether it is counted now or was a moment ago, and never kept for too long."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import Mock

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sync.models import QueueSummary, SyncQueueItem, SyncRollup
from sync.postgres import fetch
from sync.reporting import counts, kept_counts
from sync.reporting.counts import count_items, sync_statistics
from tests.chaos.waiting import until
from tests.factories import ConfigurationFactory, ExecutionFactory, QueuedFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any queue counts as a large one."""
    monkeypatch.setattr(counts, "SMALL", -1)


@pytest.fixture
def nobody_watches() -> Iterator[None]:
    yield
    assert "kept counts" not in {thread.name for thread in threading.enumerate()}


def items(count: int, random: Random) -> None:
    """Items in any state, of two owners and their destinations."""
    configurations = ConfigurationFactory.create_batch(3)
    for execution in QueuedFactory.create_batch(count):
        configuration = random.choice([*configurations, None])
        status = random.choice(SyncQueueItem.Status.values)
        created = NOW - timedelta(minutes=random.randrange(20_000))
        execution.sync_items.update(
            user_id=configuration.user_id if configuration else None,
            configuration=configuration,
            status=status,
            error_code=random.choice(["no_results", "load_rejected", None]),
            retry_count=random.randrange(4),
            run_after=created + timedelta(seconds=random.randrange(100_000)),
            created_at=created,
            updated_at=created + timedelta(seconds=1),
        )


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [False, True])
def test_the_numbers_are_those_of_the_documented_view(monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    if kept:
        monkeypatch.setattr(counts, "SMALL", -1)
    items(60, Random(7))
    found = count_items(by_status=True, now=NOW)
    assert (SyncRollup.objects.exists(), found.as_of) == (kept, NOW)
    counted = {line.status: (line.count, line.oldest_item, line.newest_item) for line in found.lines}
    view = QueueSummary.objects.values_list("status", "count", "oldest_item", "newest_item")
    assert counted == {status: tuple(rest) for status, *rest in view}
    statistics = sync_statistics(now=NOW)
    for entry in QueueSummary.objects.all():
        assert statistics[entry.status]["avg_retries"] == round(float(entry.avg_retries or 0), 2)
    assert statistics["summary"]["total"] == 60
    due = SyncQueueItem.objects.filter(status="pending", run_after__lt=NOW).order_by("run_after").first()
    assert due is not None
    assert statistics["summary"]["lag_seconds"] == (NOW - due.run_after).total_seconds()


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [False, True])
def test_a_user_is_told_of_their_own_items(monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    if kept:
        monkeypatch.setattr(counts, "SMALL", -1)
    items(60, Random(8))
    for user_id in SyncQueueItem.objects.filter(user_id__isnull=False).values_list("user_id", flat=True).distinct():
        found = count_items(user_id, now=NOW)
        own = SyncQueueItem.objects.filter(user_id=user_id)
        assert sum(line.count for line in found.lines) == own.count()
        for line in found.lines:
            same = own.filter(configuration_id=line.configuration_id, status=line.status, error_code=line.error_code)
            assert line.count == same.count()
            assert line.last_day == same.filter(updated_at__gt=NOW - timedelta(days=1)).count()


@pytest.mark.django_db
@pytest.mark.usefixtures("large")
def test_lines_serve_for_five_seconds_and_no_longer(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long the machine took for a pass.
    monkeypatch.setattr(kept_counts, "FRESH_PASSES", 0)
    first = QueuedFactory.create()
    assert count_items(by_status=True, now=NOW).lines[0].count == 1
    ExecutionFactory.create()
    with django_assert_num_queries(2):
        found = count_items(by_status=True, now=NOW + timedelta(seconds=5))
    assert (found.lines[0].count, found.as_of) == (1, NOW)
    later = NOW + timedelta(seconds=5, milliseconds=1)
    found = count_items(by_status=True, now=later)
    assert (found.lines[0].count, found.as_of) == (2, later)
    # What is no longer there leaves no line behind.
    first.sync_items.update(status="failed", error_code="no_results")
    much_later = later + timedelta(seconds=6)
    assert {(line.status, line.count) for line in count_items(by_status=True, now=much_later).lines} == {
        ("pending", 1),
        ("failed", 1),
    }
    SyncQueueItem.objects.all().delete()
    assert count_items(by_status=True, now=much_later + timedelta(seconds=6)).lines == ()
    assert not SyncRollup.objects.exists()


@pytest.mark.django_db
def test_a_small_queue_is_counted_for_each_question() -> None:
    for count in (1, 2, 3):
        ExecutionFactory.create()
        statistics = sync_statistics()
        assert statistics["pending"]["count"] == count
        assert timezone.now() - statistics["summary"]["as_of"] < timedelta(minutes=1)
    assert not SyncRollup.objects.exists()


def test_a_pass_that_takes_long_is_made_less_often() -> None:
    assert kept_counts.Age(5.0, 0.2).is_fresh
    assert not kept_counts.Age(5.1, 0.2).is_fresh
    assert kept_counts.Age(49.0, 10.0).is_fresh


def test_a_keeper_begins_once_there_is_a_thread_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keeps, keeper = threading.Event(), kept_counts._Keeper()
    monkeypatch.setattr(keeper, "_keep", keeps.set)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
        with pytest.raises(RuntimeError):
            keeper.asked()
    keeper.asked()
    assert keeps.wait(30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("large")
def test_one_pass_serves_all_who_wait_and_a_keeper_passes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_counts, "FRESH", 120.0)
    ExecutionFactory.create()
    kept_counts.make_if_older(now=NOW)
    passed_by: list[bool] = []
    served: list[datetime] = []

    def pass_by() -> None:
        passed_by.append(kept_counts.make_if_older(wait=False))
        connection.close()

    def be_served() -> None:
        served.append(count_items(by_status=True).as_of)
        connection.close()

    with transaction.atomic():
        assert kept_counts.make_if_older()
        by = threading.Thread(target=pass_by)
        by.start()
        by.join(60)
        assert passed_by == [False]
        waiting = threading.Thread(target=be_served)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
    waiting.join(60)
    assert served == [count_items(by_status=True).as_of]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("large", "nobody_watches")
def test_a_question_that_will_come_again_finds_fresh_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_counts, "FRESH", 0.4)
    ExecutionFactory.create()
    first = count_items(by_status=True, watch=True).as_of

    def is_made_anew() -> bool:
        ((as_of,),) = fetch("SELECT as_of FROM snowflake_sync_rollup_made")
        return bool(as_of > first)

    until(is_made_anew, "somebody makes the lines anew")
    # Nobody will ask again.
    monkeypatch.setattr(kept_counts, "WATCHED", 0.0)
    kept_counts.keeper.asked()
    for thread in threading.enumerate():
        if thread.name == "kept counts":
            thread.join(60)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("large")
def test_after_a_crash_of_postgresql_they_are_made_again() -> None:
    ExecutionFactory.create()
    count_items(by_status=True)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE snowflake_sync_rollup, snowflake_sync_rollup_made")
    assert kept_counts.age() is None
    assert count_items(by_status=True).lines[0].count == 1
