"""The command that erases, what stands beside the results, and what only an administrator can erase."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import SnowflakeConfiguration
from sync.management.commands.erase_syncs import FOR_ADMINISTRATOR
from sync.models import SyncActivity, SyncQueueItem, SyncTable, Workflow
from sync.operations import UnderWayError, erase_results, plan_erasure
from sync.queue import Erased, end_erased
from sync.snowflake.statements import marker
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.load.excluded import complete, complete_again, layout, noisy, there
from tests.warehouse.conftest import Catalogued
from tests.warehouse.erasure import off, sql, tables
from tests.warehouse.viewing import follow, loaded, names, shown
from tests.world import World

__all__ = ["noisy"]
WAYS = ["per_execution", "per_workflow"]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("erase_syncs", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("way", WAYS)
def test_without_credentials_an_administrator_gets_the_statements(world: World, noisy: Workflow, way: str) -> None:
    layout(world, way)
    kept, one = complete(world, world.workflow), complete(world, noisy)
    world.work()
    user = str(world.user.pk)
    sql("DELETE FROM users WHERE id = %s", user)
    with pytest.raises(CommandError) as refused:
        run("--user", user, "--yes")
    assert refused.value.returncode == FOR_ADMINISTRATOR
    planned = run("--user", user)
    assert "2 tables, for an administrator of the account to remove" in planned
    (place,) = plan_erasure(Erased("user", user))
    (account, script), *_ = place.scripts.items()
    assert account == "myorg-myaccount"
    listed = world.snowflake.rows(script[0].rstrip(";"))
    assert len(listed) == 2
    assert set(there(world)) == {kept.execution_id, one.execution_id}
    for statement in script:
        world.snowflake.rows(statement.rstrip(";"))
    assert there(world) == {}
    assert world.snowflake.rows(script[0].rstrip(";")) == []
    run("--user", user, "--done")
    assert "Nothing is known to be in Snowflake." in run("--user", user, "--yes")
    entry = SyncActivity.objects.get(action="erased")
    assert (entry.count, str(entry.owner_id), entry.face) == (2, user, "command")
    assert "removed by hand" in entry.note


@pytest.mark.parametrize("way", WAYS)
def test_what_can_be_reached_is_not_noted_as_removed(world: World, noisy: Workflow, way: str) -> None:
    layout(world, way)
    one = complete(world, noisy)
    world.work()
    with pytest.raises(CommandError, match=r"left in .+\. Nothing was noted\. Run it with --yes first"):
        run("--execution", one.execution_id, "--done")
    assert (set(there(world)), SyncTable.objects.count()) == ({one.execution_id}, 1)
    run("--execution", one.execution_id, "--yes")
    assert there(world) == {}
    assert "in 0 destinations" in run("--execution", one.execution_id, "--done")
    assert SyncActivity.objects.filter(action="erased").count() == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("first", [["--yes"], []])
def test_of_another_account_is_noted_what_was_removed_there(
    world: World, noisy: Workflow, way: str, first: list[str]
) -> None:
    layout(world, way)
    one = complete(world, noisy)
    world.work()
    SyncTable.objects.update(account="other-account")
    if first:
        with pytest.raises(CommandError) as refused:
            run("--execution", one.execution_id, "--yes")
        assert refused.value.returncode == FOR_ADMINISTRATOR
        assert (there(world), SyncTable.objects.get().account) == ({}, "other-account")
    assert "in 1 destination" in run("--execution", one.execution_id, "--done")
    # What was made anew in this account has gone, too.
    assert there(world) == {}
    assert SyncTable.objects.count() == (way == "per_workflow")


def test_the_command_says_what_it_would_do_and_does_it(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    assert run("--execution", one.execution_id).splitlines() == [
        f"{world.configuration}: 1 table.",
        "Nothing was changed. To do it, add --yes.",
    ]
    with pytest.raises(CommandError, match="Switch it off first"):
        run("--user", world.user.email, "--yes")
    assert set(there(world)) == {one.execution_id}
    said = run("--execution", one.execution_id, "--yes")
    assert f"{world.configuration}: 1 table dropped." in said
    assert "Fail-safe keeps all of it for seven days more" in said
    assert there(world) == {}
    with pytest.raises(CommandError, match=re.escape("name the user's id")):
        run("--user", "nobody@example.com")


def test_what_cannot_be_reached_is_said_and_stays_registered(world: World, noisy: Workflow) -> None:
    for _ in range(2):
        complete(world, noisy)
    world.work()
    off()
    SnowflakeConfiguration.objects.update(username="", password_encrypted="not a secret")
    with pytest.raises(CommandError, match="Something is left"):
        run("--workflow", "noisy", "--yes")
    assert len(there(world)) == SyncTable.objects.count() == 2


def test_views_of_an_erased_workflow_go_and_one_of_a_run_changes(world: World) -> None:
    one, two = loaded(world), loaded(world, rows=[[2]])
    follow(world, one, two)
    views = "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA = 'PUBLIC'"
    latest, all_ = names(world)[0], names(world)[1]
    erase_results(Erased("execution", two.execution_id))
    assert shown(world, latest) == shown(world, all_) == [1]
    three = loaded(world, rows=[[3]])
    follow(world, three)
    # What could not be dropped yet is not shown again meanwhile.
    end_erased(Erased("execution", three.execution_id))
    follow(world, one, three)
    assert shown(world, all_) == [1]
    off()
    erase_results(Erased("workflow", world.workflow.workflow_id))
    assert world.snowflake.rows(views) == []


def test_what_has_not_come_to_a_destination_yet_never_does(world: World, noisy: Workflow) -> None:
    """It waits in the inbox, and one of the owner's destinations is off."""
    other = ConfigurationFactory.create(user=world.user, is_active=False)
    one = complete(world, noisy)
    assert not SyncQueueItem.objects.filter(configuration__isnull=False).exists()
    SnowflakeConfiguration.objects.filter(pk=other.pk).update(username="", password_encrypted="not a secret")
    run("--execution", one.execution_id, "--yes")
    world.work()
    SnowflakeConfiguration.objects.filter(pk=other.pk).update(is_active=True)
    call_command("backfill_syncs", "--force", stdout=io.StringIO())
    world.work()
    assert there(world) == {}
    items = SyncQueueItem.objects.values_list("configuration", "error_code")
    assert set(items) == {(world.configuration.pk, "erased"), (other.pk, "erased")}
    one.refresh_from_db()
    assert one.snowflake_status == "skipped"


