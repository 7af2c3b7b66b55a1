"""Columns that no earlier result of the workflow had: let through, left out or held, as a rule says."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sync import queue
from sync.load import new_columns
from sync.models import SyncAttempt, SyncKnownColumn, SyncQueueItem, SyncRuleVersion
from sync.operations import change_rules
from sync.queue import Finish, release_held
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.load.test_first_loads import together
from tests.load.travelling import Travelling
from tests.world import World

__all__ = ["together"]

A, B, STAR = ("a", "string"), ("b", "integer"), ("count(*)", "integer")


def rules(world: World, *documents: dict[str, Any]) -> None:
    change_rules(
        world.configuration.pk,
        [{"name": f"rule {number}", **document} for number, document in enumerate(documents)],
        author="test",
        expected_version=None,
    )


def policy(word: str) -> dict[str, Any]:
    return {"kind": "new_columns", "policy": word}


def named(*columns: str, action: str = "allow") -> dict[str, Any]:
    return {"kind": "column", "action": action, "columns": list(columns)}


def known(world: World) -> set[str]:
    return set(SyncKnownColumn.objects.filter(workflow_id=world.workflow.workflow_id).values_list("key", flat=True))


def ends(world: World, *columns: tuple[str, str]) -> tuple[str, str | None]:
    """How an execution whose result has these columns ends."""
    execution = world.complete(columns, [[1 for _ in columns]])
    world.work()
    item = world.item(execution)
    return item.status, item.error_code


COMPLETED, HELD = ("completed", None), ("failed", "new_column_held")


def test_the_first_result_that_is_met_defines_what_is_known(world: World) -> None:
    rules(world, policy("hold"))
    assert [ends(world, A), ends(world, A), ends(world, A, B)] == [COMPLETED, COMPLETED, HELD]
    assert known(world) == {"a"}
    other = world.workflow = WorkflowFactory.create(user=world.user)
    assert ends(world, B) == COMPLETED
    assert SyncKnownColumn.objects.get(workflow_id=other.workflow_id).key == "b"


def test_what_is_held_says_what_and_where_and_goes_on_once_decided(world: World) -> None:
    rules(world, policy("hold"))
    assert ends(world, A) == COMPLETED
    execution = world.complete([A, B], [["x", 1]])
    before = len(world.snowflake.statements())
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code, item.retry_count) == ("failed", "new_column_held", 0)
    assert f"the workflow '{world.workflow.workflow_id}' had 'b'" in str(item.error_message)
    assert str(world.configuration) in str(item.error_remedy)
    assert len(world.snowflake.statements()) == before
    assert release_held(world.configuration.pk).number == 0

    rules(world, policy("hold"), named("b"))
    item.refresh_from_db()
    execution.refresh_from_db()
    assert (item.status, item.error_code, execution.snowflake_status) == ("pending", None, "pending")
    world.work()
    assert world.rows(execution) == [("x", 1)]
    assert known(world) == {"a", "b"}
    # It stays known, whoever takes the rule away.
    rules(world, policy("hold"))
    assert ends(world, A, B) == COMPLETED


def test_what_was_being_held_when_the_rules_changed_is_found_by_the_next_pass(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(world, policy("hold"))
    ends(world, A)
    execution = world.complete([A, B], [["x", 1]])
    finish = queue.finish

    def change_and_finish(endings: Sequence[Finish]) -> list[str | None]:
        if endings[0].error:
            rules(world, policy("hold"), named("b"))
        return finish(endings)

    monkeypatch.setattr(queue, "finish", change_and_finish)
    world.work()
    assert world.item(execution).status == "completed"
    outcomes = SyncAttempt.objects.filter(item__execution=execution).order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["failed", "completed"]


def test_what_a_rule_hashes_by_a_pattern_is_not_decided(world: World) -> None:
    rules(world, policy("hold"), named("b*", action="null"))
    assert [ends(world, A), ends(world, A, B)] == [COMPLETED, HELD]
    rules(world, policy("hold"), named("b", action="null"))
    world.work()
    assert set(SyncQueueItem.objects.values_list("status", flat=True)) == {"completed"}


def test_what_a_column_is_called_may_look_like_a_pattern(world: World) -> None:
    """As count(*) does: a rule with that text is for others, too, and only `allow` can mean this very column."""
    rules(world, policy("hold"), named("count(*)", action="null"))
    assert [ends(world, A), ends(world, A, STAR)] == [COMPLETED, HELD]
    held = SyncQueueItem.objects.get(status="failed")
    assert "allow, of one with * in its name" in str(held.error_remedy)
    rules(world, policy("hold"), named("count(*)"))
    world.work()
    held.refresh_from_db()
    assert held.status == "completed"
    assert ends(world, A, ("count(x)", "integer")) == HELD


def test_a_version_that_has_the_number_of_a_lost_one_looks_for_itself(world: World) -> None:
    """A database that is restored gives a version's number again, and may have other results before it."""
    rules(world, policy("hold"))
    assert ends(world, A) == COMPLETED
    for lost in (SyncKnownColumn, SyncRuleVersion, SyncQueueItem):
        lost.objects.all().delete()
    assert ends(world, A) == COMPLETED
    rules(world, policy("hold"))
    assert ends(world, A, B) == HELD
    assert known(world) == {"a"}


