"""Routing follows the rules that say which executions go to a destination."""

from collections.abc import Callable
from datetime import datetime

from accounts.models import User
from sync import queue
from sync.errors import CATALOGUE
from sync.models import SyncQueueItem, Workflow
from sync.postgres import bounded_reading
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory
from tests.queue.conftest import item, read
from tests.queue.rules import exclusions, put_rules, said_of

EXCLUDED = ("skipped", "excluded_by_rule", 'Rule "rule 1" excludes it.')
PENDING = ("pending", None, None)


def test_a_rule_excludes_an_execution_from_its_destination_alone(user: User, workflow: Workflow, now: datetime) -> None:
    one, _ = (ConfigurationFactory.create(user=user, name=name) for name in ("one", "other"))
    put_rules(one, {"workflow": workflow.workflow_id})
    execution = ExecutionFactory.create(workflow=workflow)
    routed = queue.route(now=now)
    assert (routed.items, routed.skipped) == (1, ())
    assert said_of(execution) == {"one": EXCLUDED, "other": PENDING}
    assert SyncQueueItem.objects.get(configuration=one).processed_at == now


def test_an_execution_says_which_rule_excludes_it_everywhere(user: User, workflow: Workflow, now: datetime) -> None:
    put_rules(ConfigurationFactory.create(user=user), {})
    execution = ExecutionFactory.create(workflow=workflow)
    assert queue.route(now=now).skipped == (execution.execution_id,)
    execution.refresh_from_db()
    remedy = CATALOGUE["excluded_by_rule"].remedy
    assert (execution.snowflake_status, execution.snowflake_error_message) == ("skipped", f"{EXCLUDED[2]} {remedy}")
    assert SyncQueueItem.objects.get().error_remedy == remedy


def test_the_first_rule_that_holds_decides(user: User, now: datetime) -> None:
    put_rules(
        configuration := ConfigurationFactory.create(user=user),
        {"workflow": "noisy*", "enabled": False},
        {"workflow": "noisy-but-wanted", "action": "include"},
        {"workflow": "noisy*"},
        {"workflow": "*", "action": "include"},
    )
    workflows = [WorkflowFactory.create(user=user, workflow_id=id_) for id_ in ("noisy-but-wanted", "noisy", "calm")]
    executions = [ExecutionFactory.create(workflow=workflow) for workflow in workflows]
    queue.route(now=now)
    said = [None, 'Rule "rule 3" excludes it.', None]
    assert [said_of(execution)[configuration.name][2] for execution in executions] == said
    assert exclusions(configuration, *executions) == said


def test_with_an_include_rule_only_what_one_includes_goes_there(user: User, now: datetime) -> None:
    put_rules(configuration := ConfigurationFactory.create(user=user), {"workflow": "prod-*", "action": "include"})
    executions = [
        ExecutionFactory.create(workflow=WorkflowFactory.create(user=user, workflow_id=id_))
        for id_ in ("prod-1", "dev")
    ]
    queue.route(now=now)
    said = [None, "Only what a rule includes goes there, and none includes it."]
    assert [said_of(execution)[configuration.name][2] for execution in executions] == said
    assert exclusions(configuration, *executions) == said


def test_the_latest_version_decides(user: User, workflow: Workflow, now: datetime) -> None:
    configuration = ConfigurationFactory.create(user=user)
    put_rules(configuration, {})
    put_rules(configuration, {"enabled": False})
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    assert said_of(execution) == {configuration.name: PENDING}


def test_what_was_loaded_and_completes_again_is_decided_anew(
    claim_one: Callable[[], queue.Claim], now: datetime
) -> None:
    claim = claim_one()
    outcome = queue.Outcome("PUBLIC", "T", 2)
    queue.finish([queue.endings.completed(claim, outcome, read(claim))], now=now)
    put_rules(item(claim).configuration, {})
    queue.enqueue([claim.execution_id], now=now)
    queue.route(now=now)
    found = item(claim)
    # It says where the result is, so that taking it out can be offered.
    assert (found.status, found.error_code, found.table_name) == ("skipped", "excluded_by_rule", "T")
    assert found.generation == 2
    put_rules(found.configuration, {"enabled": False})
    queue.enqueue([claim.execution_id], now=now)
    queue.route(now=now)
    assert (item(claim).status, item(claim).error_code, item(claim).generation) == ("pending", None, 3)


def test_what_may_have_been_left_behind_is_a_workers_to_look_after(
    claim_one: Callable[[], queue.Claim], now: datetime
) -> None:
    """A try ended before Snowflake's answer came: nobody knows whether the rows are there."""
    claim = claim_one()
    queue.finish([queue.endings.released(claim, read(claim))], now=now)
    put_rules(item(claim).configuration, {})
    queue.enqueue([claim.execution_id], now=now)
    queue.route(now=now)
    assert (item(claim).status, item(claim).error_code) == ("pending", None)


def test_what_a_worker_is_busy_with_stays_in_its_hands(claim_one: Callable[[], queue.Claim], now: datetime) -> None:
    claim = claim_one()
    put_rules(item(claim).configuration, {})
    queue.enqueue([claim.execution_id], now=now)
    queue.route(now=now)
    assert item(claim).status == "processing"
    outcome = queue.Outcome("PUBLIC", "T", 2)
    assert queue.finish([queue.endings.completed(claim, outcome, read(claim))], now=now) == ["pending"]


def test_many_conditions_with_long_lists_are_read_once(user: User, workflow: Workflow, now: datetime) -> None:
    """Nobody's executions wait for somebody's rules: a rule's document is not copied for each of its conditions."""
    a_list = {"operator": "in", "value": [f"value {number}" for number in range(1_000)]}
    rule = {"when": [{"parameter": f"parameter {number}", **a_list} for number in range(50)]}
    put_rules(ConfigurationFactory.create(user=user), *[rule] * 4)
    execution = ExecutionFactory.create(workflow=workflow)
    with bounded_reading(5):
        queue.route(now=now)
    assert list(said_of(execution).values()) == [PENDING]
