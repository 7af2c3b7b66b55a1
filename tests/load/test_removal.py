"""What the rules exclude is taken out of Snowflake, by a worker, once somebody has asked for it."""

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, Workflow
from sync.operations import preview_removal, retry_failed_sync
from sync.worker import attempt
from tests.factories import ConfigurationFactory
from tests.load.excluded import (
    ask,
    attempts,
    complete,
    complete_again,
    exclude,
    is_forgotten,
    layout,
    noisy,
    out,
    rescue_all,
    tables,
    there,
)
from tests.worker.stopped import make_due
from tests.world import World

__all__ = ["noisy"]


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_what_the_rules_exclude_is_taken_out_and_the_rest_stays(world: World, noisy: Workflow, way: str) -> None:
    layout(world, way)
    kept = complete(world, world.workflow)
    loud = [complete(world, noisy) for _ in range(3)]
    world.work()
    exclude(world, "noisy")
    preview = preview_removal(world.configuration.pk)
    assert (preview.version, preview.executions) == (1, 3)
    assert (preview.tables, preview.rows) == ((3, 0) if way == "per_execution" else (0, 6))
    assert set(there(world)) == {one.execution_id for one in [kept, *loud]}
    world.snowflake.server.reset_log()
    assert ask(world).changed == 3
    assert {world.item(one).status for one in loud} == {"pending"}
    worker = world.work()

    assert worker.outcomes["skipped"] == 3
    assert there(world) == {kept.execution_id: 2}
    assert tables(world) == (1 if way == "per_execution" else 2)
    for one in loud:
        assert is_forgotten(one)
        assert one.snowflake_table_name is None
        assert attempts(one) == ["completed", "removed"]
        last = SyncAttempt.objects.filter(item__execution=one).latest("id")
        assert (last.row_count, last.statement_count) == (2, 2)
        assert last.error_code == "excluded_by_rule"
    if way == "per_workflow":
        (delete,) = world.snowflake.statements("DELETE FROM")
        assert all(one.execution_id in delete.sql for one in loud)


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_once_the_rule_is_gone_it_is_loaded_and_not_doubled(world: World, noisy: Workflow, way: str) -> None:
    layout(world, way)
    loud = complete(world, noisy)
    world.work()
    exclude(world, "noisy")
    ask(world)
    world.work()
    assert is_forgotten(loud)
    exclude(world)
    complete_again(loud)
    world.work()
    assert world.item(loud).status == "completed"
    assert there(world) == {loud.execution_id: 1}
    assert world.rows(loud) == [("c", 3)]


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_the_earlier_result_of_what_has_failed_since_is_taken_out_too(world: World, noisy: Workflow, way: str) -> None:
    layout(world, way)
    loud = complete(world, noisy)
    world.work()
    complete_again(loud, [["c", "no number"]])
    world.work()
    assert (world.item(loud).status, there(world)) == ("failed", {loud.execution_id: 2})
    out(world, loud)
    assert there(world) == {}


def test_what_is_no_longer_excluded_is_loaded_as_usual(world: World, noisy: Workflow) -> None:
    loud = complete(world, noisy)
    world.work()
    exclude(world, "noisy")
    ask(world)
    exclude(world)
    world.work()
    item = world.item(loud)
    assert (item.status, item.is_to_be_removed) == ("completed", False)
    assert there(world) == {loud.execution_id: 2}


def test_names_that_the_application_asked_for_stand_there_again(world: World, noisy: Workflow) -> None:
    world.snowflake.rows("CREATE SCHEMA OTHER")
    asked = {"snowflake_schema_name": "other", "snowflake_table_name": "my table"}
    loud, kept = complete(world, noisy, **asked), complete(world, world.workflow, **asked)
    world.work()
    loud.refresh_from_db()
    wrote = loud.snowflake_table_name
    assert wrote != "my table"
    out(world, loud)
    assert (loud.snowflake_schema_name, loud.snowflake_table_name) == ("other", "my table")
    assert there(world) == {kept.execution_id: 2}
    exclude(world)
    complete_again(loud)
    world.work()
    loud.refresh_from_db()
    assert loud.snowflake_table_name == wrote
    assert there(world) == {kept.execution_id: 2, loud.execution_id: 1}


