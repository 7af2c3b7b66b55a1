"""What is to be taken out of Snowflake has gone already, is somebody else's, or is refused."""

import pytest

from sync.models import SyncAttempt, SyncTable, Workflow
from sync.operations import preview_removal, retry_failed_sync
from sync.queue import Change, change_items
from tests.load.excluded import ask, attempts, complete, exclude, is_forgotten, layout, noisy, out, tables, there
from tests.world import World

__all__ = ["noisy"]


@pytest.mark.parametrize(
    ("way", "gone"),
    [
        ("per_execution", "DROP TABLE {table}"),
        ("per_workflow", "DROP TABLE {table}"),
        ("per_workflow", "DELETE FROM {table}"),
    ],
)
def test_what_is_gone_already_is_out(world: World, noisy: Workflow, way: str, gone: str) -> None:
    layout(world, way)
    world.snowflake.rows("CREATE SCHEMA OTHER")
    loud = complete(world, noisy, snowflake_schema_name="other")
    world.work()
    (table,) = SyncTable.objects.all()
    world.snowflake.rows(gone.format(table=f'OTHER."{table.table_name}"'))
    out(world, loud)
    assert SyncAttempt.objects.latest("id").row_count == 0
    assert there(world) == {}
    world.configuration.state.refresh_from_db()
    assert world.configuration.state.breaker_state == "closed"


def test_what_is_gone_from_the_destinations_own_schema_is_out(world: World, noisy: Workflow) -> None:
    """Whether it is only hidden is asked by making a table of its name, which does not stay."""
    loud = complete(world, noisy)
    world.work()
    world.snowflake.rows(f'DROP TABLE "{SyncTable.objects.get().table_name}"')
    world.snowflake.server.reset_log()
    out(world, loud)
    assert [statement.sql.split()[0] for statement in world.snowflake.statements()] == ["SHOW", "CREATE", "DROP"]
    assert tables(world) == 0


_NO_RIGHT = {"code": "003001", "sqlstate": "42501", "message": "Insufficient privileges to operate on schema 'EARLIER'"}
_EXISTS = {"code": "002002", "sqlstate": "42710", "message": "SQL compilation error: Object 'T' already exists."}


@pytest.mark.parametrize(
    ("way", "hidden"),
    [
        ("per_execution", "database"),
        ("per_execution", "schema"),
        ("per_execution", "table"),
        ("per_execution", "table, and none may be made"),
        ("per_workflow", "database"),
        ("per_workflow", "schema"),
    ],
)
def test_what_a_role_cannot_see_elsewhere_is_never_called_removed(
    world: World, noisy: Workflow, way: str, hidden: str
) -> None:
    """The destination has moved, with another role: what is left behind looks as if it had gone."""
    layout(world, way)
    world.snowflake.rows("CREATE SCHEMA EARLIER")
    loud = complete(world, noisy, snowflake_schema_name="earlier")
    world.work()
    (table,) = SyncTable.objects.all()
    if hidden == "database":
        SyncTable.objects.update(database_name="NOT_SEEN")
    world.snowflake.rows(
        f'DROP TABLE EARLIER."{table.table_name}"' if hidden.startswith("table") else "DROP SCHEMA EARLIER CASCADE"
    )
    if hidden.startswith("table"):
        world.snowflake.server.inject("^CREATE TABLE", "error", **(_EXISTS if hidden == "table" else _NO_RIGHT))
    exclude(world, "noisy")
    ask(world)
    world.work()
    item = world.item(loud)
    code = "table_refused" if hidden == "table" else "target_refused"
    assert (item.status, item.error_code, item.is_to_be_removed) == ("failed", code, True)
    assert ("GRANT OWNERSHIP" if hidden == "table" else "USAGE, and CREATE TABLE") in str(item.error_remedy)
    assert attempts(loud) == ["completed", "failed"]
    assert SyncTable.objects.exists()
    assert item.table_name
    world.configuration.state.refresh_from_db()
    assert world.configuration.state.breaker_state == "closed"


