"""sync_rules, as somebody meets it who keeps rules in a file."""

import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import SnowflakeConfiguration
from sync.management.commands import sync_rules
from sync.models import SyncRuleVersion
from sync.operations import (
    PreviewedColumn,
    PreviewedRow,
    PreviewedRows,
    RuleEffect,
    RulePreview,
    change_rules,
    rules_of,
)
from sync.operations.rules import ColumnStatistics, PreviewStatistics
from sync.rules import schema
from tests.factories import ConfigurationFactory, ExecutionFactory, WorkflowFactory
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
HASH = {"name": "Hash e-mails", "kind": "column", "action": "hash", "columns": ["email"]}
PAID = {
    "name": "Paid",
    "kind": "rows",
    "workflow": "orders",
    "where": {"column": "status", "operator": "eq", "value": "paid"},
}


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    made: SnowflakeConfiguration = ConfigurationFactory.create(name="Analytics", user__email="ada@example.com")
    return made


def put(destination: SnowflakeConfiguration, *documents: dict[str, Any]) -> None:
    change_rules(destination.pk, documents, author="ada", expected_version=None)


def said(*arguments: object) -> str:
    out = io.StringIO()
    call_command("sync_rules", *map(str, arguments), stdout=out, no_color=True)
    return out.getvalue()


def refused(*arguments: object) -> CommandError:
    with pytest.raises(CommandError) as error:
        said(*arguments)
    return error.value


def of(destination: SnowflakeConfiguration) -> tuple[str, object]:
    return "--configuration", destination.pk


def test_what_is_exported_changes_nothing_where_it_came_from(
    destination: SnowflakeConfiguration, tmp_path: Path
) -> None:
    put(destination, HASH | {"note": "For\nGDPR: ja"}, PAID | {"enabled": False})
    text = said("export", *of(destination))
    first = text.splitlines()[0]
    assert first.startswith(f"# Version 1 of the rules of destination {destination.pk}, of 20")
    assert first.endswith(" UTC by ada: Analytics of ada@example.com")
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    assert said("apply", file, *of(destination)) == "The rules are as in the file, at version 1.\n"
    assert said("apply", file, *of(destination), "--yes") == "The rules are as in the file, at version 1.\n"
    assert SyncRuleVersion.objects.count() == 1


def test_rules_as_they_were(destination: SnowflakeConfiguration) -> None:
    put(destination, HASH)
    put(destination, PAID)
    assert "Hash e-mails" in said("export", *of(destination), "--at", 1)
    assert said("export", *of(destination), "--at", 0).endswith("\n# There are none. Put them in place of [].\n[]\n")
    gone = str(refused("export", *of(destination), "--at", 3))
    assert gone == "There is no version 3 of the rules: they are at version 2."


def test_a_file_is_told_first_and_put_in_place_with_yes(destination: SnowflakeConfiguration, tmp_path: Path) -> None:
    put(destination, HASH, PAID)
    file = tmp_path / "rules.yaml"
    text = said("export", *of(destination)).replace("value: paid", "value: free").replace("Hash e-mails", "Mails")
    file.write_text(text)
    told = said("apply", file, *of(destination)).splitlines()
    assert told[0] == "- rule 1 is removed"
    assert "~ rule 2 is changed: Paid" in told
    assert "    -  where: {column: status, operator: eq, value: paid}" in told
    assert "Rules: 1 added, 1 removed, 1 changed" in told
    assert any(line.startswith("warning      Paid: is for workflows") for line in told)
    assert told[-1] == "Nothing was changed. To do it, add --yes."
    assert rules_of(destination.pk).version == 1
    assert said("apply", file, *of(destination), "--yes").splitlines()[-2] == "The rules are at version 2."
    assert [rule.name for rule in rules_of(destination.pk).rules] == ["Mails", "Paid"]
    assert SyncRuleVersion.objects.get(version=2).author.endswith("sync_rules")


def test_what_somebody_else_changed_meanwhile_is_not_lost(destination: SnowflakeConfiguration, tmp_path: Path) -> None:
    put(destination, HASH)
    file = tmp_path / "rules.yaml"
    file.write_text(said("export", *of(destination)).replace("[email]", "[email, phone]"))
    put(destination, HASH, PAID)
    for more in ([], ["--yes"]):
        error = refused("apply", file, *of(destination), *more)
        assert str(error).startswith("The file was version 1 of the rules; they are at version 2, of 20")
        assert "UTC by ada by now. Export them again" in str(error)
    assert len(rules_of(destination.pk).rules) == 2
    # The same file is for any other destination, and without its first line for this one.
    other = ConfigurationFactory.create()
    assert "The rules are at version 1." in said("apply", file, *of(other), "--yes")
    file.write_text(file.read_text().split("\n", 1)[1])
    assert "The rules are at version 3." in said("apply", file, *of(destination), "--yes")
    assert [rule.name for rule in rules_of(destination.pk).rules] == ["Hash e-mails"]


