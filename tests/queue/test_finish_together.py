"""Claims that end together: one statement, whatever the application's table, another writer or a pooler does to it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import psycopg2
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from sync import queue
from sync.errors import failure
from sync.models import SyncAttempt, SyncQueueItem, Workflow, WorkflowExecution
from sync.postgres.arrays import array
from sync.queue import Attempt, Claim, Outcome, endings
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.conftest import LEASE, end, item, read, wait_until_locked_out

ClaimSome = Callable[[int], list[Claim]]


@pytest.fixture
def claim_some(user: User, workflow: Workflow, worker_id: int, now: datetime) -> ClaimSome:
    """So many items of one destination, claimed."""

    def make(count: int) -> list[Claim]:
        ConfigurationFactory.create(user=user, last_login_at=now)
        ExecutionFactory.create_batch(count, workflow=workflow)
        queue.route(now=now)
        return queue.claim(worker_id, count, lease_seconds=LEASE, now=now)

    return make


def complete(claims: list[Claim], now: datetime) -> list[str | None]:
    """Each with a row count of its own: 1, 2, …"""
    return queue.finish(
        [
            endings.completed(claim, Outcome("S", "T", number), read(claim))
            for number, claim in enumerate(claims, start=1)
        ],
        now=now,
    )


def told(claims: list[Claim]) -> list[str | None]:
    """What their executions say, in the claims' order."""
    status = dict(WorkflowExecution.objects.values_list("execution_id", "snowflake_status"))
    return [status[claim.execution_id] for claim in claims]


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def trigger(body: str, *, when: str = "BEFORE", constraint: str = "", deferred: str = "") -> str:
    """A trigger of the application's on its own table."""
    return f"""
        CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;
        CREATE {constraint} TRIGGER theirs {when} UPDATE ON workflow_executions {deferred}
            FOR EACH ROW EXECUTE FUNCTION theirs();
    """


@pytest.mark.parametrize(
    "refusal",
    [
        "ALTER TABLE workflow_executions ADD CHECK (snowflake_row_count <> 2)",
        trigger("IF NEW.snowflake_row_count = 2 THEN RAISE 'no twos'; END IF; RETURN NEW;"),
        trigger("IF NEW.snowflake_row_count = 2 THEN RAISE 'no' USING ERRCODE = '0A000'; END IF; RETURN NEW;"),
    ],
    ids=["check", "trigger", "trigger with a code"],
)
def test_an_execution_that_refuses_does_not_keep_others_from_being_told(
    refusal: str, claim_some: ClaimSome, now: datetime
) -> None:
    claims = claim_some(3)
    run(refusal)
    assert complete(claims, now) == ["completed"] * 3
    assert told(claims) == ["completed", None, "completed"]
    assert list(SyncAttempt.objects.values_list("outcome", flat=True)) == ["completed"] * 3


@pytest.mark.django_db(transaction=True)
def test_what_the_application_refuses_at_commit_does_not_keep_an_item_from_ending(
    claim_some: ClaimSome, now: datetime
) -> None:
    claims = claim_some(3)
    body = "IF NEW.snowflake_row_count = 2 THEN RAISE 'no twos'; END IF; RETURN NULL;"
    run(trigger(body, when="AFTER", constraint="CONSTRAINT", deferred="DEFERRABLE INITIALLY DEFERRED"))
    try:
        assert complete(claims, now) == ["completed"] * 3
        assert told(claims) == ["completed", None, "completed"]
    finally:
        run("DROP FUNCTION theirs CASCADE")


def test_a_trigger_that_skips_our_write_does_not_make_it_a_lost_claim(claim_some: ClaimSome, now: datetime) -> None:
    claims = claim_some(2)
    run(trigger("IF NEW.snowflake_row_count = 2 THEN RETURN NULL; END IF; RETURN NEW;"))
    assert complete(claims, now) == ["completed"] * 2
    assert told(claims) == ["completed", None]


def test_it_is_prepared_again_where_the_session_has_forgotten_it(claim_some: ClaimSome, now: datetime) -> None:
    first, second = claim_some(2)
    assert complete([first], now) == ["completed"]
    run("DEALLOCATE ALL")
    assert complete([second], now) == ["completed"]