def test_what_was_not_seen_elsewhere_is_out_once_it_is_seen(world: World, noisy: Workflow) -> None:
    world.snowflake.rows("CREATE SCHEMA EARLIER")
    loud = complete(world, noisy, snowflake_schema_name="earlier")
    world.work()
    world.snowflake.server.inject("^SHOW TABLES", "error", **_NO_RIGHT)
    exclude(world, "noisy")
    ask(world)
    world.work()
    assert (world.item(loud).error_code, len(there(world))) == ("target_refused", 1)
    world.snowflake.server.clear_faults()
    assert retry_failed_sync(world.item(loud).pk)[0]
    world.work()
    assert is_forgotten(loud)
    assert there(world) == {}


def test_what_has_gone_with_its_schema_is_let_go_by_skipping_it(world: World, noisy: Workflow) -> None:
    world.snowflake.rows("CREATE SCHEMA EARLIER")
    loud = complete(world, noisy, snowflake_schema_name="earlier")
    world.work()
    world.snowflake.rows("DROP SCHEMA EARLIER CASCADE")
    exclude(world, "noisy")
    ask(world)
    world.work()
    assert "skip the item" in str(world.item(loud).error_remedy)
    change_items(Change.SKIP, [world.item(loud).pk])
    assert (world.item(loud).status, world.item(loud).is_to_be_removed) == ("skipped", False)
    assert preview_removal(world.configuration.pk).executions == 0


@pytest.mark.parametrize("theirs", ["TABLE {table} (X VARCHAR)", "VIEW {table} AS SELECT 'theirs' AS X"])
def test_what_is_somebody_elses_is_said_and_left(world: World, noisy: Workflow, theirs: str) -> None:
    loud = complete(world, noisy)
    world.work()
    name = f'"{SyncTable.objects.get().table_name}"'
    world.snowflake.rows(f"DROP TABLE {name}")
    world.snowflake.rows("CREATE " + theirs.format(table=name))
    exclude(world, "noisy")
    ask(world)
    world.work()
    item = world.item(loud)
    code = "table_not_ours" if theirs.startswith("TABLE") else "table_refused"
    assert (item.status, item.error_code, item.is_to_be_removed) == ("failed", code, True)
    assert "It is left alone." in str(item.error_remedy)
    assert attempts(loud)[-1] == "failed"
    world.snowflake.rows(f"SELECT X FROM {name}")
    # Once it is out of the way, a retry ends it.
    world.snowflake.rows(f"DROP {theirs.split(maxsplit=1)[0]} {name}")
    assert retry_failed_sync(item.pk)[0]
    world.work()
    assert is_forgotten(loud)


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_a_right_that_is_missing_is_asked_for_by_a_remedy_of_its_own(world: World, noisy: Workflow, way: str) -> None:
    layout(world, way)
    loud = complete(world, noisy)
    world.work()
    refused = {"code": "003001", "sqlstate": "42501", "message": "Insufficient privileges to operate on table 'T'"}
    world.snowflake.server.inject("^(DROP|DELETE)", "error", **refused)
    exclude(world, "noisy")
    ask(world)
    world.work()
    item = world.item(loud)
    assert (item.status, item.error_code) == ("failed", "table_refused")
    assert "GRANT OWNERSHIP" in str(item.error_remedy)
    assert "take the result out by hand" in str(item.error_remedy)
    assert item.table_name
    assert there(world) == {loud.execution_id: 2}
    world.snowflake.server.clear_faults()
    retry_failed_sync(item.pk)
    world.work()
    assert is_forgotten(loud)
    assert there(world) == {}


@pytest.mark.parametrize("way", ["per_execution", "per_workflow"])
def test_what_the_register_lacks_is_known_by_its_comment_alone(world: World, noisy: Workflow, way: str) -> None:
    """A shared one would be dropped with other executions' rows: it is left alone."""
    layout(world, way)
    loud, kept = complete(world, noisy), complete(world, world.workflow)
    world.work()
    SyncTable.objects.all().delete()
    exclude(world, "noisy")
    ask(world)
    world.work()
    if way == "per_execution":
        assert is_forgotten(loud)
        assert there(world) == {kept.execution_id: 2}
    else:
        assert (world.item(loud).status, world.item(loud).error_code) == ("failed", "table_not_ours")
        assert len(there(world)) == 2
