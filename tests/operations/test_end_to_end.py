"""`manage.py test_sync`: an execution made for it, the whole way to Snowflake and back, and nothing of it left."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import DestinationState
from sync import destinations, queue
from sync.errors import failure
from sync.models import SyncKnownColumn, SyncQueueItem, SyncTable, Workflow, WorkflowExecution
from sync.operations import change_rules, end_to_end
from sync.operations.sample_execution import NAME
from tests.factories import ConfigurationFactory, UserFactory
from tests.world import World


def run(*arguments: str) -> tuple[int, str]:
    printed = StringIO()
    try:
        call_command("test_sync", *arguments, stdout=printed, no_color=True)
    except SystemExit as ended:
        return int(str(ended.code)), printed.getvalue()
    return 0, printed.getvalue()


def nothing_is_left(world: World) -> None:
    assert not Workflow.objects.filter(name=NAME).exists()
    assert not WorkflowExecution.objects.filter(execution_id__startswith=NAME).exists()
    assert not SyncQueueItem.objects.filter(execution__execution_id__startswith=NAME).exists()
    assert not SyncTable.objects.exists()
    named = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'PUBLIC'"
    assert world.snowflake.rows(named) == []


@pytest.mark.parametrize("layout", ["per_execution", "per_workflow"])
def test_it_goes_the_whole_way_and_leaves_nothing(world: World, layout: str) -> None:
    world.configuration.layout = layout
    world.configuration.save()
    code, said = run()
    assert (code, said.count("✓"), said.count("✗")) == (0, 5, 0), said
    assert "2 rows were read back" in said
    nothing_is_left(world)


def test_what_was_loaded_before_stays(world: World) -> None:
    execution = world.complete([("clicks", "integer")], [[1]])
    world.work()
    assert run("--user", world.user.email)[0] == 0
    assert world.rows(execution) == [(1,)]


def test_a_value_that_a_column_of_the_application_needs_is_taken_from_another_row(world: World) -> None:
    world.complete([("clicks", "integer")], [[1]])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workflow_executions ADD COLUMN tenant int NOT NULL DEFAULT 7")
        cursor.execute("ALTER TABLE workflow_executions ALTER COLUMN tenant DROP DEFAULT")
    try:
        code, said = run()
        WorkflowExecution.objects.all().delete()
        refused, why = run()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE workflow_executions DROP COLUMN tenant")
    assert code == 0, said
    assert refused == 1
    assert "let the application run one execution" in why


def test_a_trigger_that_is_off_is_told(world: World) -> None:
    switch = "ALTER TABLE workflow_executions {} TRIGGER USER"
    with connection.cursor() as cursor:
        cursor.execute(switch.format("DISABLE"))
    try:
        code, said = run()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(switch.format("ENABLE"))
    assert code == 1
    assert "✗ the trigger did not queue it: manage.py verify_sync_install" in said
    nothing_is_left(world)


def test_a_destination_that_is_off_is_told(world: World) -> None:
    world.configuration.is_active = False
    world.configuration.save()
    with pytest.raises(CommandError, match="Nobody has an active destination"):
        run()
    code, said = run("--user", world.user.email)
    assert code == 1
    assert "Switch it on" in said or "Connect Snowflake" in said
    nothing_is_left(world)


def test_refused_credentials_are_told_with_their_cure(world: World) -> None:
    world.snowflake.server.refuse_login("390100", "Incorrect username or password was specified.")
    code, said = run()
    assert code == 1
    assert "its destination is paused" in said, said
    assert "Enter valid credentials" in said
    world.snowflake.server.clear_faults()
    assert said.count("✗") == 1
    nothing_is_left(world)


def test_why_a_destination_was_paused_before_is_told(world: World) -> None:
    destinations.pause_destination(world.configuration.pk, failure("account_suspended", "Could not log in"))
    code, said = run()
    assert code == 1
    assert "its destination is paused" in said, said
    assert "Could not log in. Its administrator settles that in Snowflake" in said
    nothing_is_left(world)


def test_a_column_that_was_renamed_is_told(world: World) -> None:
    rename = "ALTER TABLE workflow_executions RENAME COLUMN {} TO {}"
    with connection.cursor() as cursor:
        cursor.execute(rename.format("result_rows", "results"))
    try:
        code, said = run()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(rename.format("results", "result_rows"))
    assert code == 1
    assert 'column "result_rows"' in said
    assert "manage.py verify_sync_install names what is not as it was" in said


def test_a_directory_that_cannot_hold_files_is_told(world: World, settings: Settings, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    settings.SYNC_SPOOL_DIRECTORY = str(tmp_path)
    with pytest.raises(CommandError, match="chmod go-w"):
        run()
    nothing_is_left(world)


def test_a_worker_that_does_not_work_is_told(world: World) -> None:
    queue.register_worker("elsewhere", 1, 5)
    code, said = run("--patience", "1")
    assert code == 1
    assert "… " in said
    assert "not loaded within 1 second by a worker that runs; nothing is known to be wrong." in said
    assert "--patience" in said
    assert "✗" not in said
    nothing_is_left(world)


def test_a_destination_that_is_tried_again_says_why_it_was_paused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = end_to_end._items

    def routed(execution_id: str) -> list[SyncQueueItem]:
        queue.route()
        return items(execution_id)

    monkeypatch.setattr(end_to_end, "_items", routed)
    destinations.pause_destination(world.configuration.pk, failure("account_suspended", "Could not log in"))
    DestinationState.objects.update(breaker_until=timezone.now())
    queue.register_worker("elsewhere", 1, 5)
    code, said = run("--patience", "1")
    assert code == 1
    assert "✗" in said
    assert "is tried again now: Could not log in. Its administrator settles that in Snowflake" in said
    nothing_is_left(world)


def test_of_several_users_one_is_named(world: World) -> None:
    ConfigurationFactory.create(user=UserFactory.create())
    with pytest.raises(CommandError, match="Name one"):
        run()


def test_rules_may_change_it(world: World) -> None:
    rules: list[dict[str, Any]] = [
        {"name": "new", "kind": "new_columns", "policy": "hold"},
        {"name": "hash", "kind": "column", "action": "hash", "columns": ["note"]},
        {"name": "few", "kind": "rows", "where": {"column": "amount", "operator": "null", "value": False}},
    ]
    change_rules(world.configuration.pk, rules, author="test", expected_version=None)
    code, said = run()
    assert code == 0, said
    assert "its 1 row was read back" in said
    assert "as version 1 of the destination's rules makes them" in said
    assert not SyncKnownColumn.objects.exists()
    nothing_is_left(world)