def test_new_columns_are_left_out_by_their_very_names_and_that_is_said(world: World) -> None:
    rules(world, policy("drop"))
    assert ends(world, A, ("count(x)", "integer")) == COMPLETED
    for _ in range(2):
        execution = world.complete([A, STAR, ("count(x)", "integer"), B], [["x", 1, 2, 3]])
        world.work()
        assert world.rows(execution) == [("x", 2)]
        attempt = SyncAttempt.objects.get(item__execution=execution)
        assert attempt.dropped_columns == ["count(*)", "b"]
    assert known(world) == {"a", "count(x)"}


def test_what_earlier_results_had_is_known(world: World) -> None:
    """Also of those that were loaded while the rule was switched off for a while."""
    assert [ends(world, A), ends(world, A, B)] == [COMPLETED, COMPLETED]
    rules(world, policy("hold"))
    assert [ends(world, A, B), ends(world, A, STAR)] == [COMPLETED, HELD]
    rules(world, policy("allow"))
    world.work()
    assert ends(world, A, ("c", "date"), B) == ("failed", "value_does_not_fit")
    assert ends(world, ("d", "integer")) == COMPLETED
    rules(world, policy("hold"))
    assert [ends(world, A, STAR), ends(world, ("d", "integer")), ends(world, ("c", "integer"))] == [
        COMPLETED,
        COMPLETED,
        HELD,
    ]


def test_what_was_left_out_is_not_known_by_that(world: World) -> None:
    rules(world, policy("drop"))
    assert [ends(world, A), ends(world, A, B)] == [COMPLETED, COMPLETED]
    rules(world, policy("hold"))
    assert ends(world, A, B) == HELD


def test_each_destination_asks_for_itself(world: World) -> None:
    rules(world, policy("hold"))
    ends(world, A)
    other = ConfigurationFactory.create(user=world.user, database=world.snowflake.database, schema="SECOND")
    execution = world.complete([A, B], [["x", 1]])
    world.work()
    found = dict(SyncQueueItem.objects.filter(execution=execution).values_list("configuration", "status"))
    assert found == {world.configuration.pk: "failed", other.pk: "completed"}


@pytest.mark.parametrize("columns", [None, [], "nonsense", [{"type": "string"}], [None]])
def test_what_is_no_result_teaches_nothing(world: World, columns: Any) -> None:
    rules(world, policy("hold"))
    execution = world.complete([A], [["x"]])
    type(execution).objects.update(result_columns=columns)
    world.work()
    assert world.item(execution).error_code != "new_column_held"
    assert known(world) == set()
    assert ends(world, A) == COMPLETED


def asked(captured: CaptureQueriesContext) -> list[str]:
    """Statements that read or lock what is known, but the one that asks whether rows of it are hidden."""
    return [q["sql"] for q in captured if "known_columns" in q["sql"] and "row_security_active" not in q["sql"]]


def test_nobody_asks_where_no_rule_does(together: Travelling) -> None:
    rules(together.world, named("b", action="null"))
    together.world.complete([A, B], [["x", 1]])
    with CaptureQueriesContext(connection) as captured:
        assert together.load() == ["completed"]
    assert not asked(captured)
    rules(together.world, policy("hold"))
    together.world.complete([A, B], [["x", 1]])
    with CaptureQueriesContext(connection) as captured:
        assert together.load() == ["completed"]
    assert asked(captured)


def test_of_two_first_results_one_is_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers have seen that nothing is known."""
    rules(world, policy("hold"))
    executions = [world.complete([A], [["x"]]), world.complete([B], [[1]])]
    both = threading.Barrier(2)
    earlier = new_columns._earlier

    def meet(*arguments: Any) -> frozenset[str]:
        both.wait(30)
        return earlier(*arguments)

    monkeypatch.setattr(new_columns, "_earlier", meet)
    world.work(concurrency=2, batch=1)
    assert sorted(world.item(execution).status for execution in executions) == ["completed", "failed"]
    assert len(known(world)) == 1