def test_no_rules_are_written_and_not_left_out(destination: SnowflakeConfiguration, tmp_path: Path) -> None:
    put(destination, HASH)
    file = tmp_path / "rules.yaml"
    file.write_text("# All are gone.\n")
    assert "to have no rules, write []" in str(refused("apply", file, *of(destination), "--yes"))
    file.write_text("[]")
    assert "Rules: 1 removed" in said("apply", file, *of(destination), "--yes")
    assert rules_of(destination.pk).rules == ()


def test_a_file_with_faults_is_refused_by_its_lines(destination: SnowflakeConfiguration, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("- name: a\n  kind: rows\n  \u202ewhere: 1\n")
    error = refused("apply", file, *of(destination))
    assert f"{file}:1: rule 1, where: is missing" in str(error)
    assert f"{file}:3: rule 1, \\u202ewhere: is not known here" in str(error)
    assert "No such file" in str(refused("check", tmp_path / "none.yaml"))


def test_check_needs_no_destination(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps([HASH]))
    assert said("check", file) == "Rules that can be read: 1\n"


def test_check_says_what_was_matched_and_exits_1_where_loads_would_fail(
    destination: SnowflakeConfiguration, tmp_path: Path
) -> None:
    ExecutionFactory.create(workflow=WorkflowFactory.create(workflow_id="orders", user=destination.user))
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps([HASH | {"columns": ["camp*"]}]))
    assert 'information  Hash e-mails: matches column "campaign"' in said("check", file, *of(destination))
    file.write_text(json.dumps([PAID]))
    with pytest.raises(SystemExit) as ended:
        said("check", file, *of(destination))
    assert ended.value.code == 1


