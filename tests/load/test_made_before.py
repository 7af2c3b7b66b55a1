"""What was made in Snowflake before names were told apart goes on, as far as it is clear whose it is."""

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import SyncTable, WorkflowExecution
from sync.snowflake.identifiers import qualified
from sync.snowflake.statements import marker
from tests.factories import WorkflowFactory
from tests.world import World


def load(world: World, value: str, *, workflow_id: str | None = None, table: str | None = None) -> WorkflowExecution:
    if workflow_id:
        found = world.user.workflow_set.filter(workflow_id=workflow_id).first()
        world.workflow = found or WorkflowFactory.create(user=world.user, workflow_id=workflow_id)
    execution = world.complete([("n", "string")], [[value]], snowflake_table_name=table)
    world.work()
    execution.refresh_from_db()
    assert execution.snowflake_status == "completed", execution.snowflake_error_message
    return execution


def as_it_was(world: World, before: str, *executions: WorkflowExecution, made_for: str | None = None) -> None:
    """Their table has the name that all of them had then, and is known to be for one of them alone, or is not."""
    for execution in executions:
        now = str(execution.snowflake_table_name)
        old, new = (qualified(world.snowflake.database, "PUBLIC", name) for name in (now, before))
        if SyncTable.objects.filter(table_name=before).exists():
            world.snowflake.rows(f"INSERT INTO {new} SELECT * FROM {old}")
            world.snowflake.rows(f"DROP TABLE {old}")
            SyncTable.objects.filter(table_name=now).delete()
        else:
            world.snowflake.rows(f"ALTER TABLE {old} RENAME TO {new}")
            world.snowflake.rows(f"COMMENT ON TABLE {new} IS '{marker('shared', before, world.configuration.pk)}'")
            SyncTable.objects.filter(table_name=now).update(table_name=before, names=None)
        world.item(execution).__class__.objects.filter(execution=execution).update(table_name=before)
        WorkflowExecution.objects.filter(pk=execution.pk).update(snowflake_table_name=before)
    SyncTable.objects.filter(table_name=before).update(made_for=made_for)


@pytest.fixture
def by_workflow(world: World) -> World:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    return world


def test_a_workflow_that_had_a_table_to_itself_keeps_it(by_workflow: World) -> None:
    old = load(by_workflow, "old", workflow_id="sales-eu")
    as_it_was(by_workflow, "WORKFLOW_SALES_EU", old, made_for="workflow sales-eu")

    assert load(by_workflow, "new", workflow_id="sales-eu").snowflake_table_name == "WORKFLOW_SALES_EU"
    # Whose plain name that would be has another.
    for _ in range(2):
        other = load(by_workflow, "other", workflow_id="sales_eu")
        assert str(other.snowflake_table_name).startswith("WORKFLOW_SALES_EU_")
    assert by_workflow.rows(other, '"N"') == [("other",), ("other",)]


def test_workflows_that_shared_a_table_by_mistake_part(by_workflow: World) -> None:
    mixed = [load(by_workflow, workflow_id, workflow_id=workflow_id) for workflow_id in ("sales-eu", "Sales EU")]
    as_it_was(by_workflow, "WORKFLOW_SALES_EU", *mixed)

    names = {load(by_workflow, "new", workflow_id=each).snowflake_table_name for each in ("sales-eu", "Sales EU")}
    assert len(names) == 2
    assert "WORKFLOW_SALES_EU" not in names


def test_a_table_that_was_asked_for_by_another_name_goes_on(world: World) -> None:
    as_it_was(world, "ALL_CAMPAIGNS", load(world, "old", table="All Campaigns"), made_for="table All Campaigns")

    assert load(world, "new", table="All Campaigns").snowflake_table_name == "ALL_CAMPAIGNS"
    others = {load(world, "other", table=asked).snowflake_table_name for asked in ("all_campaigns", "ALL_CAMPAIGNS")}
    assert len(others) == 1
    assert "ALL_CAMPAIGNS" not in others


@pytest.fixture
def without_keys(by_workflow: World) -> World:
    """A shared table with the columns UNIT_PRICE and UNIT_PRICE_2, of which nothing says whose they are."""
    complete(by_workflow, "unit_price", "unit_price_2")
    SyncTable.objects.update(names=None)
    return by_workflow


def complete(world: World, *keys: str) -> WorkflowExecution:
    execution = world.complete([(key, "string") for key in keys], [list(keys)])
    world.work()
    return execution


def test_columns_go_on_where_the_order_of_then_says_whose_they_are(without_keys: World) -> None:
    complete(without_keys, "unit price", "unit_price")
    # And from then on for good, in whatever order.
    for keys in (["unit_price", "unit price"], ["unit_price"], ["unit price"]):
        execution = complete(without_keys, *keys)
        assert without_keys.item(execution).status == "completed"
    rows = without_keys.rows(execution, '"UNIT_PRICE", "UNIT_PRICE_2"')
    assert {one for one, _ in rows[1:]} == {"unit price", None}
    assert {other for _, other in rows[1:]} == {"unit_price", None}


def test_columns_that_may_be_anybodys_are_said_and_a_new_table_helps(without_keys: World) -> None:
    execution = complete(without_keys, "Unit Price")
    item = without_keys.item(execution)
    assert item.error_code == "table_conflict"
    assert "UNIT_PRICE" in str(item.error_message)

    without_keys.snowflake.rows(f'DROP TABLE "{SyncTable.objects.get().table_name}"')
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=[["again"]])
    without_keys.work()
    assert without_keys.rows(execution, '"UNIT_PRICE"') == [("again",)]
