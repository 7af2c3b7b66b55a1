"""Backfill: each active destination gets what it lacks, and nothing is loaded twice."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from sync import queue
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import backfill as services
from sync.operations.backfill import backfill_executions
from sync.queue.backfill import BackfillFilter
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.queue.past import UPLOADED, add, counted, past, state
from tests.queue.rules import put_rules

EVERYTHING = BackfillFilter()


def test_an_execution_without_an_item_is_queued_as_the_trigger_does(workflow: Workflow) -> None:
    execution = past(workflow)
    assert counted(backfill_executions(EVERYTHING)) == {"queued": 1}
    item = SyncQueueItem.objects.get()
    found = (item.execution_id, item.user_id, item.configuration_id, item.status)
    assert found == (execution.execution_id, workflow.user_id, None, "pending")
    assert counted(backfill_executions(EVERYTHING)) == {"waiting": 1}


@pytest.mark.parametrize("layout", ["per_execution", "per_workflow"])
def test_only_the_destination_that_lacks_it_is_loaded(
    user: User, workflow: Workflow, now: datetime, settings: Any, layout: str
) -> None:
    settings.SYNC_MAX_RETRIES = 7
    first = ConfigurationFactory.create(user=user)
    execution = past(workflow, snowflake_status="completed")
    loaded = add(execution, first, status="completed", table_name="T")
    later = ConfigurationFactory.create(user=user, layout=layout)
    assert counted(backfill_executions(EVERYTHING, now=now)) == {"queued": 1}
    queue.route(now=now)
    before = SyncQueueItem.objects.get(pk=loaded.pk)
    assert (before.status, before.generation) == ("completed", 1)
    item = SyncQueueItem.objects.get(configuration=later)
    assert (item.status, item.run_after, item.max_retries, item.user) == ("pending", now, 7, user)
    assert item.batch_key == (str(workflow.pk) if layout == "per_workflow" else None)
    assert SyncQueueItem.objects.count() == 2
    execution.refresh_from_db()
    assert execution.snowflake_status == "pending"


@pytest.mark.parametrize("force", [False, True])
def test_a_dry_run_tells_how_many_go_to_each_destination(user: User, workflow: Workflow, *, force: bool) -> None:
    """As many as then get there: routing does not look at which of them somebody came from."""
    first, later, strict = ConfigurationFactory.create_batch(3, user=user)
    ConfigurationFactory.create(user=user, is_active=False)
    put_rules(strict, {"name": "nothing"})
    past(workflow)
    add(past(workflow), first, status="completed", table_name="T")
    add(past(workflow), first, status="completed", table_name="U")
    add(past(workflow), first, status="skipped", error_code="destination_inactive")
    for _ in range(2):
        past(WorkflowFactory.create(user=None))
    told = backfill_executions(EVERYTHING, force=force, dry_run=True).destinations
    assert told == {str(first.pk): 4 if force else 2, str(later.pk): 4}
    assert backfill_executions(EVERYTHING, force=force).destinations == {}
    queue.route()
    pending = SyncQueueItem.objects.filter(status="pending").values_list("configuration", flat=True)
    assert Counter(map(str, pending)) == told


def test_what_was_skipped_while_its_destination_was_off_is_queued(user: User, workflow: Workflow) -> None:
    destination = ConfigurationFactory.create(user=user)
    execution = past(workflow, snowflake_status="skipped")
    add(execution, destination, status="skipped", error_code="destination_inactive", error_message="off")
    assert counted(backfill_executions(EVERYTHING)) == {"queued": 1}
    item = SyncQueueItem.objects.get()
    assert (item.status, item.error_code, item.error_message, item.generation) == ("pending", None, None, 1)
    execution.refresh_from_db()
    assert execution.snowflake_status == "pending"


def test_what_found_no_destination_goes_to_all_that_are_there_now(
    user: User, workflow: Workflow, now: datetime
) -> None:
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    assert counted(backfill_executions(EVERYTHING)) == {"no_destination": 1}
    ConfigurationFactory.create_batch(2, user=user)
    assert counted(backfill_executions(EVERYTHING)) == {"queued": 1}
    queue.route(now=now)
    execution.refresh_from_db()
    assert execution.snowflake_status == "pending"
    assert SyncQueueItem.objects.filter(status="pending", configuration__isnull=False).count() == 2


ROUTED = [
    ("completed", None, "there"),
    ("pending", None, "waiting"),
    ("processing", None, "waiting"),
    ("failed", "no_results", "failed"),
    ("skipped", "skipped_by_hand", "skipped_by_hand"),
]
UNROUTED = [
    ("pending", None, "waiting"),
    ("processing", None, "waiting"),
    ("failed", "no_owner", "failed"),
    ("skipped", "skipped_by_hand", "skipped_by_hand"),
]


@pytest.mark.parametrize(
    ("routed", "status", "code", "verdict"),
    [(True, *line) for line in ROUTED] + [(False, *line) for line in UNROUTED],
)
def test_what_is_left_alone(
    user: User, workflow: Workflow, routed: bool, status: str, code: str | None, verdict: str
) -> None:
    destination = ConfigurationFactory.create(user=user)
    add(past(workflow), destination if routed else None, status=status, error_code=code)
    before = state()
    assert counted(backfill_executions(EVERYTHING)) == {verdict: 1}
    assert state() == before


def test_what_an_earlier_service_said_to_have_completed_counts_where_it_says_where(
    user: User, workflow: Workflow
) -> None:
    """It said so, too, of what it had no destination for, and left an item that says `completed`."""
    ConfigurationFactory.create(user=user)
    for fields in ({}, {"snowflake_status": "completed"}, UPLOADED):
        add(past(workflow, **fields), None, status="completed")
    assert counted(backfill_executions(EVERYTHING)) == {"queued": 2, "uploaded": 1}
    assert counted(backfill_executions(EVERYTHING)) == {"waiting": 2, "uploaded": 1}


def test_what_cannot_be_queued_is_counted(user: User, workflow: Workflow) -> None:
    past(WorkflowFactory.create(user=None))
    past(workflow, status="running")
    past(workflow, **UPLOADED)
    off = ConfigurationFactory.create(user=user, is_active=False)
    add(past(workflow), off, status="completed")
    before = state()
    counts = backfill_executions(EVERYTHING)
    assert counted(counts) == {"no_owner": 1, "not_completed": 1, "uploaded": 1, "no_destination": 1}
    assert state() == before


def test_force_loads_everything_again(user: User, workflow: Workflow, now: datetime) -> None:
    first, second = ConfigurationFactory.create_batch(2, user=user)
    execution = past(workflow, **UPLOADED)
    for configuration, status in ((first, "completed"), (second, "failed")):
        add(execution, configuration, status=status, retry_count=3, error_code=None)
    past(workflow, **UPLOADED)
    past(WorkflowFactory.create(user=None))
    assert counted(backfill_executions(EVERYTHING, force=True, now=now)) == {"queued": 2, "no_owner": 1}
    assert counted(backfill_executions(EVERYTHING, force=True, now=now)) == {"waiting": 2, "no_owner": 1}
    queue.route(now=now)
    items = list(SyncQueueItem.objects.order_by("execution_id"))
    assert {(item.status, item.retry_count) for item in items} == {("pending", 0)}
    assert sorted(item.generation for item in items) == [1, 1, 2, 2]


def test_it_looks_at_what_the_filter_names(user: User, workflow: Workflow) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    mine = [past(workflow) for _ in range(4)]
    other = past(WorkflowFactory.create(user=user))
    foreign = past(WorkflowFactory.create())
    for number, execution in enumerate(mine):
        WorkflowExecution.objects.filter(pk=execution.pk).update(created_at=day + timedelta(days=number))

    def queued(what: BackfillFilter) -> int:
        return backfill_executions(what, dry_run=True).queued

    assert queued(BackfillFilter(since=day + timedelta(days=1), until=day + timedelta(days=3))) == 2
    assert queued(BackfillFilter(until=day)) == 0
    assert queued(BackfillFilter(user_ids=(user.pk,))) == 5
    assert queued(BackfillFilter(user_ids=())) == 0
    assert queued(BackfillFilter(workflow_ids=(workflow.pk,))) == 4
    ids = (foreign.execution_id, other.execution_id, other.execution_id, "no such execution")
    assert queued(BackfillFilter(execution_ids=ids)) == 2
    assert queued(BackfillFilter(execution_ids=ids, user_ids=(user.pk,))) == 1
    assert queued(BackfillFilter(execution_ids=())) == 0
    assert queued(BackfillFilter(user_ids=(UserFactory.create().pk,))) == 0


@pytest.mark.parametrize("listed", [False, True])
def test_a_limit_bounds_what_is_queued(workflow: Workflow, monkeypatch: pytest.MonkeyPatch, listed: bool) -> None:
    monkeypatch.setattr(services, "PAGE", 3)
    ids = tuple(past(workflow).execution_id for _ in range(7))
    what = BackfillFilter(execution_ids=ids) if listed else EVERYTHING
    for expected in (5, 2):
        dry = backfill_executions(what, limit=5, dry_run=True)
        assert dry == backfill_executions(what, limit=5)
        assert (dry.queued, dry.finished) == (expected, expected < 5)
    assert SyncQueueItem.objects.count() == 7


def test_it_goes_on_where_the_time_was_over(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PAGE", 3)
    for _ in range(7):
        past(workflow)
    what, queued = EVERYTHING, []
    while True:
        counts = backfill_executions(what, seconds=0)
        queued.append(counts.queued)
        if counts.finished:
            break
        what = replace(what, after=counts.position)
    assert queued == [3, 3, 1]


def test_it_goes_on_behind_the_last_that_the_limit_let_pass(workflow: Workflow) -> None:
    for _ in range(7):
        past(workflow)
    first = backfill_executions(EVERYTHING, limit=5)
    assert backfill_executions(BackfillFilter(after=first.position)).queued == 2


def test_progress_ends_at_the_total(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PAGE", 3)
    for _ in range(7):
        past(workflow)
    told: list[tuple[int, int]] = []
    backfill_executions(EVERYTHING, progress=lambda done, total: told.append((done, total)))
    assert told == [(3, 7), (6, 7), (7, 7)]


def test_what_a_rule_excludes_is_counted_by_rule_and_says_so_afterwards(user: User, now: datetime) -> None:
    one, other = ConfigurationFactory.create_batch(2, user=user)
    put_rules(one, {"name": "too noisy", "workflow": "noisy"}, {"name": "all the rest"})
    put_rules(other, {"name": "nothing noisy", "workflow": "noisy"})
    noisy, calm = (WorkflowFactory.create(user=user, workflow_id=id_) for id_ in ("noisy", "calm"))
    for workflow in (noisy, noisy, calm):
        past(workflow)
    dry = backfill_executions(EVERYTHING, dry_run=True, now=now)
    assert counted(dry) == {"queued": 1, "excluded": 2}
    assert dry.rules == {"too noisy": 2}
    assert not SyncQueueItem.objects.exists()
    assert backfill_executions(EVERYTHING, now=now) == dry
    queue.route(now=now)
    items = SyncQueueItem.objects.values_list("execution__workflow__workflow_id", "status", "error_message")
    assert Counter(items) == {
        ("noisy", "skipped", 'Rule "too noisy" excludes it.'): 2,
        ("noisy", "skipped", 'Rule "nothing noisy" excludes it.'): 2,
        ("calm", "skipped", 'Rule "all the rest" excludes it.'): 1,
        ("calm", "pending", None): 1,
    }
    told = set(WorkflowExecution.objects.filter(workflow=noisy).values_list("snowflake_status", flat=True))
    assert told == {"skipped"}
    assert counted(backfill_executions(EVERYTHING, now=now)) == {"waiting": 1, "excluded": 2}


def test_what_is_excluded_costs_none_of_the_limit(user: User, now: datetime) -> None:
    put_rules(ConfigurationFactory.create(user=user), {"workflow": "noisy"})
    noisy, calm = (WorkflowFactory.create(user=user, workflow_id=id_) for id_ in ("noisy", "calm"))
    for number in range(6):
        past(noisy if number % 2 else calm, execution_id=f"e{number}")
    counts = backfill_executions(EVERYTHING, limit=2, now=now)
    assert (counts.queued, counts.excluded, counts.position) == (2, 1, "e2")
