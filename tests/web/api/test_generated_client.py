"""A client that is generated from the committed schema performs the whole flow, as a stranger's would."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from accounts.models import ApiToken, SnowflakeConfiguration
from tests.world import World

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
COLUMNS = [("clicks", "integer")]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, which can be imported."""
    directory = tmp_path_factory.mktemp("client")
    programs = Path(sys.executable).parent
    command = [str(programs / "openapi-python-client"), "generate", "--path", str(COMMITTED), "--meta", "none"]
    subprocess.run(
        [*command, "--output-path", str(directory / "sync_client"), "--fail-on-warning"],
        check=True,
        env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        timeout=120,
    )
    sys.path.insert(0, str(directory))
    yield "sync_client"
    sys.path.remove(str(directory))


@pytest.fixture
def generated(package: str, world: World, live_server: object) -> Iterator["Generated"]:
    _, token = ApiToken.objects.create(world.user)
    client = importlib.import_module(f"{package}.client").AuthenticatedClient(base_url=str(live_server), token=token)
    with client:
        yield Generated(package, client)


@dataclass
class Generated:
    """The generated client, of the user of `world`."""

    package: str
    client: Any

    @property
    def models(self) -> ModuleType:
        return importlib.import_module(f"{self.package}.models")

    def ask(self, operation: str, *, tag: str = "sync", **arguments: Any) -> Any:
        """What an operation answers, parsed."""
        return importlib.import_module(f"{self.package}.api.{tag}.{operation}").sync(client=self.client, **arguments)


def make_destination(generated: Generated, world: World) -> UUID:
    """Creates it, runs what the answer says in Snowflake, and checks it."""

    def ask(name: str, **arguments: Any) -> Any:
        return generated.ask(name, tag="configurations", **arguments)

    models, database = generated.models, world.snowflake.database
    wanted = models.WantedConfigurationRequest(
        account_identifier="myorg-myaccount",
        warehouse="loading",
        database=database,
        username=database.replace("TEST", "CLIENT"),
    )
    made = ask("create_configuration", body=wanted)
    assert made.breaker.code == "key_not_registered"
    world.snowflake.rows(made.register_key.statement)
    checked = ask("check_configuration", id=str(made.id))
    assert [step.status.value for step in checked.steps] == ["ok"] * 12
    assert made.register_key.statement in ask("setup_script", id=str(made.id)).setup
    assert [one.id for one in ask("list_configurations").items] == [made.id]
    return UUID(str(made.id))


def test_the_whole_flow(generated: Generated, world: World) -> None:
    """From a destination without a secret to what became of an execution there."""
    ask, models = generated.ask, generated.models
    SnowflakeConfiguration.objects.all().delete()
    configuration = make_destination(generated, world)
    good, bad = world.complete(COLUMNS, [[1], [2]]), world.complete(COLUMNS, [["many"]])
    for execution in (good, bad):
        execution.sync_items.all().delete()

    assert ask("backfill", body=models.BackfillRequest(dry_run=True)).queued_count == 2
    assert ask("backfill", body=models.BackfillRequest()).queued_count == 2
    assert ask("stats").pending.count == 2
    world.work()

    status = ask("sync_status", execution_id=good.execution_id)
    assert (status.snowflake_status, status.snowflake_row_count) == ("completed", 2)
    (destination,) = status.destinations
    assert (destination.status, destination.row_count) == (models.ItemStatus.COMPLETED, 2)
    assert destination.destination.id == configuration
    assert [attempt.outcome for attempt in destination.attempts] == ["completed"]
    assert world.rows(good) == [(1,), (2,)]

    (failure,) = ask("failed", limit=10)
    assert (failure.execution_id, failure.error_code) == (bad.execution_id, "value_does_not_fit")
    page = ask("queue", status=models.QueueStatus.FAILED)
    assert ([item.id for item in page.items], page.next_cursor) == ([failure.id], None)
    assert ask("retry", sync_id=str(failure.id)).success
    assert ask("retry", sync_id=str(failure.id)).code == "not_retried"
    assert ask("stats").summary.total == 2
    assert ask("sync_status", execution_id="unknown").code == "not_found"


def test_rules_from_the_first_to_what_was_loaded_without_them(generated: Generated, world: World) -> None:
    models, where = generated.models, str(world.configuration.pk)

    def ask(operation: str, **arguments: Any) -> Any:
        return generated.ask(operation, tag="rules", id=where, **arguments)

    def document(**said: Any) -> Any:
        return models.RuleDocument.from_dict(said)

    execution = world.complete(COLUMNS, [[1]])
    world.work()
    assert ask("read_rules").version == 0
    rule = {"kind": "column", "name": "no clicks", "columns": ["clicks"], "action": "drop"}
    changed = ask("change_rules", body=models.WantedRulesRequest(version=0, rules=[document(**rule)]))
    assert (changed.version, changed.changed, changed.rules[0].to_dict()) == (1, True, rule)
    stale = models.WantedRulesRequest(version=0, rules=[])
    assert ask("change_rules", body=stale).code == "rules_changed"

    more = models.NewRuleRequest(rule=document(**{**rule, "name": "other", "columns": ["x"]}))
    assert [one.name for one in ask("add_rule", body=more).about] == ["no clicks", "other"]
    off = models.PatchedRuleChangeRequest(rule=document(enabled=False), position=1)
    assert [one.name for one in ask("edit_rule", name="other", body=off).about] == ["other", "no clicks"]
    assert ask("delete_rule", name="other").version == 4
    assert [one.version for one in ask("list_rule_versions").items] == [4, 3, 2, 1]
    assert ask("read_rule_version", version=2).rules[0].to_dict() == rule
    assert ask("check_rules", body=models.DraftRequest()).items
    preview = ask("preview_rules", body=models.PreviewOfRequest(execution_id=execution.execution_id))
    assert (preview.execution_id, preview.version) == (execution.execution_id, 4)

    assert (ask("rules_effect").earlier, ask("rules_effect").excluded) == (1, 0)
    counted = ask("reload_earlier", body=models.ApplicationRequest())
    assert (counted.count, counted.dry_run) == (1, True)
    confirmed = models.ApplicationRequest(
        dry_run=False, version=counted.version, as_of=counted.as_of, count=counted.count
    )
    assert ask("reload_earlier", body=confirmed).count == 1
    assert ask("rules_effect").waiting == 1
    assert ask("remove_excluded", body=models.ConfirmationRequest()).count == 0
    assert ask("return_excluded", body=models.ConfirmationRequest()).count == 0
    assert ask("rotate_hash_key", body=models.SeenVersionRequest()).code == "nothing_is_hashed"