_EXISTS = {"code": "002002", "sqlstate": "42710", "message": "SQL compilation error: Object 'T' already exists."}


def test_a_shared_table_that_is_hidden_is_not_erased(world: World, noisy: Workflow) -> None:
    layout(world, "per_workflow")
    one = complete(world, noisy)
    world.work()
    world.snowflake.rows(f'DROP TABLE "{SyncTable.objects.get().table_name}"')
    world.snowflake.server.inject("^CREATE TABLE", "error", **_EXISTS)
    with pytest.raises(CommandError, match="Something is left"):
        run("--execution", one.execution_id, "--yes")
    assert world.item(one).table_name
    world.snowflake.server.clear_faults()
    world.snowflake.server.reset_log()
    run("--execution", one.execution_id, "--yes")
    assert (world.item(one).table_name, tables(world)) == (None, set())
    (asked,) = (statement.sql for statement in world.snowflake.statements("CREATE TABLE"))
    # A load that begins meanwhile does not take it for its own.
    assert marker("shared", SyncTable.objects.get().table_name, world.configuration.pk) not in asked


def test_a_catalogue_that_is_hidden_is_not_erased(catalogued: Catalogued) -> None:
    (one,) = catalogued.complete(1)
    catalogued.work()
    world = catalogued.world
    (table,) = tables(world) - {SyncTable.objects.get().table_name}
    world.snowflake.rows(f'DROP TABLE "{table}"')
    world.snowflake.server.inject("^CREATE TABLE", "error", **_EXISTS)
    (place,) = erase_results(Erased("execution", one.execution_id))
    ((_, error),) = place.refused
    assert error.code == "table_refused"


def test_a_catalogue_that_was_given_up_says_nothing_of_it_either(catalogued: Catalogued) -> None:
    one, two = catalogued.complete(2)
    catalogued.work()
    sql(
        "UPDATE snowflake_sync_catalogues SET left_name = concat_ws('.', database_name, schema_name, table_name), "
        "database_name = NULL, schema_name = NULL, table_name = NULL"
    )
    (place,) = erase_results(Erased("execution", one.execution_id))
    assert (place.lines, place.unseen) == (1, "")
    assert catalogued.rows('"EXECUTION_ID"') == [(two.execution_id,)]
    sql("UPDATE snowflake_sync_catalogues SET left_name = 'NOT_SEEN.' || left_name")
    assert "a catalogue that was given up, is not seen" in run("--execution", two.execution_id, "--yes")


def test_the_catalogue_says_nothing_of_it_any_more(catalogued: Catalogued) -> None:
    world = catalogued.world
    other = WorkflowFactory.create(user=world.user, workflow_id="other")
    kept, (one, two) = complete(world, other), catalogued.complete(2)
    failed = world.complete([("A", "integer")], [["no number"]])
    catalogued.work()
    assert catalogued.row(failed) == {"STATUS": "failed"}
    (place,) = erase_results(Erased("execution", two.execution_id))
    assert (place.tables, place.lines) == (1, 1)
    complete_again(one, [[7]])
    catalogued.work()
    assert [catalogued.row(run) for run in (kept, one, two)] == [{"STATUS": "completed"}, {"STATUS": "completed"}, {}]
    off()
    sql("DELETE FROM workflows WHERE id = %s", world.workflow.pk)
    (place,) = erase_results(Erased("workflow", world.workflow.workflow_id))
    assert (place.tables, place.lines) == (1, 2)
    assert catalogued.rows('"EXECUTION_ID"') == [(kept.execution_id,)]
    assert "2 lines of the catalogue" in SyncActivity.objects.filter(action="erased").latest("id").note
    sql("UPDATE snowflake_sync_catalogues SET busy_until = now() + interval '1 hour'")
    with pytest.raises(UnderWayError, match="catalogue is being written"):
        erase_results(Erased("user", str(world.user.pk)), patience=0)
    sql("UPDATE snowflake_sync_catalogues SET busy_until = NULL")
    # A table of ours that nobody knows of.
    SyncTable.objects.all().delete()
    erase_results(Erased("user", str(world.user.pk)))
    assert tables(world) == set()