def test_lost_claims_among_others(claim_some: ClaimSome, worker_id: int, now: datetime) -> None:
    kept, lost, gone = claims = claim_some(3)
    end(endings.released(lost, Attempt()), now=now)
    WorkflowExecution.objects.filter(execution_id=gone.execution_id).delete()
    assert complete(claims, now) == ["completed", None, None]
    assert (item(kept).status, item(lost).status) == ("completed", "pending")
    outcomes = SyncAttempt.objects.order_by("id").values_list("item", "outcome")
    assert set(outcomes) == {
        (kept.item_id, "completed"),
        (lost.item_id, "released"),
        (lost.item_id, "refused"),
    }


@pytest.fixture
def another_connection() -> Iterator[psycopg2.extensions.connection]:
    settings = connection.get_connection_params()
    other = psycopg2.connect(**{name: settings[name] for name in settings if name != "cursor_factory"})
    yield other
    other.close()


@pytest.mark.usefixtures("patient")
@pytest.mark.django_db(transaction=True)
def test_news_that_come_while_a_claim_ends_make_it_pending_again(
    claim_some: ClaimSome, another_connection: psycopg2.extensions.connection, now: datetime
) -> None:
    (claim,) = claim_some(1)
    ended: list[str | None] = []
    run("CREATE TABLE said (status text)")
    run(trigger("INSERT INTO said VALUES (NEW.snowflake_status); RETURN NULL;", when="AFTER"))

    def end() -> None:
        try:
            ended.extend(complete([claim], now))
        finally:
            connections.close_all()

    thread = threading.Thread(target=end)
    try:
        with another_connection.cursor() as cursor:
            cursor.execute(
                "UPDATE snowflake_sync_queue SET generation = generation + 1 WHERE id = %s", [str(claim.item_id)]
            )
            thread.start()
            wait_until_locked_out(thread)
            another_connection.commit()
        thread.join()
        assert ended == ["pending"]
        assert (item(claim).status, item(claim).generation, told([claim])) == ("pending", 2, ["pending"])
        assert SyncAttempt.objects.get().outcome == "completed"
        with connection.cursor() as found:
            found.execute("SELECT status FROM said")
            assert found.fetchall() == [("pending",)]
    finally:
        run("DROP FUNCTION theirs CASCADE; DROP TABLE said")


def test_texts_arrive_as_they_are(claim_some: ClaimSome, now: datetime) -> None:
    texts = ['a "quoted" one', "back\\slash\\", "{curly}, comma", "line\nbreak\ttab", "NULL", "", "null", "grün 雪"]
    claims = claim_some(len(texts))
    queue.finish(
        [
            endings.failed(claim, failure("no_results", text), replace(read(claim), query_ids=(text, text)))
            for claim, text in zip(claims, texts, strict=True)
        ],
        now=now,
    )
    for claim, text in zip(claims, texts, strict=True):
        assert (item(claim).error_message or "").startswith(text)
        assert SyncAttempt.objects.get(item=claim.item_id).query_ids == [text, text]


def test_arrays_as_postgresql_reads_them(db: None) -> None:
    values = ["a", None, "NULL", '"', "\\", "{,}", " ", ""]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::text[], %s::bigint[], %s::boolean[]", [array(values), array([1, None]), array([True])]
        )
        assert cursor.fetchone() == (values, [1, None], [True])
    assert array([]) == "{}"


def test_a_batch_writes_each_row_once(claim_some: ClaimSome, now: datetime) -> None:
    claims = claim_some(20)
    before = SyncQueueItem.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n_tup_upd, n_tup_ins FROM pg_stat_xact_user_tables WHERE relname = 'snowflake_sync_queue'"
        )
        updates, inserts = cursor.fetchone()
        complete(claims, now)
        cursor.execute(
            "SELECT n_tup_upd, n_tup_ins FROM pg_stat_xact_user_tables WHERE relname = 'snowflake_sync_queue'"
        )
        assert cursor.fetchone() == (updates + 20, inserts)
    assert SyncQueueItem.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_what_nobody_disturbs_ends_in_one_round_trip(claim_some: ClaimSome, now: datetime) -> None:
    first, *others = claim_some(4)
    complete([first], now)
    attempts = [read(claim) for claim in others]
    with CaptureQueriesContext(connection) as queries:
        ended = queue.finish(
            [
                endings.completed(others[0], Outcome("S", "T", 1), attempts[0]),
                endings.failed(others[1], failure("no_results", "It has none"), attempts[1]),
                endings.retried(others[2], failure("session_lost", "Gone"), attempts[2], delay=5),
            ],
            now=now,
        )
    assert (ended, len(queries)) == (["completed", "failed", "pending"], 1)
    assert told(others) == ended
