"""Loads that may take longer than a lease, and what others do about those that were left under way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.load import fence
from sync.models import SyncAttempt, SyncQueueItem, SyncWorker, WorkflowExecution
from sync.queue import ClaimLostError, OpenLoad
from sync.results import staged_file
from sync.worker import Worker
from tests.chaos.waiting import until
from tests.worker.stopped import COLUMNS, NEW, OLD, a_stopped_worker, complete_again, make_due
from tests.world import World


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every load counts as one that may take long."""
    monkeypatch.setattr(fence, "SLOWEST", 0)


@pytest.fixture(params=["per_execution", "per_workflow"])
def layout(request: pytest.FixtureRequest, world: World) -> Iterator[str]:
    SnowflakeConfiguration.objects.update(layout=request.param)
    yield request.param
    world.snowflake.server.clear_faults()


def open_load(**other: Any) -> OpenLoad:
    facts: dict[str, Any] = {
        "transaction": "USS_1",
        "user": "SYNC of the account myorg-myaccount",
        "database": "DB",
        "schema": "PUBLIC",
        "directory": "1",
        "ends_by": timezone.now() + timedelta(hours=5),
    }
    return OpenLoad(**facts | other)


@pytest.mark.usefixtures("long")
def test_a_large_result_goes_in_a_transaction_that_others_can_find(world: World, layout: str) -> None:
    execution = world.complete(COLUMNS, OLD)
    world.work()
    complete_again(execution, NEW)
    world.work(statement=4321)
    assert world.rows(execution) == [tuple(row) for row in NEW]
    last = [statement.sql for statement in world.snowflake.statements()][-6:]
    assert [sql.split()[0] for sql in last] == ["PUT", "SELECT", "BEGIN", "DELETE", "COPY", "COMMIT"]
    name = last[2].removeprefix("BEGIN NAME USS_")
    assert f"/{name}/" in last[4].upper()
    (login,) = [login for login in world.snowflake.server.logins() if login.parameters.get("AUTOCOMMIT") == "false"][
        -1:
    ]
    assert login.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] == "4321"
    assert world.item(execution).open_load is None
    attempt = SyncAttempt.objects.latest("id")
    assert attempt.outcome == "completed"
    assert (attempt.statement_count or 0) >= 6, layout


def test_a_load_that_ran_out_of_time_gets_more_the_next_time(world: World) -> None:
    execution = world.complete(COLUMNS, OLD)
    world.snowflake.server.inject("^COPY", "error", code="000630", sqlstate="57014", message="Statement timeout.")
    world.work()
    assert world.item(execution).error_code == "statement_timeout"
    assert not world.snowflake.statements("BEGIN")
    make_due()
    world.work()
    assert len(world.snowflake.statements("BEGIN NAME")) == 1
    assert world.rows(execution) == [("a", 1)]


def test_it_gets_more_also_where_nothing_is_retried_by_itself(world: World) -> None:
    execution = world.complete(COLUMNS, OLD)
    world.snowflake.server.inject("^COPY", "error", code="000630", sqlstate="57014", message="Statement timeout.")
    world.work(max_retries=0)
    item = world.item(execution)
    assert (item.status, item.error_code) == ("failed", "statement_timeout")
    queue.change_items(queue.Change.RETRY, [item.pk])
    world.work(max_retries=0)
    assert len(world.snowflake.statements("BEGIN NAME")) == 1
    assert world.item(execution).status == "completed"


def test_of_the_next_results_nothing_is_known_yet(world: World) -> None:
    execution = world.complete(COLUMNS, OLD)
    world.snowflake.server.inject("^COPY", "error", code="000630", sqlstate="57014", message="Statement timeout.")
    world.work()
    complete_again(execution, NEW)
    make_due()
    world.work()
    assert not world.snowflake.statements("BEGIN NAME")
    assert world.item(execution).status == "completed"


@pytest.mark.usefixtures("long")
def test_of_many_first_loads_the_large_ones_go_alone(world: World) -> None:
    executions = [world.complete(COLUMNS, OLD) for _ in range(2)]
    world.work(concurrency=1)
    assert [world.rows(execution) for execution in executions] == [[("a", 1)]] * 2
    assert len(world.snowflake.statements("BEGIN NAME")) == 2


@pytest.mark.usefixtures("long")
def test_what_was_made_before_it_is_no_reason_to_wait(world: World) -> None:
    """CREATE TABLE has ended; only the COPY is under way, and that is for others to end."""
    execution = world.complete(COLUMNS, OLD)
    with a_stopped_worker(world):
        assert world.item(execution).run_after <= timezone.now()
        world.work()
        assert world.rows(execution) == [("a", 1)]


@pytest.mark.usefixtures("long")
def test_what_a_stopped_worker_left_under_way_never_lands(world: World, layout: str) -> None:
    execution = world.complete(COLUMNS, OLD)
    world.work()
    complete_again(execution, NEW)
    with a_stopped_worker(world):
        # Nobody waits for the COPY: the item is to be had at once, with what has to be ended first.
        item = world.item(execution)
        assert (item.status, item.run_after <= timezone.now()) == ("pending", True)
        assert "USS_" in str(item.open_load)
        world.work()
        assert world.rows(execution) == [tuple(row) for row in NEW]
        assert world.item(execution).open_load is None
        assert len(world.snowflake.statements("SYSTEM$ABORT_TRANSACTION")) == 1
        assert len(world.snowflake.statements("REMOVE")) == 1
    until(lambda: not any(found.in_transaction for found in world.snowflake.server.sessions()), "it was rolled back")
    assert world.rows(execution) == [tuple(row) for row in NEW], layout


