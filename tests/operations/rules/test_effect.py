"""What a change of rules does to what is loaded: how many executions, and these loaded again."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.models import SyncQueueItem, Workflow
from sync.operations import (
    ChangeCounts,
    Loaded,
    RulesChangedError,
    change_rules,
    count_effect,
    reload_earlier,
    rotate_hash_key,
    switch_rule,
)
from sync.operations.rules import effect as services
from sync.reporting import Cursor
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.queue.past import add, past
from tests.queue.sessions import another_session

DROP: dict[str, Any] = {"kind": "column", "action": "drop", "columns": ["notes"]}
HASH: dict[str, Any] = {"kind": "column", "action": "hash", "columns": ["notes"]}


@pytest.fixture
def orders(db: None) -> Workflow:
    return WorkflowFactory.create(workflow_id="orders", name="Orders")


@pytest.fixture
def where(orders: Workflow) -> SnowflakeConfiguration:
    configuration: SnowflakeConfiguration = ConfigurationFactory.create(user=orders.user)
    return configuration


def loaded(
    workflow: Workflow, where: SnowflakeConfiguration, version: int | None = None, number: int = 1, **fields: Any
) -> list[SyncQueueItem]:
    """Items that were loaded by this version of the rules, the last one first changed an hour ago."""
    ago = datetime.now(UTC) - timedelta(hours=1)
    fields = {"status": "completed", "row_count": 2, "updated_at": ago} | fields
    return [
        add(past(workflow, result_columns=["notes"]), where, rules_version=version, **fields) for _ in range(number)
    ]


def put(where: SnowflakeConfiguration, *documents: dict[str, Any]) -> int:
    """These rules are in force; returns their version."""
    named = [{"name": f"rule {number}", **document} for number, document in enumerate(documents)]
    return change_rules(where.pk, named, author="ada@example.com", expected_version=None).rules.version


def again(where: SnowflakeConfiguration, **more: Any) -> ChangeCounts:
    """All that is counted is loaded again, or as many as are `wanted`."""
    what = more.pop("what", Loaded(where.pk))
    found = count_effect(what)
    said: dict[str, Any] = {"version": found.version, "as_of": found.as_of, "wanted": found.earlier} | more
    return reload_earlier(what, **said)


def statuses(items: list[SyncQueueItem]) -> list[str]:
    found = dict(SyncQueueItem.objects.values_list("pk", "status"))
    return [found[item.pk] for item in items]


def test_without_rules_there_is_nothing_to_apply(orders: Workflow, where: SnowflakeConfiguration) -> None:
    loaded(orders, where, number=3)
    found = count_effect(Loaded(where.pk))
    assert (found.version, found.versions, found.earlier, found.waiting, found.failed) == (0, {0: 3}, 0, 0, 0)
    assert again(where) == ChangeCounts()


def test_executions_are_counted_by_what_the_rules_made_of_them(orders: Workflow, where: SnowflakeConfiguration) -> None:
    visits = WorkflowFactory.create(user=orders.user, workflow_id="visits", name="Visits")
    loaded(orders, where, None, 2)
    loaded(visits, where, 0, 4)
    put(where, {**DROP, "workflow": "orders"})
    loaded(orders, where, 1, 8)
    loaded(visits, where, 1, 16)
    put(where, {**DROP, "workflow": "orders"}, {**HASH, "workflow": "vis*"})
    loaded(orders, where, 2, 32)
    found = count_effect(Loaded(where.pk))
    assert (found.version, found.versions, found.earlier) == (2, {0: 6, 1: 24, 2: 32}, 22)
    assert [(one.workflow_id, one.name, one.versions, one.earlier) for one in found.workflows] == [
        ("visits", "Visits", {0: 4, 1: 16}, 20),
        ("orders", "Orders", {0: 2, 1: 8, 2: 32}, 2),
    ]
    put(where, {**DROP, "workflow": "orders"})
    assert count_effect(Loaded(where.pk)).earlier == 2
    put(where)
    assert count_effect(Loaded(where.pk)).earlier == 40


def test_what_others_have_loaded_is_left_alone(orders: Workflow, where: SnowflakeConfiguration) -> None:
    elsewhere = ConfigurationFactory.create(user=orders.user)
    others = ConfigurationFactory.create()
    items = [
        *loaded(orders, elsewhere),
        *loaded(WorkflowFactory.create(user=others.user), others),
        *(loaded(orders, where, status=status)[0] for status in ("skipped", "failed", "pending", "processing")),
        *loaded(orders, where),
    ]
    put(where, DROP)
    before = statuses(items)
    found = count_effect(Loaded(where.pk))
    assert (found.earlier, found.waiting, found.failed) == (1, 2, 1)
    assert again(where).changed == 1
    assert statuses(items) == [*before[:-1], "pending"]


def test_what_never_was_loaded_is_not_half_applied(orders: Workflow, where: SnowflakeConfiguration) -> None:
    for status in ("failed", "pending"):
        loaded(orders, where, status=status, row_count=None)
    put(where, DROP)
    assert count_effect(Loaded(where.pk)).workflows == ()


def test_what_is_loaded_again_is_as_if_new_results_had_come(orders: Workflow, where: SnowflakeConfiguration) -> None:
    (item,) = loaded(orders, where, generation=3, retry_count=2, error_code="no_results", table_name="EXEC_1")
    put(where, DROP)
    assert again(where) == replace(ChangeCounts(changed=1), after=Cursor(item.created_at, item.pk))
    item.refresh_from_db()
    assert (item.status, item.generation, item.retry_count, item.error_code) == ("pending", 4, 0, None)
    assert (item.table_name, item.rules_version) == ("EXEC_1", None)
    assert item.execution.snowflake_status == "pending"
    found = count_effect(Loaded(where.pk))
    assert (found.earlier, found.waiting) == (0, 1)


def test_it_takes_what_is_meant(orders: Workflow, where: SnowflakeConfiguration) -> None:
    visits = WorkflowFactory.create(user=orders.user)
    days = [datetime(2026, 10, day, tzinfo=UTC) for day in (1, 2, 3)]
    items = [
        add(past(orders, created_at=day, result_columns=["notes"]), where, status="completed", row_count=1)
        for day in days
    ]
    items += loaded(visits, where)
    put(where, DROP)
    for what, number in (
        (Loaded(where.pk), 4),
        (Loaded(where.pk, workflow_ids=(orders.pk,)), 3),
        (Loaded(where.pk, workflow_ids=()), 0),
        (Loaded(where.pk, since=days[1]), 3),
        (Loaded(where.pk, until=days[2]), 2),
        (Loaded(where.pk, since=days[1], until=days[2]), 1),
    ):
        assert count_effect(what).earlier == number
    assert again(where, what=Loaded(where.pk, since=days[1], until=days[2])).changed == 1
    assert statuses(items) == ["completed", "pending", "completed", "completed"]


def test_pages_cover_each_once_and_no_more_than_was_confirmed(
    orders: Workflow, where: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PAGE", 3)
    visits = WorkflowFactory.create(user=orders.user)
    items = [item for _ in range(5) for workflow in (orders, visits) for item in loaded(workflow, where, number=2)]
    put(where, {**DROP, "workflow": "orders"})
    told: list[tuple[int, int]] = []
    first = again(where, wanted=4, progress=lambda *numbers: told.append(numbers))
    assert (first.changed, first.held, first.meanwhile, first.left) == (4, 0, 0, 0)
    assert told[-1] == (4, 4)
    assert statuses(items).count("pending") == 4
    rest = again(where, after=first.after)
    assert (rest.changed, rest.meanwhile, rest.left) == (6, 0, 0)
    mine = {item.pk for item in items if item.execution.workflow_id == orders.pk}
    assert {item.pk for item in SyncQueueItem.objects.filter(status="pending")} == mine


def test_it_stops_when_its_time_is_over_and_says_where(
    orders: Workflow, where: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PAGE", 2)
    loaded(orders, where, number=5)
    put(where, DROP)
    first = again(where, seconds=0.0)
    assert (first.changed, first.left) == (2, 3)
    second = again(where, after=first.after, wanted=first.left)
    assert (second.changed, second.left) == (3, 0)


def test_what_is_loaded_meanwhile_is_left_alone(orders: Workflow, where: SnowflakeConfiguration) -> None:
    items = loaded(orders, where, number=3)
    version = put(where, DROP)
    found = count_effect(Loaded(where.pk))
    SyncQueueItem.objects.filter(pk=items[0].pk).update(updated_at=found.as_of + timedelta(seconds=1))
    SyncQueueItem.objects.filter(pk=items[1].pk).update(rules_version=version)
    counts = reload_earlier(Loaded(where.pk), version=version, as_of=found.as_of, wanted=found.earlier)
    assert (counts.changed, counts.meanwhile) == (1, 2)
    assert statuses(items) == ["completed", "completed", "pending"]


def test_what_was_counted_by_other_rules_is_not_done(orders: Workflow, where: SnowflakeConfiguration) -> None:
    items = loaded(orders, where)
    version = put(where, DROP)
    found = count_effect(Loaded(where.pk))
    switch_rule(where.pk, "rule 0", enabled=False, author="bob@example.com")
    with pytest.raises(RulesChangedError, match="version 2"):
        reload_earlier(Loaded(where.pk), version=version, as_of=found.as_of, wanted=found.earlier)
    assert statuses(items) == ["completed"]


def test_a_version_that_nobody_can_read_counts_as_another(orders: Workflow, where: SnowflakeConfiguration) -> None:
    loaded(orders, where, 7)
    put(where, DROP)
    assert count_effect(Loaded(where.pk)).earlier == 1


def test_a_new_key_concerns_what_is_hashed(orders: Workflow, where: SnowflakeConfiguration) -> None:
    visits = WorkflowFactory.create(user=orders.user)
    version = put(where, {**HASH, "workflow": "orders"})
    loaded(orders, where, version, 2)
    loaded(visits, where, version, 4)
    assert count_effect(Loaded(where.pk)).earlier == 0
    rotate_hash_key(where.pk, author="ada@example.com")
    assert count_effect(Loaded(where.pk)).earlier == 2


def test_what_the_rules_exclude_is_not_loaded_again(
    orders: Workflow, where: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PAGE", 2)
    noisy = WorkflowFactory.create(user=orders.user, workflow_id="noisy")
    items = [item for _ in range(3) for workflow in (noisy, orders) for item in loaded(workflow, where)]
    version = put(where, DROP, {"kind": "scope", "action": "exclude", "workflow": "noisy"})
    items += loaded(orders, where, version)
    found = count_effect(Loaded(where.pk))
    assert (found.versions, found.earlier, found.excluded) == ({0: 6, 1: 1}, 3, 3)
    assert [(one.workflow_id, one.versions, one.earlier, one.excluded) for one in found.workflows] == [
        ("orders", {0: 3, 1: 1}, 3, 0),
        ("noisy", {0: 3}, 0, 3),
    ]
    assert again(where, wanted=6).changed == 3
    assert statuses(items) == ["completed", "pending"] * 3 + ["completed"]


@pytest.mark.django_db(transaction=True)
def test_what_somebody_holds_is_tried_again_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = WorkflowFactory.create()
    configuration = ConfigurationFactory.create(user=workflow.user)
    held, free = loaded(workflow, configuration, number=2)
    put(configuration, DROP)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with another_session("SELECT FROM snowflake_sync_queue WHERE id = %s FOR UPDATE", str(held.pk)) as let_go:
        counts = again(configuration)
        assert (counts.changed, counts.held, counts.meanwhile) == (1, 1, 0)
        assert statuses([held, free]) == ["completed", "pending"]
        monkeypatch.setattr("time.sleep", lambda _seconds: let_go())
        assert again(configuration).changed == 1


MANY = """
SET session_replication_role = replica;
INSERT INTO workflows (id, workflow_id, name, user_id)
SELECT gen_random_uuid(), 'w' || number, 'W', %(user)s FROM generate_series(0, 999) AS number;
WITH execution AS (
    INSERT INTO workflow_executions (id, execution_id, workflow_id, status)
    SELECT gen_random_uuid(), 'e' || number, workflow.id, 'running'
    FROM generate_series(1, 100000) AS number JOIN workflows AS workflow ON workflow.workflow_id = 'w' || number %% 1000
    RETURNING execution_id
)
INSERT INTO snowflake_sync_queue
    (id, execution_id, user_id, configuration_id, status, row_count, rules_version, created_at, updated_at)
