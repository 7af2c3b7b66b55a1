"""What a rule excluded comes back once the rules have changed: counted first, then at most so many."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration, User
from sync import queue
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import bring_back, count_returning
from sync.operations.rules import returning
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.queue.rules import put_rules

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def destination(user: User) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=user)


def excluded(destination: SnowflakeConfiguration, workflow: Workflow, many: int = 3) -> list[WorkflowExecution]:
    """Executions that a rule for their workflow has kept out."""
    put_rules(destination, {"workflow": workflow.workflow_id})
    executions = ExecutionFactory.create_batch(many, workflow=workflow)
    queue.route()
    assert set(SyncQueueItem.objects.values_list("error_code", flat=True)) == {"excluded_by_rule"}
    return executions


def test_what_no_rule_excludes_any_more_comes_back(user: User, destination: SnowflakeConfiguration) -> None:
    workflow = WorkflowFactory.create(user=user)
    excluded(destination, workflow)
    other = ConfigurationFactory.create(user=user)
    put_rules(other, {})
    ExecutionFactory.create(workflow=WorkflowFactory.create(user=user))
    queue.route()
    assert count_returning(destination.pk).wanted == 0
    put_rules(destination, {"workflow": "another"})
    preview = count_returning(destination.pk)
    assert preview.wanted == 3
    counts = bring_back(destination.pk, version=preview.version, as_of=preview.as_of, wanted=preview.wanted)
    assert (counts.changed, counts.held, counts.meanwhile, counts.left) == (3, 0, 0, 0)
    found = SyncQueueItem.objects.filter(configuration=destination, execution__workflow=workflow)
    assert set(found.values_list("status", "error_code", "error_message")) == {("pending", None, None)}
    assert {e.snowflake_status for e in WorkflowExecution.objects.filter(workflow=workflow)} == {"pending"}
    assert SyncQueueItem.objects.get(configuration=other).status == "skipped"
    assert count_returning(destination.pk).wanted == 0


def test_never_more_than_were_confirmed(
    user: User, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = WorkflowFactory.create(user=user)
    excluded(destination, workflow, 7)
    put_rules(destination)
    preview = count_returning(destination.pk)
    monkeypatch.setattr(returning, "PAGE", 2)
    assert count_returning(destination.pk).wanted == preview.wanted == 7
    counts = bring_back(destination.pk, version=preview.version, as_of=preview.as_of, wanted=3, seconds=0)
    assert (counts.changed, counts.left) == (2, 1)
    counts = bring_back(destination.pk, version=preview.version, as_of=preview.as_of, wanted=1, after=counts.after)
    assert (counts.changed, counts.left) == (1, 0)
    assert SyncQueueItem.objects.filter(status="pending").count() == 3


def test_what_changed_after_it_was_counted_is_left_alone(user: User, destination: SnowflakeConfiguration) -> None:
    first, *_ = excluded(destination, WorkflowFactory.create(user=user))
    put_rules(destination)
    preview = count_returning(destination.pk)
    SyncQueueItem.objects.filter(execution=first).update(updated_at=preview.as_of + timedelta(seconds=1))
    counts = bring_back(destination.pk, version=preview.version, as_of=preview.as_of, wanted=preview.wanted)
    assert (counts.changed, counts.meanwhile) == (2, 1)
    assert SyncQueueItem.objects.get(execution=first).status == "skipped"


def test_what_could_not_be_loaded_anyway_stays(user: User, destination: SnowflakeConfiguration) -> None:
    """It would fail, and wake somebody."""
    rerun, given_away, _ = excluded(destination, WorkflowFactory.create(user=user))
    put_rules(destination)
    WorkflowExecution.objects.filter(pk=rerun.pk).update(status="running")
    WorkflowExecution.objects.filter(pk=given_away.pk).update(workflow=WorkflowFactory.create())
    assert count_returning(destination.pk).wanted == 1
    SnowflakeConfiguration.objects.filter(pk=destination.pk).update(is_active=False)
    assert count_returning(destination.pk).wanted == 0


def test_age_brings_nothing_back_by_itself(user: User, destination: SnowflakeConfiguration) -> None:
    put_rules(destination, {"when": [{"field": "age_in_days", "operator": "lt", "value": 1}]})
    execution = ExecutionFactory.create(workflow=WorkflowFactory.create(user=user))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_executions SET completed_at = now() - interval '23 hours'")
    queue.route()
    item = SyncQueueItem.objects.get()
    assert (item.status, item.error_code) == ("skipped", "excluded_by_rule")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_executions SET completed_at = now() - interval '25 hours'")
    queue.route()
    queue.follow_destinations()
    queue.sweep(interval=0)
    queue.route()
    item.refresh_from_db()
    assert item.status == "skipped"
    preview = count_returning(destination.pk)
    assert bring_back(destination.pk, version=preview.version, as_of=preview.as_of, wanted=preview.wanted).changed == 1
    assert execution.execution_id == item.execution_id