def test_a_table_that_another_destination_has_stays_named(world: World, noisy: Workflow) -> None:
    world.snowflake.rows("CREATE SCHEMA SECOND")
    second = ConfigurationFactory.create(user=world.user, database=world.snowflake.database, schema="SECOND")
    loud = complete(world, noisy)
    world.work()
    exclude(world, "noisy")
    ask(world)
    world.work()
    loud.refresh_from_db()
    assert (loud.snowflake_status, loud.snowflake_schema_name) == ("completed", "SECOND")
    other = SyncQueueItem.objects.get(execution=loud, configuration=second)
    assert (other.status, loud.snowflake_table_name) == ("completed", other.table_name)
    assert there(world) == {loud.execution_id: 2}


@pytest.mark.parametrize("excluded_still", [True, False])
def test_new_results_while_it_waits(world: World, noisy: Workflow, excluded_still: bool) -> None:
    loud = complete(world, noisy)
    world.work()
    exclude(world, "noisy")
    ask(world)
    complete_again(loud)
    if not excluded_still:
        exclude(world)
    world.work()
    if excluded_still:
        assert is_forgotten(loud)
        assert there(world) == {}
    else:
        assert there(world) == {loud.execution_id: 1}
        assert world.rows(loud) == [("c", 3)]


def test_what_a_broken_off_load_left_goes_without_being_asked_for(
    world: World, noisy: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows of it, so that nobody could ask."""
    loud = complete(world, noisy)
    monkeypatch.setattr(attempt, "finish", lambda ended: [None] * len(ended))
    world.work()
    monkeypatch.undo()
    assert there(world) == {loud.execution_id: 2}
    rescue_all()
    exclude(world, "noisy")
    make_due()
    world.work()
    assert attempts(loud) == ["rescued", "removed"]
    assert is_forgotten(loud)
    assert there(world) == {}
    # From then on it is known that nothing is there: new results ask Snowflake nothing.
    world.snowflake.server.reset_log()
    complete_again(loud)
    world.work()
    assert is_forgotten(loud)
    assert world.snowflake.statements() == []


def test_what_was_never_sent_asks_snowflake_nothing(world: World, noisy: Workflow) -> None:
    exclude(world)
    loud = complete(world, noisy, rows=[["a", "not a number"]])
    world.work()
    assert world.item(loud).status == "failed"
    exclude(world, "noisy")
    retry_failed_sync(world.item(loud).pk)
    world.snowflake.server.reset_log()
    world.work()
    assert (world.item(loud).status, attempts(loud)) == ("skipped", ["failed", "skipped"])
    assert world.snowflake.statements() == []


def test_own_tables_of_an_earlier_schema_go_as_well(world: World, noisy: Workflow) -> None:
    loud = complete(world, noisy)
    world.work()
    world.snowflake.rows("CREATE SCHEMA LATER")
    SnowflakeConfiguration.objects.update(schema="LATER")
    complete_again(loud)
    world.work()
    assert SyncTable.objects.filter(execution_id=loud.execution_id).count() == 2
    exclude(world, "noisy")
    assert preview_removal(world.configuration.pk).tables == 2
    ask(world)
    world.work()
    assert is_forgotten(loud)
    assert tables(world) == 0


def test_rows_stay_out_of_an_own_table_since_the_layout_changed(world: World, noisy: Workflow) -> None:
    """Where it is counts, and not where it would go now."""
    loud = complete(world, noisy)
    world.work()
    layout(world, "per_workflow")
    shared = complete(world, noisy)
    world.work()
    assert set(there(world)) == {loud.execution_id, shared.execution_id}
    out(world, loud, shared)
    assert there(world) == {}


def test_what_took_too_long_is_deleted_in_a_named_transaction(world: World, noisy: Workflow) -> None:
    layout(world, "per_workflow")
    loud = [complete(world, noisy) for _ in range(2)]
    world.work()
    exclude(world, "noisy")
    ask(world)
    slow = {"code": "000630", "sqlstate": "57014", "message": "Statement reached its statement or warehouse timeout"}
    world.snowflake.server.inject("^DELETE", "error", **slow)
    world.work()
    assert {world.item(one).error_code for one in loud} == {"statement_timeout"}
    make_due()
    world.snowflake.server.reset_log()
    world.work()
    assert all(map(is_forgotten, loud))
    said = [statement.sql.split()[0] for statement in world.snowflake.statements()]
    assert said[-3:] == ["BEGIN", "DELETE", "COMMIT"]
    assert world.snowflake.statements("BEGIN NAME USS_")
    assert there(world) == {}
    assert not SyncQueueItem.objects.exclude(open_load=None).exists()
