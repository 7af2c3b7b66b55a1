"""What was loaded of somebody is erased from Snowflake, whatever PostgreSQL still has of it."""

import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.load import forget_left
from sync.management.commands.erase_syncs import FOR_ADMINISTRATOR
from sync.models import SyncActivity, SyncQueueItem, SyncTable, Workflow, WorkflowExecution
from sync.operations import ComesBackError, UnderWayError, erase_results, erasure, plan_erasure, retry_failed_sync
from sync.queue import Erased, Whose
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.load.excluded import complete, complete_again, exclude, layout, noisy, there
from tests.warehouse.test_views import follow, loaded, names, shown
from tests.world import World

__all__ = ["noisy"]
WAYS = ["per_execution", "per_workflow"]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("erase_syncs", *arguments, stdout=out)
    return out.getvalue()


def off() -> None:
    SnowflakeConfiguration.objects.update(is_active=False)


def sql(statement: str, *params: Any) -> None:
    """As the application does it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def tables(world: World) -> set[str]:
    return {row[0] for row in world.snowflake.rows("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES")}


def subject(world: World, whose: Whose, execution: WorkflowExecution) -> Erased:
    named = {"user": str(world.user.pk), "workflow": "noisy", "execution": execution.execution_id}
    return Erased(whose, named[whose])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("whose", ["user", "workflow", "execution"])
def test_it_goes_and_the_rest_stays(world: World, noisy: Workflow, whose: Whose, gone: bool, way: str) -> None:
    layout(world, way)
    kept = complete(world, world.workflow)
    one, other = complete(world, noisy), complete(world, noisy)
    world.work()
    off()
    if gone:
        # The workflow goes with its executions, as the application deletes them.
        sql("DELETE FROM workflow_executions WHERE execution_id = %s", one.execution_id)
        if whose != "execution":
            sql("DELETE FROM workflows WHERE workflow_id = 'noisy'")
    what = subject(world, whose, one)

    (place,) = erase_results(what)

    left = {"user": set(), "workflow": {kept.execution_id}, "execution": {kept.execution_id, other.execution_id}}[whose]
    assert set(there(world)) == left
    assert not place.is_left
    assert (place.tables, place.rows) == (
        (0, 2) if (whose, way) == ("execution", "per_workflow") else (place.tables, 0)
    )
    assert plan_erasure(what) == [] or (whose, way, gone) == ("execution", "per_workflow", False)
    if way == "per_execution" or whose == "user":
        assert len(tables(world)) == len(left)
    entry = SyncActivity.objects.get(action="erased")
    assert (entry.subject_id, entry.owner_id, entry.count) == (what.subject, world.user.pk, place.tables)
    if not gone:
        item = world.item(one)
        assert (item.status, item.error_code, item.table_name, item.row_count) == ("skipped", "erased", None, None)
        one.refresh_from_db()
        assert (one.snowflake_status, one.snowflake_table_name) == ("skipped", None)


def test_it_does_not_come_back_but_by_a_retry(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    erase_results(Erased("execution", one.execution_id))
    complete_again(one)
    world.work()
    off()
    complete_again(one, [["d", 4]])
    world.work()
    SnowflakeConfiguration.objects.update(is_active=True)
    world.work()
    call_command("backfill_syncs", "--force", stdout=io.StringIO())
    world.work()
    assert there(world) == {}
    assert world.item(one).error_code == "erased"
    assert retry_failed_sync(world.item(one).pk)[0]
    world.work()
    assert there(world) == {one.execution_id: 1}


@pytest.mark.parametrize("whose", ["user", "workflow"])
def test_what_would_come_back_is_refused_until_it_does_not(world: World, noisy: Workflow, whose: Whose) -> None:
    one = complete(world, noisy)
    world.work()
    with pytest.raises(ComesBackError, match="Switch it off first"):
        erase_results(subject(world, whose, one))
    assert set(there(world)) == {one.execution_id}
    if whose == "workflow":
        exclude(world, "noisy")
    else:
        off()
    erase_results(subject(world, whose, one))
    assert there(world) == {}


def test_a_load_under_way_is_waited_for(world: World, noisy: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    one = complete(world, noisy)
    world.work()
    what = Erased("execution", one.execution_id)
    SyncQueueItem.objects.update(status="processing")
    with pytest.raises(UnderWayError, match="1 run could not be ended"):
        erase_results(what, patience=0)
    assert set(there(world)) == {one.execution_id}

    def ends(_seconds: float) -> None:
        SyncQueueItem.objects.update(status="completed")

    monkeypatch.setattr("sync.operations.erasure.time.sleep", ends)
    erase_results(what)
    assert there(world) == {}


def test_what_may_land_late_is_waited_for(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    SyncQueueItem.objects.update(status="pending", open_load={"ends_by": "2999-01-01T00:00:00+00:00"})
    with pytest.raises(UnderWayError, match="under way of 1"):
        erase_results(Erased("execution", one.execution_id), patience=0)
    SyncQueueItem.objects.update(open_load={"ends_by": "2020-01-01T00:00:00+00:00"})
    erase_results(Erased("execution", one.execution_id), patience=0)
    assert there(world) == {}


def test_a_run_that_is_broken_off_is_done_by_the_next(
    world: World, noisy: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        complete(world, noisy)
    world.work()
    off()
    what, done = Erased("workflow", "noisy"), list[Any]()

    def killed(left: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(left)
        forget_left(left)

    monkeypatch.setattr(erasure, "forget_left", killed)
    with pytest.raises(KeyboardInterrupt):
        erase_results(what)
    monkeypatch.undo()
    # Two are dropped, of one nobody noted it.
    assert (len(there(world)), SyncTable.objects.count()) == (1, 2)
    (place,) = erase_results(what)
    assert (there(world), SyncTable.objects.count()) == ({}, 0)
    assert place.tables == 1
    assert not SyncQueueItem.objects.filter(table_name__isnull=False).exists()


def test_another_destinations_tables_and_a_foreign_one_stay(world: World, noisy: Workflow) -> None:
    theirs = ConfigurationFactory.create(user=UserFactory.create(), database=world.snowflake.database)
    other = complete(world, WorkflowFactory.create(user=theirs.user))
    one, two = complete(world, noisy), complete(world, noisy)
    world.work()
    two.refresh_from_db()
    table = two.snowflake_table_name
    world.snowflake.rows(f'DROP TABLE "{table}"')
    world.snowflake.rows(f"""CREATE TABLE "{table}" ("_EXECUTION_ID" TEXT) COMMENT = 'mine'""")
    off()
    (place,) = erase_results(Erased("user", str(world.user.pk)))
    assert [(left.table.name, error.code) for left, error in place.refused] == [(table, "table_not_ours")]
    assert {str(table), str(WorkflowExecution.objects.get(pk=other.pk).snowflake_table_name)} == tables(world)
    assert one.execution_id not in there(world)
    assert theirs.pk != place.id


@pytest.mark.parametrize("known_by", ["row", "workflow_id", "id"])
def test_a_named_table_and_schema_lose_its_rows_alone(world: World, noisy: Workflow, known_by: str) -> None:
    world.snowflake.rows("CREATE SCHEMA ELSEWHERE")
    named = {"snowflake_schema_name": "elsewhere", "snowflake_table_name": "everything"}
    kept, one = complete(world, world.workflow, **named), complete(world, noisy, **named)
    alone = complete(world, noisy, snowflake_schema_name="elsewhere")
    world.work()
    exclude(world, "noisy")
    assert set(there(world)) == {run.execution_id for run in (kept, one, alone)}
    if known_by != "row":
        sql("DELETE FROM workflows WHERE workflow_id = 'noisy'")
    what = Erased("workflow", str(noisy.pk) if known_by == "id" else "noisy")
    (place,) = erase_results(what)
    assert there(world) == {kept.execution_id: 2}
    assert (place.tables, place.rows) == (1, 2)
    if known_by == "row":
        one.refresh_from_db()
        assert (one.snowflake_schema_name, one.snowflake_table_name) == ("elsewhere", "everything")
    else:
        assert plan_erasure(what) == []


def test_time_travel_ends_with_an_own_table(world: World, noisy: Workflow) -> None:
    one = complete(world, noisy)
    world.work()
    world.snowflake.server.reset_log()
    erase_results(Erased("execution", one.execution_id))
    name = one.execution_id.upper().replace("-", "_")
    sent = [statement.sql.split()[0] for statement in world.snowflake.statements(name)]
    assert sent == ["SELECT", "ALTER", "DROP"]


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
    off()
    erase_results(Erased("workflow", world.workflow.workflow_id))
    assert world.snowflake.rows(views) == []
