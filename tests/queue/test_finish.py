"""Ends of a claim: fenced, recorded, told to the execution."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from accounts.models import SnowflakeConfiguration, User
from sync import destinations, queue
from sync.errors import failure
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.queue import Attempt, Claim, Outcome, endings
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.conftest import LEASE, end, item

ClaimOne = Callable[[], Claim]
LOADED = Outcome("PUBLIC", "A_TABLE", 2)
SENT = Attempt(rows=2, bytes=99, statements=3, query_ids=("q1", "q2"), timings={"load": 4.5}, load_sent=True)


def execution_of(claim: Claim) -> WorkflowExecution:
    return WorkflowExecution.objects.get(execution_id=claim.execution_id)


def test_complete_writes_item_attempt_and_execution(claim_one: ClaimOne, now: datetime) -> None:
    claim = claim_one()
    assert end(endings.completed(claim, LOADED, SENT), now=now) == "completed"
    done = item(claim)
    assert (done.status, done.table_name, done.row_count, done.processed_at) == ("completed", "A_TABLE", 2, now)
    assert (done.claim_token, done.worker_id, done.error_message) == (None, None, None)
    execution = execution_of(claim)
    assert execution.snowflake_status == "completed"
    assert (execution.snowflake_table_name, execution.snowflake_schema_name) == ("A_TABLE", "PUBLIC")
    assert (execution.snowflake_row_count, execution.snowflake_uploaded_at) == (2, now)
    attempt = SyncAttempt.objects.get(item=done)
    assert (attempt.outcome, attempt.row_count, attempt.byte_count, attempt.statement_count) == ("completed", 2, 99, 3)
    assert (attempt.query_ids, attempt.timings) == (["q1", "q2"], {"load": 4.5})
    assert attempt.claim_token == claim.claim_token


def test_new_results_meanwhile_make_it_pending_again(claim_one: ClaimOne, now: datetime) -> None:
    claim = claim_one()
    WorkflowExecution.objects.update(result_rows=[])
    queue.route(now=now)
    assert end(endings.completed(claim, LOADED, SENT), now=now) == "pending"
    assert execution_of(claim).snowflake_status == "pending"
    failed = queue.claim(item(claim).worker_id or _worker(now), 1, lease_seconds=LEASE, now=now)[0]
    WorkflowExecution.objects.update(result_rows=[[1]])
    queue.route(now=now)
    assert end(endings.failed(failed, failure("no_results", "It has none"), Attempt()), now=now) == "pending"


def test_retries_are_counted_and_then_it_has_failed(claim_one: ClaimOne, worker_id: int, now: datetime) -> None:
    claim, error = claim_one(), failure("session_lost", "Gone")
    for retry in range(1, 4):
        assert end(endings.retried(claim, error, Attempt(), delay=5), now=now) == "pending"
        waiting = item(claim)
        assert (waiting.retry_count, waiting.error_remedy) == (retry, error.meanwhile)
        assert queue.claim(worker_id, 1, lease_seconds=LEASE, now=now + timedelta(seconds=4)) == []
        now += timedelta(seconds=5)
        (claim,) = queue.claim(worker_id, 1, lease_seconds=LEASE, now=now)
    assert end(endings.retried(claim, error, Attempt(), delay=5), now=now) == "failed"
    ended = item(claim)
    assert (ended.retry_count, ended.error_code, ended.processed_at) == (3, "session_lost", now)
    assert (ended.error_message, ended.error_remedy) == ("Gone.", error.remedy)
    execution = execution_of(claim)
    assert (execution.snowflake_status, execution.snowflake_error_message) == ("failed", f"Gone. {error.remedy}")
    outcomes = SyncAttempt.objects.filter(item=ended).values_list("outcome", "error_message", "error_remedy")
    assert list(outcomes) == [("retry", "Gone.", error.meanwhile)] * 3 + [("failed", "Gone.", error.remedy)]


def test_waiting_for_others_costs_no_retry(claim_one: ClaimOne, now: datetime) -> None:
    claim = claim_one()
    error = failure("lock_wait", "Others hold it")
    assert end(endings.retried(claim, error, Attempt(), delay=1, counts=False), now=now) == "pending"
    assert item(claim).retry_count == 0


def test_release_costs_nothing(claim_one: ClaimOne, worker_id: int, now: datetime) -> None:
    claim = claim_one()
    assert end(endings.released(claim, Attempt()), now=now) == "pending"
    assert item(claim).retry_count == 0
    (again,) = queue.claim(worker_id, 1, lease_seconds=LEASE, now=now)
    assert again.claim_token > claim.claim_token


def test_a_lost_claim_changes_nothing(claim_one: ClaimOne, worker_id: int, now: datetime) -> None:
    stale = claim_one()
    end(endings.released(stale, Attempt()), now=now)
    (current,) = queue.claim(worker_id, 1, lease_seconds=LEASE, now=now)
    assert end(endings.failed(stale, failure("no_results", "x"), Attempt()), now=now) is None
    assert item(stale).claim_token == current.claim_token
    assert SyncAttempt.objects.filter(outcome="refused").count() == 1


def test_a_late_load_is_repeated(claim_one: ClaimOne, worker_id: int, now: datetime) -> None:
    stale = claim_one()
    later = now + timedelta(seconds=LEASE)
    assert queue.rescue(lease_seconds=LEASE, now=later) == 1
    other = queue.register_worker("other", 2, 1, now=later + timedelta(seconds=30))
    (claim,) = queue.claim(other, 1, lease_seconds=LEASE, now=later + timedelta(seconds=30))
    assert end(endings.completed(claim, LOADED, SENT), now=later) == "completed"
    assert end(endings.completed(stale, LOADED, SENT), now=later) is None
    repeated = item(claim)
    assert (repeated.status, repeated.generation) == ("pending", 2)


def test_a_late_load_is_repeated_while_another_is_at_it(claim_one: ClaimOne, now: datetime) -> None:
    stale = claim_one()
    later = now + timedelta(seconds=LEASE + 30)
    queue.rescue(lease_seconds=LEASE, now=now + timedelta(seconds=LEASE))
    other = queue.register_worker("other", 2, 1, now=later)
    (claim,) = queue.claim(other, 1, lease_seconds=LEASE, now=later)
    assert end(endings.completed(stale, LOADED, SENT), now=later) is None
    assert item(claim).status == "processing"
    assert end(endings.completed(claim, LOADED, SENT), now=later) == "pending"


def test_a_finish_whose_answer_was_lost_may_be_sent_again(claim_one: ClaimOne, now: datetime) -> None:
    claim = claim_one()
    assert end(endings.completed(claim, LOADED, SENT), now=now) == "completed"
    assert end(endings.completed(claim, LOADED, SENT), now=now) == "completed"
    assert (item(claim).generation, SyncAttempt.objects.count()) == (1, 1)


def test_a_dead_workers_items_are_rescued_and_it_counts(claim_one: ClaimOne, now: datetime) -> None:
    claim = claim_one()
    assert queue.rescue(lease_seconds=LEASE, now=now + timedelta(seconds=LEASE - 1)) == 0
    assert queue.rescue(lease_seconds=LEASE, now=now + timedelta(seconds=LEASE)) == 1
    rescued = item(claim)
    assert (rescued.status, rescued.retry_count, rescued.error_code) == ("pending", 1, "worker_died")
    SyncQueueItem.objects.update(status="processing", retry_count=3, worker_id=claim.claim_token)
    SyncQueueItem.objects.update(updated_at=now - timedelta(days=1), worker_id=None, claim_token=None)
    assert queue.rescue(lease_seconds=LEASE, now=now) == 1
    assert item(claim).status == "failed"


def test_what_a_signed_off_worker_holds_is_rescued_at_once(claim_one: ClaimOne, worker_id: int, now: datetime) -> None:
    claim_one()
    queue.sign_off(worker_id, now=now)
    assert queue.rescue(lease_seconds=LEASE, now=now) == 1


def test_the_execution_tells_of_all_destinations(user: User, workflow: Workflow, worker_id: int, now: datetime) -> None:
    oldest, other = ConfigurationFactory.create_batch(2, user=user)
    execution = ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    claims = {claim.configuration_id: claim for claim in queue.claim(worker_id, 2, lease_seconds=LEASE, now=now)}
    end(endings.completed(claims[other.pk], Outcome("OTHER", "T2", 2), SENT), now=now)
    execution.refresh_from_db()
    assert (execution.snowflake_status, execution.snowflake_table_name) == ("pending", "T2")
    end(endings.completed(claims[oldest.pk], Outcome("OLDEST", "T1", 2), SENT), now=now)
    execution.refresh_from_db()
    assert (execution.snowflake_status, execution.snowflake_schema_name) == ("completed", "OLDEST")
    SyncQueueItem.objects.filter(configuration=other).update(status="failed", error_message="No")
    queue.enqueue([execution.execution_id], now=now)
    queue.route(now=now)
    (again, _) = queue.claim(worker_id, 2, lease_seconds=LEASE, now=now)
    end(endings.failed(again, failure("no_results", "No"), Attempt()), now=now)
    execution.refresh_from_db()
    assert execution.snowflake_status == "failed"


def test_finishing_an_execution_that_is_gone_is_refused(claim_one: ClaimOne, now: datetime) -> None:
    claim = claim_one()
    WorkflowExecution.objects.all().delete()
    assert end(endings.completed(claim, LOADED, SENT), now=now) is None


def test_a_failing_destination_pauses_longer_each_time(claim_one: ClaimOne, now: datetime) -> None:
    claim, error = claim_one(), failure("warehouse_missing", "There is no warehouse")
    destinations.pause_destination(claim.configuration_id, error, now=now)
    destinations.pause_destination(claim.configuration_id, error, now=now)
    destination = SnowflakeConfiguration.objects.get()
    assert (destination.state.breaker_state, destination.state.breaker_failures) == ("open", 1)
    assert destination.state.breaker_until == now + timedelta(seconds=60)
    destinations.pause_destination(claim.configuration_id, error, now=destination.state.breaker_until)
    destination.refresh_from_db()
    assert destination.state.breaker_until == now + timedelta(seconds=180)


def _worker(now: datetime) -> int:
    return queue.register_worker("another", 3, 1, now=now)


def test_what_a_living_worker_does_not_hold_is_rescued(claim_one: ClaimOne, worker_id: int, now: datetime) -> None:
    claim = claim_one()
    later = now + timedelta(seconds=31)

    def rescued(held: list[int], at: datetime) -> int:
        return queue.rescue(lease_seconds=LEASE, worker_id=worker_id, held=held, now=at)

    assert rescued([claim.claim_token], later) == 0
    assert rescued([], now) == 0
    assert rescued([], later) == 1


def test_any_error_message_can_be_stored(claim_one: ClaimOne, now: datetime) -> None:
    claim = claim_one()
    error = failure("unexpected", "nul \0 and surrogate \ud800 and 100 %s")
    assert end(endings.failed(claim, error, Attempt()), now=now) == "failed"
    assert "100 %s" in (item(claim).error_message or "")


def test_an_application_that_refuses_our_columns_does_not_keep_an_item_from_ending(
    claim_one: ClaimOne, now: datetime
) -> None:
    claim = claim_one()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workflow_executions ADD CHECK (snowflake_status <> 'completed')")
    assert end(endings.completed(claim, LOADED, SENT), now=now) == "completed"
    assert execution_of(claim).snowflake_status is None


def test_an_attempt_goes_by_postgresqls_clock_alone(claim_one: ClaimOne, now: datetime) -> None:
    """A worker's may be minutes ahead: its loads would have ended before they began."""
    claim = claim_one()
    end(
        endings.completed(claim, LOADED, Attempt(started_at=now + timedelta(minutes=5))), now=now + timedelta(seconds=2)
    )
    assert SyncAttempt.objects.get().started_at == now
