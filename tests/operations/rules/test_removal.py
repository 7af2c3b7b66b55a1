"""What the rules exclude and is in Snowflake is counted, then asked of workers, and never more than was confirmed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem, SyncTable, Workflow
from sync.operations import (
    ChangeCounts,
    RemovalPreview,
    RulesChangedError,
    change_rules,
    preview_removal,
    remove_excluded,
)
from sync.operations.rules import removal
from sync.postgres import database_now
from sync.queue import removal as queue_removal
from tests.factories import ConfigurationFactory, QueuedFactory, WorkflowFactory
from tests.queue.sessions import another_session


@pytest.fixture
def destination(user: User) -> SnowflakeConfiguration:
    return ConfigurationFactory.create(user=user)


@pytest.fixture
def noisy(user: User) -> Workflow:
    return WorkflowFactory.create(user=user, workflow_id="noisy")


def item(workflow: Workflow, destination: SnowflakeConfiguration, own: bool = True, **fields: Any) -> SyncQueueItem:
    """An item of an execution that is loaded, into a table of its own or a shared one."""
    completed_at = fields.pop("completed_at", database_now())
    execution = QueuedFactory.create(workflow=workflow, snowflake_status="completed", completed_at=completed_at)
    table = execution.execution_id if own else "SHARED"
    fields = {"status": "completed", "schema_name": "S", "table_name": table, "row_count": 5} | fields
    SyncQueueItem.objects.filter(execution=execution).update(configuration=destination, user=workflow.user, **fields)
    SyncTable.objects.get_or_create(
        configuration=destination,
        database_name="DB",
        schema_name="S",
        table_name=table,
        defaults={"execution_id": execution.execution_id if own else None},
    )
    return SyncQueueItem.objects.get(execution=execution)


def exclude(destination: SnowflakeConfiguration, *workflows: str) -> int:
    rules = [{"name": name, "kind": "scope", "action": "exclude", "workflow": name} for name in workflows]
    return change_rules(destination.pk, rules, author="", expected_version=None).rules.version


def remove(preview: RemovalPreview, destination: SnowflakeConfiguration, **more: Any) -> ChangeCounts:
    given: dict[str, Any] = {"version": preview.version, "as_of": preview.as_of, "wanted": preview.executions} | more
    return replace(remove_excluded(destination.pk, **given), after=None)


def asked() -> set[Any]:
    """The items that workers are to remove."""
    return set(SyncQueueItem.objects.filter(is_to_be_removed=True, status="pending").values_list("pk", flat=True))


def test_what_is_loaded_and_excluded_is_counted_and_asked_for(
    workflow: Workflow, noisy: Workflow, destination: SnowflakeConfiguration
) -> None:
    loaded = [item(noisy, destination), item(noisy, destination), item(noisy, destination, own=False)]
    # New results came, and a rule kept them out; the earlier ones are there.
    loaded.append(item(noisy, destination, own=False, status="skipped", error_code="excluded_by_rule"))
    # New results could not be loaded; the earlier ones are there.
    loaded.append(item(noisy, destination, status="failed"))
    item(workflow, destination)
    item(noisy, destination, table_name=None, status="skipped", error_code="excluded_by_rule")
    item(noisy, destination, table_name=None, status="failed")
    item(noisy, destination, status="pending")
    item(noisy, destination, status="skipped", error_code="skipped_by_hand")
    item(noisy, ConfigurationFactory.create(user=noisy.user))
    version = exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    assert preview == RemovalPreview(version, preview.as_of, executions=5, tables=3, rows=10)
    assert asked() == set()
    seen: list[tuple[int, int]] = []
    assert remove(preview, destination, progress=lambda *at: seen.append(at)) == ChangeCounts(changed=5)
    assert asked() == {one.pk for one in loaded}
    assert seen[-1] == (5, 5)
    loaded[0].refresh_from_db()
    assert (loaded[0].execution.snowflake_status, loaded[0].retry_count) == ("pending", 0)
    assert preview_removal(destination.pk).executions == 0


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_find_each_once(
    noisy: Workflow, destination: SnowflakeConfiguration, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "PAGE", size)
    items = [item(noisy, destination) for _ in range(3)]
    items.append(item(noisy, destination, status="skipped", error_code="excluded_by_rule"))
    items.append(item(noisy, destination, status="failed"))
    # The same moment, as what is routed together has it.
    SyncQueueItem.objects.update(created_at=items[0].created_at)
    exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    assert preview.executions == 5
    assert remove(preview, destination) == ChangeCounts(changed=5)
    assert asked() == {one.pk for one in items}


def test_without_rules_nothing_is_read(
    noisy: Workflow, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    item(noisy, destination)
    monkeypatch.setattr(queue_removal, "one_statement", None)
    preview = preview_removal(destination.pk)
    assert (preview.version, preview.executions) == (0, 0)
    assert remove(preview, destination) == ChangeCounts()


def test_never_more_than_was_confirmed(noisy: Workflow, destination: SnowflakeConfiguration) -> None:
    for _ in range(3):
        item(noisy, destination)
    exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    assert remove(preview, destination, wanted=2) == ChangeCounts(changed=2)
    assert len(asked()) == 2


def test_what_changed_since_is_left_alone(noisy: Workflow, destination: SnowflakeConfiguration) -> None:
    changed, later, kept = (item(noisy, destination) for _ in range(3))
    exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    after = preview.as_of + timedelta(seconds=1)
    SyncQueueItem.objects.filter(pk=changed.pk).update(updated_at=after)
    SyncQueueItem.objects.filter(pk=later.pk).update(updated_at=after, created_at=after)
    assert remove(preview, destination) == ChangeCounts(changed=1, meanwhile=2)
    assert asked() == {kept.pk}


def test_other_rules_are_to_be_confirmed_anew(
    workflow: Workflow, noisy: Workflow, destination: SnowflakeConfiguration
) -> None:
    item(noisy, destination)
    item(workflow, destination)
    exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    exclude(destination, "*")
    with pytest.raises(RulesChangedError, match="version 2; what was counted went by version 1"):
        remove(preview, destination)
    assert asked() == set()


def test_rules_that_change_on_the_way_end_it(
    noisy: Workflow, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "PAGE", 2)
    for _ in range(5):
        item(noisy, destination)
    exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    with pytest.raises(RulesChangedError):
        remove(preview, destination, progress=lambda *_: exclude(destination, "other"))
    assert len(asked()) == 2


def test_when_the_time_is_over_it_says_how_many_are_left(
    noisy: Workflow, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "PAGE", 2)
    for _ in range(5):
        item(noisy, destination)
    exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    shared: dict[str, Any] = {"version": preview.version, "as_of": preview.as_of}
    counts = remove_excluded(destination.pk, **shared, wanted=5, seconds=-1)
    assert (counts.changed, counts.left) == (2, 3)
    # It goes on where it ended, and reads nothing again.
    asked_first = asked()
    SyncQueueItem.objects.filter(pk__in=asked_first).update(status="completed", updated_at=preview.as_of)
    rest = remove_excluded(destination.pk, **shared, wanted=counts.left, after=counts.after)
    assert (rest.changed, rest.left) == (3, 0)
    assert not asked_first & asked()


@pytest.mark.django_db(transaction=True)
def test_what_somebody_holds_is_waited_for_a_little_and_said(
    noisy: Workflow, destination: SnowflakeConfiguration
) -> None:
    held, free = item(noisy, destination), item(noisy, destination)
    exclude(destination, "noisy")
    preview = preview_removal(destination.pk)
    with another_session("SELECT FROM snowflake_sync_queue WHERE id = %s FOR UPDATE", str(held.pk)):
        assert remove(preview, destination) == ChangeCounts(changed=1, held=1)
    assert asked() == {free.pk}


def test_what_has_come_of_age_since_it_was_counted_is_not_among_them(
    workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    """Others than those that were counted would go in their place."""
    now = database_now()
    _, second = (
        item(
            workflow,
            destination,
            completed_at=now - timedelta(days=days, minutes=1),
            updated_at=now - timedelta(hours=2),
        )
        for days in (90, 91)
    )
    old = [{"field": "age_in_days", "operator": "gt", "value": 90}]
    rule = {"name": "old", "kind": "scope", "action": "exclude", "when": old}
    change_rules(destination.pk, [rule], author="", expected_version=None)
    counted = replace(preview_removal(destination.pk), as_of=now - timedelta(hours=1), executions=1)
    assert remove(counted, destination).changed == 1
    assert asked() == {second.pk}
