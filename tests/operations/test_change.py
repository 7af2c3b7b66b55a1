"""Retry and skip by hand: what is asked for, and nothing else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import SnowflakeConfiguration, User
from sync import queue
from sync.models import SyncQueueItem, Workflow
from sync.operations import change as services
from sync.operations.backfill import backfill_executions
from sync.operations.change import ChangeCounts, apply_change, count_others, preview_change, retry_failed_sync
from sync.queue import BackfillFilter, Change, ItemFilter, by_hand, update_execution_status
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory
from tests.queue.rules import put_rules
from tests.queue.sessions import another_session

ALL = ItemFilter()


@pytest.fixture
def destination(user: User) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=user)


def item(
    workflow: Workflow, destination: SnowflakeConfiguration | None, status: str = "failed", **fields: Any
) -> SyncQueueItem:
    """An item of a new execution."""
    execution = QueuedFactory.create(workflow=workflow, snowflake_status=status)
    fields = {"error_code": "no_results" if status == "failed" else None, "retry_count": 3} | fields
    SyncQueueItem.objects.filter(execution=execution).update(
        configuration=destination, status=status, user=workflow.user, **fields
    )
    return SyncQueueItem.objects.get(execution=execution)


def status(item: SyncQueueItem) -> str:
    return SyncQueueItem.objects.values_list("status", flat=True).get(pk=item.pk)


def wanted(what: ItemFilter = ALL, change: Change = Change.RETRY) -> int:
    return preview_change(change, what).wanted


def retry(what: ItemFilter = ALL, change: Change = Change.RETRY, **more: Any) -> ChangeCounts:
    """All that is counted, or as many as are `wanted`."""
    preview = preview_change(change, what)
    return apply_change(change, what, as_of=preview.as_of, wanted=more.pop("wanted", preview.wanted), **more)


def skip(what: ItemFilter = ALL) -> ChangeCounts:
    return retry(what, Change.SKIP)


def test_failed_items_are_pending_with_all_their_retries(
    workflow: Workflow, destination: SnowflakeConfiguration, now: datetime
) -> None:
    failed = item(workflow, destination, error_message="No.", generation=4)
    others = [item(workflow, destination, state) for state in ("pending", "processing", "completed", "skipped")]
    assert wanted() == 1
    assert status(failed) == "failed"
    ids = [failed.pk, *(one.pk for one in others), uuid4()]
    assert queue.change_items(Change.RETRY, ids, now=now) == ([failed.pk], [], [])
    failed.refresh_from_db()
    found = (failed.status, failed.retry_count, failed.run_after, failed.error_code, failed.error_message)
    assert found == ("pending", 0, now, None, None)
    assert failed.generation == 4
    assert failed.execution.snowflake_status == "pending"
    assert [status(other) for other in others] == ["pending", "processing", "completed", "skipped"]


def test_it_takes_what_the_filter_names(user: User, workflow: Workflow, now: datetime) -> None:
    first, second = ConfigurationFactory.create_batch(2, user=user)
    then = now - timedelta(hours=1)
    mine = [item(workflow, first, updated_at=then - timedelta(days=day)) for day in range(4)]
    mine.append(item(WorkflowFactory.create(user=user), second, error_code="table_not_ours"))
    item(WorkflowFactory.create(), None)

    def meant(**fields: Any) -> int:
        return wanted(ItemFilter(**fields))

    assert meant() == 6
    assert meant(user_ids=(user.pk,)) == 5
    assert meant(user_ids=()) == 0
    assert meant(workflow_ids=(workflow.pk,)) == 4
    assert meant(configuration_ids=(second.pk,)) == 1
    assert meant(error_codes=("table_not_ours", "load_rejected")) == 1
    assert meant(since=then - timedelta(days=2), until=then, workflow_ids=(workflow.pk,)) == 2
    assert meant(item_ids=tuple(one.pk for one in mine[:2]), user_ids=(user.pk,)) == 2
    assert meant(item_ids=(mine[0].pk, mine[0].pk, uuid4())) == 1
    assert meant(item_ids=(mine[0].pk,), user_ids=(UserFactory.create().pk,)) == 0
    assert meant(item_ids=()) == 0
    assert meant(statuses=("pending",)) == 0


def test_what_has_no_owner_is_left_alone_until_it_has_one(user: User) -> None:
    ownerless = WorkflowFactory.create(user=None)
    execution = QueuedFactory.create(workflow=ownerless)
    queue.route()
    failed = SyncQueueItem.objects.get(execution=execution)
    assert (failed.status, failed.user) == ("failed", None)
    preview = preview_change(Change.RETRY, ALL)
    assert (preview.wanted, preview.no_owner) == (0, 1)
    assert queue.change_items(Change.RETRY, [failed.pk]) == ([], [], [])
    ownerless.user = user
    ownerless.save()
    assert retry(ItemFilter(user_ids=(user.pk,))).changed == 1
    failed.refresh_from_db()
    assert failed.user == user


def test_what_has_no_owner_is_skipped_like_the_rest(workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    QueuedFactory.create(workflow=WorkflowFactory.create(user=None))
    item(workflow, destination)
    preview = preview_change(Change.SKIP, ALL)
    assert (preview.wanted, preview.no_owner) == (2, 0)
    assert skip().changed == 2


@pytest.mark.parametrize("same_time", [False, True])
@pytest.mark.parametrize("listed", [False, True])
def test_pages_cover_each_item_once(
    workflow: Workflow,
    destination: SnowflakeConfiguration,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    same_time: bool,
    listed: bool,
) -> None:
    monkeypatch.setattr(services, "PAGE", 3)
    items = [
        item(workflow, destination, updated_at=now - timedelta(hours=1 if same_time else 1 + number % 3))
        for number in range(10)
    ]
    what = ItemFilter(item_ids=tuple(one.pk for one in items)) if listed else ALL
    told: list[tuple[int, int]] = []
    assert retry(what, wanted=7).changed == 7
    assert wanted(what) == 3
    SyncQueueItem.objects.update(status="failed", updated_at=now - timedelta(hours=1))
    counts = retry(what, progress=lambda *told_: told.append(told_))
    assert (counts.changed, counts.left) == (10, 0)
    assert told == [(3, 10), (6, 10), (9, 10), (10, 10)]
    assert not SyncQueueItem.objects.filter(status="failed").exists()


def test_what_fails_again_meanwhile_is_not_met_again(
    workflow: Workflow, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PAGE", 2)
    for _ in range(5):
        item(workflow, destination, updated_at=datetime(2026, 1, 1).astimezone())

    def fail_again(executions: list[str]) -> None:
        update_execution_status(executions)
        SyncQueueItem.objects.filter(execution__execution_id__in=executions).update(
            status="failed", updated_at=datetime.now().astimezone()
        )

    monkeypatch.setattr(by_hand, "update_execution_status", fail_again)
    counts = retry()
    assert (counts.changed, counts.held, counts.meanwhile, counts.left) == (5, 0, 0, 0)


def test_a_single_retry_says_why_not(user: User, workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    assert retry_failed_sync(item(workflow, destination).pk, user.pk)[0]
    for state in ("processing", "completed"):
        done, said = retry_failed_sync(item(workflow, destination, state).pk)
        assert not done
        assert f"is {state}" in said
    ownerless = QueuedFactory.create(workflow=WorkflowFactory.create(user=None))
    queue.route()
    done, said = retry_failed_sync(SyncQueueItem.objects.get(execution=ownerless).pk)
    assert not done
    assert "no owner" in said
    with pytest.raises(SyncQueueItem.DoesNotExist):
        retry_failed_sync(item(workflow, destination).pk, UserFactory.create().pk)


def test_skipping_takes_what_is_failed_or_pending(
    workflow: Workflow, destination: SnowflakeConfiguration, now: datetime
) -> None:
    unwanted = [item(workflow, destination), item(workflow, destination, "pending"), item(workflow, None, "pending")]
    ownerless = SyncQueueItem.objects.get(execution=QueuedFactory.create(workflow=WorkflowFactory.create(user=None)))
    others = [item(workflow, destination, state) for state in ("processing", "completed")]
    what = ItemFilter(item_ids=tuple(one.pk for one in [*unwanted, ownerless, *others]))
    assert wanted(what, Change.SKIP) == 4
    assert count_others(Change.SKIP, what) == {"processing": 1, "completed": 1}
    assert len(queue.change_items(Change.SKIP, what.item_ids or (), now=now).items) == 4
    for one in [*unwanted, ownerless]:
        one.refresh_from_db()
        assert (one.status, one.error_code, one.processed_at) == ("skipped", "skipped_by_hand", now)
        assert one.error_message
        assert one.error_message.startswith("Skipped by hand.")
        assert one.execution.snowflake_status == "skipped"
    assert [status(other) for other in others] == ["processing", "completed"]


def test_skipping_by_a_filter(workflow: Workflow, destination: SnowflakeConfiguration, now: datetime) -> None:
    for state in ("failed", "failed", "pending", "completed"):
        item(workflow, destination, state)
    assert wanted(ItemFilter(statuses=("failed",)), Change.SKIP) == 2
    assert wanted(ItemFilter(statuses=("pending",)), Change.SKIP) == 1
    assert skip(ItemFilter(error_codes=("no_results",))).changed == 2
    assert count_others(Change.SKIP, ALL) == {"skipped": 2, "completed": 1}
    assert skip().changed == 1


def test_what_was_skipped_by_hand_comes_back_only_by_name(
    user: User, workflow: Workflow, destination: SnowflakeConfiguration, now: datetime
) -> None:
    routed, unrouted = item(workflow, destination), item(workflow, None, "pending")
    skip()
    queue.follow_destinations(now=now)
    assert wanted() == 0
    assert backfill_executions(BackfillFilter(), now=now).skipped_by_hand == 2
    assert {status(routed), status(unrouted)} == {"skipped"}
    named = ItemFilter(error_codes=("skipped_by_hand",))
    assert wanted(named) == 2
    assert retry_failed_sync(routed.pk, user.pk)[0]
    assert (status(routed), status(unrouted)) == ("pending", "skipped")
    assert retry(named).changed == 1


def test_new_results_end_a_skip(workflow: Workflow, destination: SnowflakeConfiguration, now: datetime) -> None:
    skipped = item(workflow, destination)
    skip()
    skipped.execution.result_rows = []
    skipped.execution.save()
    queue.route(now=now)
    assert status(skipped) == "pending"


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_holds_is_passed_over_and_tried_again_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = WorkflowFactory.create()
    destination = ConfigurationFactory.create(user=workflow.user)
    held, free = item(workflow, destination), item(workflow, destination)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with another_session("SELECT FROM snowflake_sync_queue WHERE id = %s FOR UPDATE", str(held.pk)) as let_go:
        counts = retry()
        assert (counts.changed, counts.held, counts.meanwhile) == (1, 1, 0)
        assert (status(held), status(free)) == ("failed", "pending")
        assert "Try again in a moment" in retry_failed_sync(held.pk)[1]
        monkeypatch.setattr("time.sleep", lambda _seconds: let_go())
        assert retry().changed == 1


def test_a_retry_is_decided_by_the_rules_and_says_so(workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    put_rules(destination, {"name": "the first"})
    QueuedFactory.create(workflow=workflow)
    queue.route()
    left_out = SyncQueueItem.objects.get()
    assert left_out.error_code == "excluded_by_rule"
    put_rules(destination, {"name": "the second"})
    done, said = retry_failed_sync(left_out.pk)
    assert not done
    assert 'Rule "the second" excludes it.' in said
    left_out.refresh_from_db()
    assert (left_out.status, left_out.error_message) == ("skipped", 'Rule "the second" excludes it.')
    put_rules(destination)
    done, said = retry_failed_sync(left_out.pk)
    assert (done, status(left_out)) == (True, "pending")


def test_what_failed_and_is_excluded_by_now_is_skipped(
    workflow: Workflow, destination: SnowflakeConfiguration, user: User
) -> None:
    put_rules(destination, {})
    failed = [item(workflow, destination), item(workflow, ConfigurationFactory.create(user=user))]
    counts = retry()
    assert (counts.changed, counts.excluded, counts.meanwhile) == (1, 1, 0)
    assert [status(one) for one in failed] == ["skipped", "pending"]


def test_what_a_rule_excludes_is_retried_one_by_one(workflow: Workflow, destination: SnowflakeConfiguration) -> None:
    excluded = item(workflow, destination, "skipped", error_code="excluded_by_rule")
    assert Change.RETRY.is_for(excluded)
    assert wanted() == wanted(ItemFilter(error_codes=("excluded_by_rule",))) == 0
    assert wanted(ItemFilter(item_ids=(excluded.pk,))) == 1
