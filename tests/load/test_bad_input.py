"""Bad input gets a clear error that says what to do, and nothing is lost."""

import time
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from accounts.models import DestinationState, SnowflakeConfiguration
from sync import queue
from sync.models import SyncQueueItem, SyncTable, WorkflowExecution
from tests.factories import UserFactory
from tests.world import World

CLICKS = [("clicks", "integer")]


def failed(world: World, execution: WorkflowExecution) -> SyncQueueItem:
    """Works the queue; the item, whose error the execution shows as well."""
    world.work()
    item = world.item(execution)
    execution.refresh_from_db()
    assert (item.status, execution.snowflake_status) == ("failed", "failed")
    assert execution.snowflake_error_message == f"{item.error_message} {item.error_remedy}"
    return item


@pytest.mark.parametrize(
    ("columns", "rows", "code", "said"),
    [
        (CLICKS, [[1], ["12.5"]], "value_does_not_fit", ["clicks", "row 2"]),
        ([("spend", "decimal(5,2)")], [{"spend": 1.234}], "value_does_not_fit", ["spend", "row 1"]),
        ([("day", "date")], [["2026-01-01T10:00"]], "value_does_not_fit", ["day", "row 1"]),
        ([("on", "boolean")], [["perhaps"]], "value_does_not_fit", ["on", "row 1"]),
        ([("n", "integer")], [[10**38]], "value_does_not_fit", ["n", "row 1"]),
        (CLICKS, {"clicks": 1}, "malformed_result", ["result_rows", "object"]),
        (CLICKS, [[1], {"clicks": 2}], "malformed_result", ["row 2"]),
        (CLICKS, [[1, 2]], "malformed_result", ["row 1"]),
        (CLICKS, [7], "malformed_result", ["row 1"]),
        (CLICKS, [{"clicks": 1, "Clicks": 2}], "undeclared_key", ["Clicks", "row 1"]),
    ],
)
def test_a_result_that_cannot_be_loaded(world: World, columns: Any, rows: Any, code: str, said: list[str]) -> None:
    execution = world.complete(columns, rows, result_total_rows=None)
    item = failed(world, execution)
    assert item.error_code == code
    assert all(word in (item.error_message or "") for word in said), item.error_message
    assert item.retry_count == 0
    assert world.snowflake.statements() == []
    WorkflowExecution.objects.filter(pk=execution.pk).update(
        result_columns=[{"name": "clicks", "type": "integer"}], result_rows=[[1]]
    )
    world.work()
    assert world.rows(execution) == [(1,)]


def test_a_number_of_more_digits_than_snowflake_has_says_what_may_be_declared(world: World) -> None:
    item = failed(world, world.complete([("v", "Decimal256(76)")], [["0.5"]]))
    assert "column 'v': the type 'Decimal256(76)' is declared" in str(item.error_message)
    assert str(item.error_remedy).startswith("Declare a number with fewer digits, or string")


def test_a_result_larger_than_the_rows_kept(world: World) -> None:
    item = failed(world, world.complete(CLICKS, [[1]], result_total_rows=2))
    assert item.error_code == "incomplete_result"
    assert "1 of 2" in (item.error_message or "")


def test_a_table_of_that_name_that_is_not_ours(world: World) -> None:
    execution = world.complete(CLICKS, [[1]], snowflake_table_name="precious")
    world.snowflake.rows('CREATE TABLE "PRECIOUS" ("A" VARCHAR)')
    world.snowflake.rows("INSERT INTO \"PRECIOUS\" VALUES ('theirs')")
    item = failed(world, execution)
    assert item.error_code == "table_not_ours"
    assert "PRECIOUS" in (item.error_message or "")
    assert world.snowflake.rows('SELECT * FROM "PRECIOUS"') == [("theirs",)]
    assert not SyncTable.objects.exists()


def test_an_own_table_that_somebody_else_made_first(world: World) -> None:
    execution = world.complete(CLICKS, [[1]])
    name = f"WORKFLOW_EXECUTION_{execution.created_at:%Y%m%d}_" + execution.execution_id.upper().replace("-", "_")
    world.snowflake.rows(f'CREATE TABLE "{name}" ("A" VARCHAR)')
    assert failed(world, execution).error_code == "table_not_ours"
    assert world.snowflake.rows(f'SELECT * FROM "{name}"') == []


