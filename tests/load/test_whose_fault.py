"""Whom an answer of Snowflake's concerns: all items of a destination, those of one table, or nobody for good."""

import errno

import pytest
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, WorkflowExecution
from sync.queue.earlier_tries import MOST_UNCOUNTED
from sync.queue.route import route
from tests.world import World

CLICKS = [("clicks", "integer")]
SUSPENDED = "Your account is suspended due to lack of payment method."
QUOTA = "Warehouse 'W' cannot be resumed because resource monitor 'R' has exceeded its quota."


def refuse(world: World, pattern: str, code: str, sqlstate: str, message: str) -> None:
    world.snowflake.server.inject(pattern, "error", code=code, sqlstate=sqlstate, message=message, times=None)


def states() -> list[tuple[str, int, str | None]]:
    return list(SyncQueueItem.objects.order_by().values_list("status", "retry_count", "error_code").distinct())


def try_again(world: World) -> None:
    """The pause is over, and the next try is due."""
    DestinationState.objects.update(breaker_until=timezone.now())
    SyncQueueItem.objects.exclude(configuration=None).update(run_after=timezone.now())
    world.work()


@pytest.mark.parametrize(
    ("pattern", "code", "sqlstate", "message", "ours"),
    [
        ("CREATE|PUT|COPY", "000666", "57014", SUSPENDED, "account_suspended"),
        ("COPY", "090073", "22000", QUOTA, "warehouse_quota"),
        ("COPY", "000606", "57P03", "Warehouse 'W' is suspended.", "warehouse_suspended"),
    ],
)
def test_what_concerns_the_account_pauses_the_destination(
    world: World, pattern: str, code: str, sqlstate: str, message: str, ours: str
) -> None:
    executions = [world.complete(CLICKS, [[n]]) for n in range(4)]
    refuse(world, pattern, code, sqlstate, message)
    for _ in range(5):
        try_again(world)
    assert {(status, retries) for status, retries, _ in states()} == {("pending", 0)}
    paused = SnowflakeConfiguration.objects.get()
    assert (paused.state.breaker_state, paused.state.breaker_code) == ("open", ours)
    assert message in str(paused.state.breaker_reason)
    world.snowflake.server.clear_faults()
    try_again(world)
    assert {world.item(execution).status for execution in executions} == {"completed"}


@pytest.mark.parametrize(
    ("code", "sqlstate", "ours"),
    [
        ("099999", "", "refused_unknown"),
        ("099999", "57014", "statement_cancelled"),
        ("099999", "55000", "snowflake_unavailable"),
        ("091003", "22000", "stage_unreadable"),
        ("000630", "57014", "statement_timeout"),
    ],
)
def test_what_passes_costs_a_retry_and_no_more(world: World, code: str, sqlstate: str, ours: str) -> None:
    execution = world.complete(CLICKS, [[1]])
    refuse(world, "COPY", code, sqlstate, "Not now.")
    world.work()
    assert states() == [("pending", 1, ours)]
    assert "It is tried again by itself." in str(world.item(execution).error_remedy)
    world.snowflake.server.clear_faults()
    try_again(world)
    assert world.rows(execution) == [(1,)]


def test_a_table_that_somebody_took_concerns_its_items_alone(world: World) -> None:
    taken = world.complete(CLICKS, [[1]], snowflake_table_name="taken")
    world.work()
    other = world.complete(CLICKS, [[2]])
    WorkflowExecution.objects.filter(pk=taken.pk).update(result_rows=[[3]])
    refuse(world, '"TAKEN"', "003001", "42501", "Insufficient privileges to operate on table 'TAKEN'")
    world.work()
    item = world.item(taken)
    assert (item.status, item.error_code) == ("failed", "table_refused")
    assert "GRANT OWNERSHIP" in str(item.error_remedy)
    assert world.rows(other) == [(2,)]
    assert SnowflakeConfiguration.objects.get().state.breaker_state == "closed"


def test_a_table_that_the_role_does_not_see_is_not_ours(world: World) -> None:
    execution = world.complete(CLICKS, [[1]])
    hidden = "Table 'T' already exists, but current role has no privileges on it."
    refuse(world, "CREATE TABLE", "003041", "42710", hidden)
    world.work()
    assert (world.item(execution).status, world.item(execution).error_code) == ("failed", "table_not_ours")


@pytest.mark.parametrize(("before", "counted"), [(MOST_UNCOUNTED - 1, 0), (MOST_UNCOUNTED, 1)])
def test_a_result_that_never_finds_room_holds_the_worker_up_so_often_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch, before: int, counted: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sync.results.staged_file.copy_rows", fail)
    execution = world.complete(CLICKS, [[1]])
    route()
    item = world.item(execution)
    SyncAttempt.objects.bulk_create(
        SyncAttempt(item=item, outcome="retry", error_code="host_trouble", generation=item.generation)
        for _ in range(before)
    )
    world.work()
    assert states() == [("pending", counted, "host_trouble")]