def test_the_standard_input_is_a_file(destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps([HASH]).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert "The rules are at version 1." in said("apply", "-", *of(destination), "--yes")


def test_the_published_schema_is_the_one_that_the_code_makes() -> None:
    assert said("schema") == (ROOT / "docs" / "rules.schema.json").read_text(), "Write it anew: make schema"
    assert json.loads(said("schema")) == schema()


@pytest.mark.django_db
def test_a_destination_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("[]")
    for arguments in (["export"], ["apply", file], ["check", file], ["preview", "--execution", "x"]):
        error = refused(*arguments, "--configuration", uuid.uuid4())
        assert "There is no destination" in str(error)
        assert error.returncode == 2


@pytest.mark.django_db
def test_rules_of_a_later_version_are_said_to_be_that(destination: SnowflakeConfiguration) -> None:
    SyncRuleVersion.objects.create(configuration=destination, version=1, rules=[{"name": "a", "kind": "later"}])
    assert "cannot be read" in str(refused("export", *of(destination)))


def test_what_is_loaded_under_earlier_rules_is_counted_and_loaded_again(world: World) -> None:
    for number in range(3):
        world.complete([("email", "string"), ("n", "integer")], [["ada@example.com", number]])
    world.work()
    destination = world.configuration
    assert said("effect", *of(destination)) == (
        "The rules are at version 0. Runs loaded: 3 by version 0\nRuns loaded under earlier rules: 0\n"
    )
    put(destination, {"name": "a", "kind": "column", "action": "drop", "columns": ["email"]})
    told = said("reload", *of(destination))
    assert told.splitlines() == [
        "The rules are at version 1. Runs loaded: 3 by version 0",
        f"Campaign report ({world.workflow.workflow_id}): 3 loaded under earlier rules",
        "Runs loaded under earlier rules: 3",
        "Nothing was changed. To do it, add --yes.",
    ]
    assert told.startswith(said("effect", *of(destination)))
    assert said("reload", *of(destination), "--until", "2026-01-01").endswith("earlier rules: 0\n")
    assert "before --until" in str(
        refused("reload", *of(destination), "--since", "2026-01-02", "--until", "2026-01-01")
    )
    assert said("reload", *of(destination), "--yes", "--workflow", world.workflow.workflow_id).endswith(
        "Runs queued, to be loaded again: 3\n"
    )
    assert "3 on their way again\nRuns loaded under earlier rules: 0" in said("effect", *of(destination))


def test_a_new_key_is_made_after_it_is_said_what_that_does(destination: SnowflakeConfiguration) -> None:
    assert "hashes a column" in str(refused("rotate-key", *of(destination), "--yes"))
    put(destination, HASH)
    assert "joins with nothing that was loaded before" in said("rotate-key", *of(destination))
    assert rules_of(destination.pk).hash_key == 1
    assert said("rotate-key", *of(destination), "--yes").endswith("the rules are at version 2.\n")
    assert rules_of(destination.pk).hash_key == 2


def test_what_is_excluded_by_now_is_counted_and_taken_out(world: World) -> None:
    executions = [world.complete([("n", "integer")], [[number]]) for number in range(2)]
    world.work()
    destination = world.configuration
    assert said("remove", *of(destination)) == "The rules are at version 0. Loaded, and excluded by them: 0\n"
    put(destination, {"name": "a", "kind": "scope", "action": "exclude"})
    assert said("remove", *of(destination)).splitlines() == [
        "The rules are at version 1. Loaded, and excluded by them: 2",
        "Own tables, to be dropped: 2; rows, to be deleted from shared ones: 0",
        "Nothing was changed. To do it, add --yes.",
    ]
    assert said("remove", *of(destination), "--yes").endswith("Runs to be taken out of Snowflake by workers: 2\n")
    world.work()
    assert {world.item(execution).status for execution in executions} == {"skipped"}
    assert not world.snowflake.rows(f"SHOW TABLES LIKE 'WORKFLOW_EXECUTION%' IN {world.snowflake.database}.PUBLIC")
    assert said("remove", *of(destination)) == "The rules are at version 1. Loaded, and excluded by them: 0\n"


def test_what_was_excluded_comes_back_once_no_rule_excludes_it(world: World) -> None:
    destination = world.configuration
    put(destination, {"name": "a", "kind": "scope", "action": "exclude"})
    executions = [world.complete([("n", "integer")], [[number]]) for number in range(2)]
    world.work()
    assert said("return", *of(destination)) == "Runs that no rule excludes any more: 0\n"
    put(destination)
    assert said("return", *of(destination)).splitlines() == [
        "Runs that no rule excludes any more: 2",
        "Nothing was changed. To do it, add --yes.",
    ]
    assert said("return", *of(destination), "--yes").endswith("Runs queued: 2\n")
    world.work()
    assert [world.rows(execution) for execution in executions] == [[(0,)], [(1,)]]


def test_a_preview_is_told_in_lines(monkeypatch: pytest.MonkeyPatch, destination: SnowflakeConfiguration) -> None:
    def rows(name: str, *values: str | None) -> PreviewedRows:
        shown = tuple(PreviewedRow(number, (value,)) for number, value in enumerate(values, 1))
        return PreviewedRows((PreviewedColumn("email", name, "text", "VARCHAR"),), (0,), shown)

    made = RulePreview(
        "e",
        "orders",
        None,
        before=rows("email", "ada@example.com", None, "x" * 40),
        after=rows("EMAIL", "9c0f", None, "\x1b[2J"),
        effects=(RuleEffect("Hash", "column", "hashes 1 column"),),
        checked=300,
        statistics=PreviewStatistics(300, 100, 3, (ColumnStatistics("EMAIL", 1, 2), ColumnStatistics("AGE", 3))),
        key="made_up",
    )
    monkeypatch.setattr(sync_rules, "preview_rules", lambda *_: made)
    assert said("preview", "--execution", "e", *of(destination)).splitlines() == [
        "Hash: hashes 1 column",
        "Rows read as a load reads them: 300 of 300",
        "Rows kept: 3 of the first 100; there are 300",
        "Different hashes in EMAIL: 2; rows without a value: 1",
        "Hashes are made with a key of this preview: those in Snowflake will be others.",
        "",
        "Before",
        "   email",
        "   VARCHAR",
        "1  ada@example.com",
        "2  NULL",
        f"3  {'x' * 31}…",
        "",
        "After",
        "   EMAIL",
        "   VARCHAR",
        "1  9c0f",
        "2  NULL",
        "3  \\x1b[2J",
    ]
    # What there was no time for is not told.
    monkeypatch.setattr(sync_rules, "preview_rules", lambda *_: RulePreview("e", "orders", None, checked=10_000))
    assert said("preview", "--execution", "e", *of(destination)) == "Rows read as a load reads them: 10,000\n"