SELECT gen_random_uuid(), execution_id, %(user)s, %(where)s, 'completed', 1, length(execution_id) %% 3,
    now() - random() * interval '30 days', now() - interval '1 hour'
FROM execution;
SET session_replication_role = DEFAULT;
ANALYZE snowflake_sync_queue, workflow_executions, workflows
"""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_executions_under_a_thousand_rules_are_counted_in_seconds() -> None:
    configuration = ConfigurationFactory.create()
    rules = [{**DROP, "columns": [f"c{number}"], "workflow": f"w{number}*"} for number in range(999)]
    put(configuration, *rules, DROP)
    condition = {"parameter": "customer.id", "operator": "ne", "value": 3}
    put(configuration, *rules, {"kind": "scope", "action": "exclude", "workflow": "w7*", "when": [condition]})
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"user": configuration.user_id, "where": configuration.pk})
    start = time.process_time()
    found = count_effect(Loaded(configuration.pk))
    assert (sum(found.versions.values()), len(found.workflows)) == (100_000, 1000)
    assert found.excluded == 11_100
    assert time.process_time() - start < 10
    taken = reload_earlier(Loaded(configuration.pk), version=2, as_of=found.as_of, wanted=3_000)
    assert (taken.changed, taken.left) == (3_000, 0)