def test_a_secret_that_no_key_opens(world: World, settings: Settings) -> None:
    execution = world.complete(CLICKS, [[1]])
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code, item.retry_count) == ("pending", "secret_unreadable", 0)
    assert "FIELD_ENCRYPTION_KEYS" in (item.error_remedy or "")
    paused = SnowflakeConfiguration.objects.get()
    assert (paused.state.breaker_state, paused.state.breaker_code) == ("open", "secret_unreadable")


def test_a_log_in_that_is_refused_pauses_the_destination(world: World) -> None:
    world.snowflake.server.refuse_login("390100", "Incorrect username or password was specified.")
    execution = world.complete(CLICKS, [[1]])
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code, item.retry_count) == ("pending", "login_refused", 0)
    assert "not-a-real-password" not in (item.error_message or "")
    world.snowflake.server.clear_faults()
    DestinationState.objects.update(breaker_until=world.configuration.created_at)
    world.work()
    assert world.rows(execution) == [(1,)]
    assert SnowflakeConfiguration.objects.get().state.breaker_state == "closed"


def test_http_500_from_snowflake_ends_in_bounded_time(world: World) -> None:
    world.snowflake.server.inject("COPY INTO", "status", status=500, times=None, sticky=True)
    execution = world.complete(CLICKS, [[1]])
    started = time.monotonic()
    world.work(lease=15.0)
    assert time.monotonic() - started < 60
    item = world.item(execution)
    assert (item.status, item.error_code) == ("pending", "snowflake_unavailable")
    # A short pause before the next try may have been over before the worker was done.
    assert item.retry_count >= 1


def test_an_unreachable_snowflake_is_tried_again_later(world: World, settings: Settings) -> None:
    settings.SNOWFLAKE_ENDPOINT = "http://127.0.0.1:9"
    execution = world.complete(CLICKS, [[1]])
    started = time.monotonic()
    world.work(lease=15.0)
    assert time.monotonic() - started < 60
    item = world.item(execution)
    # Nothing is wrong with the item: the destination pauses, for seconds at first.
    assert (item.status, item.error_code, item.retry_count) == ("pending", "snowflake_unreachable", 0)
    world.configuration.refresh_from_db()
    state = world.configuration.state
    assert (state.breaker_state, state.breaker_code) == ("open", "snowflake_unreachable")
    settings.SNOWFLAKE_ENDPOINT = world.snowflake.endpoint
    DestinationState.objects.update(breaker_until=item.created_at)
    world.work()
    assert world.rows(execution) == [(1,)]


def test_three_retries_and_then_it_has_failed(world: World) -> None:
    world.snowflake.server.inject("COPY INTO", "error", code="000625", sqlstate="57014", message="waiters", times=2)
    world.snowflake.server.inject(
        "COPY INTO", "error", code="000604", sqlstate="57014", message="SQL execution canceled", times=None
    )
    execution = world.complete(CLICKS, [[1]])
    for _ in range(6):
        world.work()
        SyncQueueItem.objects.filter(status="pending").update(run_after=execution.created_at)
    item = world.item(execution)
    # Two waits for a lock cost nothing; then come four attempts.
    outcomes = list(item.attempts.order_by("id").values_list("outcome", "error_code"))
    assert outcomes == [
        *[("retry", "lock_wait")] * 2,
        *[("retry", "statement_cancelled")] * 3,
        ("failed", "statement_cancelled"),
    ]
    assert (item.status, item.retry_count) == ("failed", 3)


def test_results_never_reach_a_former_owner(world: World) -> None:
    """The workflow was given to somebody else while an item waited for the first owner's destination."""
    execution = world.complete(CLICKS, [[1]])
    queue.route()
    world.workflow.user = UserFactory.create()
    world.workflow.save()
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code) == ("failed", "owner_changed")
    assert world.snowflake.statements() == []
