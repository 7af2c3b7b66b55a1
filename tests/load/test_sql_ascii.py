"""A database that holds any bytes: what is no UTF-8 harms its own row alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncQueueItem, SyncRuleVersion
from sync.operations import change_rules, check_rules, preview_rules
from sync.rules import latest
from tests.conftest import Snowflake
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.installation.server import Server
from tests.world import World

EXECUTIONS = "workflow_executions"


@pytest.fixture
def ascii_world(
    server: Server,
    django_db_blocker: Any,
    monkeypatch: pytest.MonkeyPatch,
    snowflake: Snowflake,
    settings: Settings,
) -> Iterator[World]:
    settings.SNOWFLAKE_ENDPOINT = snowflake.endpoint
    with django_db_blocker.unblock(), monkeypatch.context() as patched:
        database = server.installed(encoding="SQL_ASCII")
        connection.close()
        patched.setitem(connection.settings_dict, "NAME", database.name)
        try:
            user = UserFactory.create()
            configuration = ConfigurationFactory.create(user=user, database=snowflake.database)
            yield World(snowflake, user, configuration, WorkflowFactory.create(user=user))
        finally:
            connection.close()
            server.drop(database)


def write(assignment: str, table: str, key: Any) -> None:
    """`@` stands for the byte."""
    with connection.cursor() as cursor:
        statement = f"UPDATE {table} SET {assignment} WHERE id = %s"
        cursor.cursor.execute(statement.encode().replace(b"@", b"\xe9"), [key])


@pytest.mark.parametrize("layout", SnowflakeConfiguration.Layout.values)
def test_only_its_execution_fails_with_column_and_row(ascii_world: World, layout: str) -> None:
    world = ascii_world
    SnowflakeConfiguration.objects.update(layout=layout)
    columns = [("n", "integer"), ("größe", "string")]
    made = [world.complete(columns, [{"n": n, "größe": "naïve"} for n in range(50)]) for _ in range(4)]
    odd = """result_rows = jsonb_set(result_rows, '{7,größe}', '"caf@"')"""
    write(odd, EXECUTIONS, made[1].pk)
    worker = world.work()
    assert worker.outcomes["completed"] == 3
    item = world.item(made[1])
    assert (item.status, item.error_code) == ("failed", "value_does_not_fit")
    assert "column 'größe', row 8:" in str(item.error_message)
    assert {world.item(execution).retry_count for execution in made} == {0}
    if layout == "per_execution":
        assert world.rows(made[0])[0] == (0, "naïve")


def test_rules_do_not_change_which_row_is_named(ascii_world: World) -> None:
    world = ascii_world
    rules = [
        {"name": "filter", "kind": "rows", "where": {"column": "n", "operator": "ge", "value": 5}},
        {"name": "mask", "kind": "column", "action": "mask", "columns": ["größe"], "keep": "last"},
    ]
    SyncRuleVersion.objects.create(configuration=world.configuration, version=1, rules=rules)
    made = [world.complete([("n", "integer"), ("größe", "string")], [[n, "naïve"] for n in range(50)]) for _ in "ab"]
    write("""result_rows = jsonb_set(result_rows, '{7,1}', '"a caf@"')""", EXECUTIONS, made[1].pk)
    world.work()
    assert "row 8, column 'größe', which rules change:" in str(world.item(made[1]).error_message)
    assert world.item(made[0]).status == "completed"


def test_rules_of_any_letters_are_tried(ascii_world: World) -> None:
    world = ascii_world
    drop = {"name": "größe", "kind": "column", "action": "drop", "columns": ["größe"]}
    change_rules(world.configuration.pk, [drop], author="", expected_version=None)
    made = world.complete([("n", "integer"), ("größe", "string")], [[1, "naïve"]])
    seen = preview_rules(world.configuration, made.execution_id)
    assert ([column.key for column in seen.after.columns], seen.checked) == (["n"], 1)


HASH = {"name": "hash", "kind": "column", "action": "hash", "columns": ["größe"]}
CAST = {"name": "cast", "kind": "column", "action": "cast", "columns": ["größe"], "type": "decimal"}


@pytest.mark.parametrize("rules", [[HASH], [HASH, CAST], [CAST, HASH]])
def test_what_is_no_text_is_not_hashed_but_named(ascii_world: World, rules: list[dict[str, Any]]) -> None:
    """By the load, which looks for the scale of a number first, and by a preview, a check and a draft."""
    world = ascii_world
    change_rules(world.configuration.pk, rules, author="", expected_version=None)
    made = [world.complete([("n", "integer"), ("größe", "string")], [[n, None] for n in range(50)]) for _ in "ab"]
    write("""result_rows = jsonb_set(result_rows, '{7,1}', '"hush@"')""", EXECUTIONS, made[1].pk)
    seen = preview_rules(world.configuration, made[1].execution_id)
    draft = preview_rules(world.configuration, made[1].execution_id, latest(world.configuration.pk))
    check_rules(world.configuration, latest(world.configuration.pk))
    world.work()
    item = world.item(made[1])
    assert (item.status, item.error_code) == ("failed", "value_does_not_fit")
    assert "row 8, column 'größe', which rules change: the value holds bytes" in str(item.error_message)
    assert "hush" not in str(item.error_message) + str(item.error_remedy)
    assert world.item(made[0]).status == "completed"
    for preview in (seen, draft):
        assert preview.error
        assert f"{preview.error.happened}." == item.error_message
        assert preview.after.rows == ()
        assert {effect.rule for effect in preview.effects} == {str(rule["name"]) for rule in rules}


def test_names_ids_and_columns_open_everywhere(ascii_world: World) -> None:
    world = ascii_world
    odd = [world.complete([("n", "integer")], [[1]]) for _ in range(3)]
    good = world.complete([("n", "integer")], [[1]])
    write("name = 'caf@'", "workflows", world.workflow.pk)
    write("name = 'caf@'", "users", world.user.pk)
    write("""result_columns = '[{"name": "caf@", "type": "@"}]'""", EXECUTIONS, odd[0].pk)
    write("status = 'caf@'", EXECUTIONS, odd[1].pk)
    SyncQueueItem.objects.filter(execution=odd[2]).delete()
    write("execution_id = 'caf@', status = 'running'", EXECUTIONS, odd[2].pk)
    write("status = 'completed'", EXECUTIONS, odd[2].pk)
    worker = world.work()
    assert world.item(good).status == "completed"
    assert worker.outcomes["failed"] + worker.outcomes["completed"] == 4
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) <= {"completed", "failed"}
    client = Client()
    client.force_login(User.objects.create_superuser("staff@example.com"))
    for path in ("/", "/runs", "/admin/sync/syncqueueitem/", "/admin/sync/workflowexecution/"):
        assert client.get(path).status_code == 200, path
    assert "caf\ufffd" in client.get("/admin/sync/workflow/").content.decode()
    for execution in odd:
        assert client.get(f"/admin/sync/workflowexecution/{execution.pk}/change/").status_code == 200
