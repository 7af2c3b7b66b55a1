"""What somebody does who has docs/rules.md and nothing else: its recipes, one by one; and all the way and back."""

import hashlib
import hmac
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from sync.destinations import key_of
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.operations import change_rules
from sync.rules import read_file
from tests.factories import ExecutionFactory, WorkflowFactory
from tests.management.rules_document import RECIPES
from tests.world import World

COLUMNS = [("email", "text"), ("internal_note", "text"), ("status", "text"), ("amount", "decimal(10,2)")]
ROWS = [["ada@example.com", "a friend", "paid", "10.50"], ["bob@example.com", "calls", "open", "3"]]
CHOSEN = ("Leave one noisy workflow out", "Hash e-mails, so that joins still work", "Drop a column", "Only paid rows")
TODAY = datetime.now(UTC)

Commands = Callable[..., str]


@pytest.fixture
def sync_rules(world: World) -> Commands:
    def run(part: str, *arguments: object) -> str:
        out = io.StringIO()
        destination = ("--configuration", str(world.configuration.pk))
        call_command("sync_rules", part, *map(str, arguments), *destination, stdout=out, no_color=True)
        return out.getvalue()

    return run


def complete(workflow: Workflow, number: int, days_ago: int) -> list[WorkflowExecution]:
    """So many executions, created so long ago."""
    declared = [{"name": name, "type": type_} for name, type_ in COLUMNS]
    created_at = TODAY - timedelta(days=days_ago)
    return [
        ExecutionFactory.create(workflow=workflow, result_columns=declared, result_rows=ROWS, created_at=created_at)
        for _ in range(number)
    ]


def hashed(world: World, text: str) -> str:
    """As docs/rules.md has it."""
    return hmac.new(key_of(world.configuration.pk, 1), text.encode(), hashlib.sha256).hexdigest()


def skipped_by(world: World, execution: WorkflowExecution) -> str:
    """What its item says where a rule excludes it."""
    item = world.item(execution)
    assert (item.status, item.error_code) == ("skipped", "excluded_by_rule")
    return str(item.error_message)


def table(world: World, execution: WorkflowExecution) -> list[dict[str, object]]:
    """What stands in Snowflake of it; nothing if it has no table there."""
    item = SyncQueueItem.objects.get(execution=execution)
    place = f"{world.snowflake.database}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = '{item.table_name}'"
    names = [name for (name,) in world.snowflake.rows(f"SELECT COLUMN_NAME FROM {place} ORDER BY ORDINAL_POSITION")]
    if not names:
        return []
    rows = world.snowflake.rows(
        f'SELECT * FROM {world.snowflake.database}.PUBLIC."{item.table_name}" ORDER BY _ROW_NUMBER'
    )
    own = ("_EXECUTION_ID", "_ROW_NUMBER", "_SYNCED_AT")
    return [{name: str(it) for name, it in zip(names, row, strict=True) if name not in own} for row in rows]


AS_IT_IS = [
    {"EMAIL": "ada@example.com", "INTERNAL_NOTE": "a friend", "STATUS": "paid", "AMOUNT": "10.50"},
    {"EMAIL": "bob@example.com", "INTERNAL_NOTE": "calls", "STATUS": "open", "AMOUNT": "3.00"},
]


