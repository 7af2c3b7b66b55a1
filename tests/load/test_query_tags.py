"""What each statement of a load says that it is for, as it arrives in Snowflake."""

import json
from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration
from sync.load import fence
from sync.models import SyncAttempt, WorkflowExecution
from tests.factories import WorkflowFactory
from tests.world import World

COLUMNS = [("a", "integer")]


def tags(world: World) -> list[dict[str, Any]]:
    """Of the statements that were sent, without the first ones of a process."""
    sent = [each for each in world.snowflake.statements() if not each.sql.startswith("CREATE STAGE")]
    return [json.loads(each.tag) for each in sent if each.tag != "test"]


def token(execution: WorkflowExecution) -> int | None:
    return SyncAttempt.objects.filter(item__execution=execution).latest("id").claim_token


def test_a_load_says_which_workflow_execution_and_attempt(world: World) -> None:
    execution = world.complete(COLUMNS, [[1]])
    world.work()
    said = {"app": "universal-snowflake-sync", "workflow": world.workflow.workflow_id}
    wanted = said | {"execution": execution.execution_id, "attempt": token(execution)}
    # CREATE, PUT, COPY: a tag costs no statement.
    assert tags(world) == [wanted] * 3


def test_a_named_transaction_says_so_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fence, "SLOWEST", 0)
    execution = world.complete(COLUMNS, [[1]])
    world.work()
    sent = [*world.snowflake.statements("BEGIN"), *world.snowflake.statements("COMMIT")]
    assert [json.loads(each.tag)["execution"] for each in sent] == [execution.execution_id] * 2


@pytest.mark.parametrize("layout", ["per_execution", "per_workflow"])
def test_what_travels_together_says_how_many_there_are(world: World, layout: str) -> None:
    SnowflakeConfiguration.objects.update(layout=layout)
    executions = [world.complete(COLUMNS, [[1]]) for _ in range(2)]
    if layout == "per_execution":
        world.workflow = WorkflowFactory.create(user=world.user)
        executions.append(world.complete(COLUMNS, [[1]]))
    world.work(concurrency=1)
    of_loads = [tag for tag in tags(world) if "execution" in tag]
    (together,) = {json.dumps(tag) for tag in of_loads if tag.get("executions") == len(executions)}
    assert json.loads(together)["execution"] in {execution.execution_id for execution in executions}
    assert ("workflow" in together) == (layout == "per_workflow")
    if layout == "per_execution":
        # Each COPY is one execution's.
        alone = {tag["execution"] for tag in of_loads if "executions" not in tag}
        assert alone == {execution.execution_id for execution in executions}