def left_by_a_dead_worker(world: World, execution: WorkflowExecution, load: OpenLoad) -> None:
    """Its claim was rescued, and the load that it had begun was not seen to end."""
    queue.route(500)
    worker_id = queue.register_worker("gone", 1, 1)
    (claim,) = queue.claim(worker_id, 1, lease_seconds=360)
    assert claim.execution_id == execution.execution_id
    queue.note_open_load([claim], load)
    SyncWorker.objects.filter(pk=worker_id).update(stopped_at=timezone.now())
    assert queue.rescue(lease_seconds=360) == 1
    make_due()


@pytest.mark.parametrize("earlier", ["EARLIER of the account myorg-myaccount", "SYNC of the account earlier"])
def test_an_end_that_cannot_be_seen_is_waited_for(world: World, earlier: str) -> None:
    """User or account were changed: nobody else sees the earlier one's transactions."""
    execution = world.complete(COLUMNS, OLD)
    left_by_a_dead_worker(world, execution, open_load(user=earlier))
    retries = world.item(execution).retry_count
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code, item.retry_count) == ("pending", "load_unsettled", retries)
    assert f"USS_1 of the user {earlier}, which SYNC of the account myorg-myaccount cannot see" in str(
        item.error_message
    )
    assert "SYSTEM$ABORT_TRANSACTION" in str(item.error_remedy)
    assert not world.snowflake.statements("PUT")
    assert item.open_load

    SyncQueueItem.objects.update(open_load=item.open_load | {"ends_by": timezone.now().isoformat()})
    make_due()
    world.work()
    assert world.rows(execution) == [("a", 1)]
    assert world.item(execution).open_load is None


def test_what_refuses_to_end_is_waited_for(world: World) -> None:
    execution = world.complete(COLUMNS, OLD)
    left_by_a_dead_worker(world, execution, open_load())
    refusal = {"code": "001003", "sqlstate": "42000", "message": "No."}
    world.snowflake.server.inject("SHOW TRANSACTIONS", "error", **refusal)
    world.work()
    item = world.item(execution)
    assert (item.status, item.error_code) == ("pending", "load_unsettled")
    assert not world.snowflake.statements("PUT")
    make_due()
    world.work()
    assert world.item(execution).status == "completed"


def test_what_was_staged_in_a_place_that_is_gone_holds_up_nobody(world: World) -> None:
    execution = world.complete(COLUMNS, OLD)
    left_by_a_dead_worker(world, execution, open_load())
    gone = {"code": "002003", "sqlstate": "02000", "message": "Database 'DB' does not exist or not authorized."}
    world.snowflake.server.inject("^REMOVE", "error", times=None, **gone)
    world.work()
    assert world.rows(execution) == [("a", 1)]


def test_others_of_its_batch_do_not_wait(world: World) -> None:
    SnowflakeConfiguration.objects.update(layout="per_workflow")
    held = world.complete(COLUMNS, OLD)
    left_by_a_dead_worker(world, held, open_load(user="EARLIER"))
    others = [world.complete(COLUMNS, OLD) for _ in range(2)]
    world.work()
    assert world.item(held).status == "pending"
    assert {world.item(other).status for other in others} == {"completed"}


@pytest.mark.usefixtures("long")
def test_who_has_lost_the_claim_begins_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    execution = world.complete(COLUMNS, OLD)
    note, worker = queue.note_open_load, Worker()

    def lost_before(claims: Any, load: OpenLoad) -> None:
        SyncQueueItem.objects.update(claim_token=0)
        worker.stop()
        note(claims, load)

    monkeypatch.setattr(fence, "note_open_load", lost_before)
    assert worker.run()
    assert not world.snowflake.statements("BEGIN NAME")
    assert world.item(execution).open_load is None
    assert SyncAttempt.objects.latest("id").outcome == "refused"


def test_a_note_is_for_all_or_none(world: World) -> None:
    for _ in range(2):
        world.complete(COLUMNS, OLD)
    queue.route(500)
    worker_id = queue.register_worker("here", 1, 1)
    claims = queue.claim(worker_id, 2, lease_seconds=360)
    SyncQueueItem.objects.filter(pk=claims[0].item_id).update(claim_token=0)
    with pytest.raises(ClaimLostError):
        queue.note_open_load(claims, open_load())
    assert not SyncQueueItem.objects.filter(open_load__isnull=False).exists()
    load = open_load()
    queue.note_open_load(claims[1:], load)
    queue.forget_open_load(claims, open_load(transaction="USS_2"))
    assert SyncQueueItem.objects.filter(open_load__isnull=False).count() == 1
    queue.forget_open_load(claims, load)
    assert not SyncQueueItem.objects.filter(open_load__isnull=False).exists()


def test_a_result_larger_than_a_file_goes_in_several(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staged_file, "LARGEST", 20_000)
    execution = world.complete(COLUMNS, [[f"{number * 7919:x}", number] for number in range(40_000)])
    world.work()
    assert len(world.snowflake.statements("PUT ")) > 1
    assert len(world.snowflake.statements("COPY ")) == 1
    assert world.rows(execution, '"CLICKS"') == [(number,) for number in range(40_000)]