def test_rules_are_made_applied_to_last_month_and_undone(world: World, sync_rules: Commands, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    orders = WorkflowFactory.create(workflow_id="orders", user=world.user)
    heartbeat = WorkflowFactory.create(workflow_id="heartbeat", user=world.user)
    old, last_month, noise = complete(orders, 2, 100), complete(orders, 3, 20), complete(heartbeat, 2, 20)
    world.work()
    assert all(table(world, execution) == AS_IT_IS for execution in [*old, *last_month, *noise])

    # The rules, from the recipes.
    text = sync_rules("export").replace("[]\n", "")
    file.write_text(text + "".join(recipe.text for recipe in RECIPES if recipe.title in CHOSEN))
    assert 'No notes: matches column "internal_note"' in sync_rules("check", file)
    shown = sync_rules("preview", file, "--execution", last_month[0].execution_id).splitlines()
    assert {"Rows read as a load reads them: 2 of 2", "Rows kept: 1 of 2"} <= set(shown)
    assert "Rules: 4 added" in sync_rules("apply", file)
    assert "The rules are at version 1." in sync_rules("apply", file, "--yes")

    # What completes from now on.
    (order,), (beat,) = complete(orders, 1, 0), complete(heartbeat, 1, 0)
    world.work()
    by_rules = [{"EMAIL": hashed(world, "ada@example.com"), "STATUS": "paid", "AMOUNT": "10.50"}]
    assert table(world, order) == by_rules
    assert "No heartbeats" in skipped_by(world, beat)

    # What is there already: the noise is taken out, last month is loaded again, and nothing else.
    assert "Runs to be taken out of Snowflake by workers: 2" in sync_rules("remove", "--yes")
    world.work()
    assert "Runs loaded under earlier rules: 5" in sync_rules("effect")
    month = ("--since", (TODAY - timedelta(days=30)).date())
    assert "Runs loaded under earlier rules: 3" in sync_rules("reload", *month)
    assert "Runs queued, to be loaded again: 3" in sync_rules("reload", *month, "--yes")
    world.work()
    assert "Runs loaded under earlier rules: 2" in sync_rules("effect")
    assert [table(world, execution) for execution in last_month] == [by_rules] * 3
    assert [table(world, execution) for execution in old] == [AS_IT_IS] * 2
    assert [table(world, execution) for execution in noise] == [[]] * 2

    # All of it undone.
    file.write_text(sync_rules("export", "--at", 0).split("\n", 1)[1])
    assert "Rules: 4 removed" in sync_rules("apply", file, "--yes")
    assert ": 3\n" in sync_rules("return", "--yes")
    assert "Runs queued, to be loaded again: 4" in sync_rules("reload", "--yes")
    world.work()
    everything = [*old, *last_month, *noise, order, beat]
    assert [table(world, execution) for execution in everything] == [AS_IT_IS] * len(everything)
    assert "Runs loaded under earlier rules: 0" in sync_rules("effect")
    assert ": 0\n" in sync_rules("return")


class Recipe:
    """The rules of a recipe, by its number, are in force; nothing is loaded yet."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        rules = read_file(RECIPES[number - 1].text.encode(), "rules.yaml").rules
        change_rules(world.configuration.pk, rules, author="", expected_version=None)

    def completed(self, workflow_id: str, columns: list[tuple[str, str]], *rows: list[Any], **fields: Any) -> Any:
        """An execution of the workflow that a worker has seen."""
        workflow = Workflow.objects.filter(workflow_id=workflow_id).first() or WorkflowFactory.create(
            workflow_id=workflow_id, user=self.world.user, name="Sales of Europe"
        )
        declared = [{"name": name, "type": type_} for name, type_ in columns]
        made = ExecutionFactory.create(workflow=workflow, result_columns=declared, result_rows=list(rows), **fields)
        self.world.work()
        return made


def test_recipe_1_leaves_one_workflow_out(world: World) -> None:
    recipe = Recipe(world, 1)
    assert "No heartbeats" in skipped_by(world, recipe.completed("heartbeat", [("n", "integer")], [1]))
    assert table(world, recipe.completed("heartbeats", [("n", "integer")], [1])) == [{"N": "1"}]


def test_recipe_2_lets_only_these_in(world: World) -> None:
    recipe = Recipe(world, 2)
    assert table(world, recipe.completed("sales-eu", [("n", "integer")], [1])) == [{"N": "1"}]
    assert skipped_by(world, recipe.completed("orders", [("n", "integer")], [1]))


def test_recipe_3_hashes_so_that_joins_work(world: World) -> None:
    recipe = Recipe(world, 3)
    one = recipe.completed("orders", [("email", "text")], ["ada@example.com"], [None])
    other = recipe.completed("visits", [("billing_email", "text"), ("emails", "text")], ["ada@example.com", "x"])
    ada = hashed(world, "ada@example.com")
    assert table(world, one) == [{"EMAIL": ada}, {"EMAIL": "None"}]
    assert table(world, other) == [{"BILLING_EMAIL": ada, "EMAILS": "x"}]


def test_recipe_4_drops_a_column(world: World) -> None:
    made = Recipe(world, 4).completed("orders", [("n", "integer"), ("internal_note", "text")], [1, "a friend"])
    assert table(world, made) == [{"N": "1"}]


def test_recipe_5_keeps_what_is_paid_and_says_what_it_left_out(world: World) -> None:
    recipe, columns = Recipe(world, 5), [("status", "text"), ("amount", "decimal(10,2)")]
    some = recipe.completed("orders", columns, ["paid", "10"], ["paid", "0"], ["open", "9"], ["paid", None])
    assert table(world, some) == [{"STATUS": "paid", "AMOUNT": "10.00"}]
    none = recipe.completed("orders", columns, ["open", "1"])
    assert (world.item(none).row_count, world.item(none).source_row_count) == (0, 1)
    lacking = recipe.completed("orders", [("amount", "decimal(10,2)")], ["1"])
    assert world.item(lacking).error_code == "rule_does_not_fit"
    assert table(world, recipe.completed("visits", [("n", "integer")], [1])) == [{"N": "1"}]


def test_recipe_6_leaves_out_what_is_old(world: World) -> None:
    recipe = Recipe(world, 6)
    old = recipe.completed("orders", [("n", "integer")], [1], completed_at=TODAY - timedelta(days=91))
    assert "Ninety days" in skipped_by(world, old)
    new = recipe.completed("orders", [("n", "integer")], [1], completed_at=TODAY - timedelta(days=89))
    assert table(world, new) == [{"N": "1"}]


def test_recipe_7_holds_a_new_column_until_somebody_decides(world: World, sync_rules: Commands, tmp_path: Path) -> None:
    recipe = Recipe(world, 7)
    recipe.completed("orders", [("n", "integer")], [1])
    held = recipe.completed("orders", [("n", "integer"), ("phone", "text")], [1, "030"])
    assert world.item(held).error_code == "new_column_held"
    assert "phone" in str(world.item(held).error_message)
    decision = "- {name: No phones, kind: column, action: drop, columns: [phone]}\n"
    (tmp_path / "rules.yaml").write_text(RECIPES[6].text + decision)
    assert "looked at again: 1" in sync_rules("apply", tmp_path / "rules.yaml", "--yes")
    world.work()
    assert table(world, held) == [{"N": "1"}]


def test_recipe_8_adds_the_workflow(world: World) -> None:
    made = Recipe(world, 8).completed("sales-eu", [("n", "integer")], [1])
    assert table(world, made) == [{"N": "1", "WORKFLOW": "Sales of Europe"}]


def test_recipe_9_masks_cards(world: World) -> None:
    made = Recipe(world, 9).completed("orders", [("card", "text")], ["4111111111111111"], ["411"], [None])
    assert [row["CARD"] for row in table(world, made)] == ["***1111", "***", "None"]


def test_recipe_10_reaches_into_json(world: World) -> None:
    recipe = Recipe(world, 10)
    order = {"customer": {"email": "ada@example.com", "id": 7}, "items": [{"sku": 1, "coupon": "X"}, {"sku": 2}]}
    made = recipe.completed("orders", [("order", "json")], [order], [{"customer": None}])
    expected = {"customer": {"email": hashed(world, "ada@example.com"), "id": 7}, "items": [{"sku": 1}, {"sku": 2}]}
    assert [json.loads(str(row["ORDER"])) for row in table(world, made)] == [expected, {"customer": None}]
    other = recipe.completed("orders", [("order", "json")], [{"customer": "ada@example.com"}])
    assert world.item(other).error_code == "rule_does_not_fit"
    assert "ada@example.com" not in str(world.item(other).error_message)
