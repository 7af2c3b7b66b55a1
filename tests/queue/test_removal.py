"""The end of a removal: what it forgets, and what may have come to Snowflake late."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from sync import queue
from sync.errors import failure
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, WorkflowExecution
from sync.queue import Attempt, Change, Claim, Finish, Outcome, Removed, endings
from tests.queue.conftest import end, item

LOADED = {"schema_name": "PUBLIC", "table_name": "T", "row_count": 7, "result_hash": 5, "rules_version": 1}
Claiming = Callable[[], Claim]


def removed(claim: Claim, **attempt: Any) -> Finish:
    because = failure("excluded_by_rule", f"A rule excludes {claim.execution_id}")
    return endings.removed(claim, Removed(because), Attempt(**attempt))


def asked(claim: Claim) -> None:
    """It was loaded before, and is to be removed."""
    SyncQueueItem.objects.filter(pk=claim.item_id).update(is_to_be_removed=True, **LOADED)
    WorkflowExecution.objects.filter(execution_id=claim.execution_id).update(
        snowflake_status="completed", snowflake_table_name="T", snowflake_schema_name="PUBLIC", snowflake_row_count=7
    )
    SyncTable.objects.create(
        configuration_id=claim.configuration_id,
        execution_id=claim.execution_id,
        database_name="DB",
        schema_name="PUBLIC",
        table_name="T",
    )


def facts(claim: Claim) -> dict[str, Any]:
    return dict(SyncQueueItem.objects.filter(pk=claim.item_id).values(*LOADED)[0])


def is_registered(claim: Claim) -> bool:
    return SyncTable.objects.filter(execution_id=claim.execution_id).exists()


def test_it_forgets_what_said_that_it_was_loaded(claim_one: Claiming, now: datetime) -> None:
    claim = claim_one()
    asked(claim)
    assert end(removed(claim, rows=7, statements=2), now=now) == "skipped"
    assert set(facts(claim).values()) == {None}
    assert not is_registered(claim)
    found = item(claim)
    assert (found.is_to_be_removed, found.error_code) == (False, "excluded_by_rule")
    execution = found.execution
    assert (execution.snowflake_status, execution.snowflake_table_name) == ("skipped", None)
    assert "A rule excludes" in str(execution.snowflake_error_message)
    last = SyncAttempt.objects.get(item=found)
    assert (last.outcome, last.row_count, last.statement_count) == ("removed", 7, 2)


def test_a_name_of_the_applications_own_stays(claim_one: Claiming, now: datetime) -> None:
    claim = claim_one()
    asked(claim)
    WorkflowExecution.objects.update(snowflake_table_name="theirs")
    end(removed(claim), now=now)
    assert item(claim).execution.snowflake_table_name == "theirs"


def test_whoever_lost_the_claim_forgets_nothing(claim_one: Claiming, worker_id: int, now: datetime) -> None:
    """Another worker may have loaded it anew by now; and its table may have been dropped under it."""
    claim = claim_one()
    asked(claim)
    SyncQueueItem.objects.update(claim_token=claim.claim_token + 1)
    assert end(removed(claim, load_sent=True), now=now) is None
    assert facts(claim) == LOADED
    assert is_registered(claim)
    assert item(claim).generation == claim.generation + 1
    assert item(claim).execution.snowflake_table_name == "T"


def test_with_new_results_it_is_looked_at_once_more(claim_one: Claiming, now: datetime) -> None:
    claim = claim_one()
    asked(claim)
    SyncQueueItem.objects.update(generation=claim.generation + 1)
    assert end(removed(claim), now=now) == "pending"
    assert set(facts(claim).values()) == {None}
    assert item(claim).is_to_be_removed
    assert item(claim).execution.snowflake_table_name is None


@pytest.mark.parametrize("known", [True, False])
def test_what_came_late_is_to_be_removed_unless_it_is_known(claim_one: Claiming, now: datetime, known: bool) -> None:
    """A load that is refused its end has sent its rows; the rules may exclude it by now."""
    claim = claim_one()
    became = dict.fromkeys(LOADED) | (LOADED if known else {})
    SyncQueueItem.objects.update(status="skipped", error_code="excluded_by_rule", claim_token=None, **became)
    assert end(endings.completed(claim, Outcome("S", "T", 1), Attempt(load_sent=True)), now=now) is None
    found = item(claim)
    assert (found.status, found.is_to_be_removed) == ("pending", not known)


def test_a_load_is_the_end_of_what_was_asked(claim_one: Claiming, now: datetime) -> None:
    """The rule was gone by then."""
    claim = claim_one()
    asked(claim)
    assert end(endings.completed(claim, Outcome("S", "T", 1), Attempt()), now=now) == "completed"
    assert not item(claim).is_to_be_removed
    assert is_registered(claim)


@pytest.mark.parametrize("ending", ["failed", "retried", "released", "paused"])
def test_whatever_else_ends_it_leaves_it_asked_for(claim_one: Claiming, now: datetime, ending: str) -> None:
    claim = claim_one()
    asked(claim)
    ended = {
        "failed": endings.failed(claim, failure("table_refused", "No"), Attempt()),
        "retried": endings.retried(claim, failure("lock_wait", "No"), Attempt(), delay=0),
        "released": endings.released(claim, Attempt()),
        "paused": endings.paused(claim, failure("warehouse_missing", "No"), Attempt()),
    }
    end(ended[ending], now=now)
    assert item(claim).table_name == "T"
    assert item(claim).is_to_be_removed
    assert is_registered(claim)


def test_who_skips_it_by_hand_asks_no_more(claim_one: Claiming, now: datetime) -> None:
    claim = claim_one()
    asked(claim)
    assert end(endings.released(claim, Attempt()), now=now) == "pending"
    queue.change_items(Change.SKIP, [claim.item_id])
    assert (item(claim).error_code, item(claim).is_to_be_removed) == ("skipped_by_hand", False)


def test_an_application_that_refuses_its_status_keeps_no_removal_from_ending(
    claim_one: Claiming, now: datetime
) -> None:
    claim = claim_one()
    asked(claim)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workflow_executions ADD CONSTRAINT named CHECK (snowflake_table_name IS NOT NULL)")
    assert end(removed(claim), now=now) == "skipped"
    assert set(facts(claim).values()) == {None}
    assert item(claim).execution.snowflake_table_name == "T"


def test_together_each_ends_by_itself(claim_one: Claiming, now: datetime) -> None:
    """Loads and removals that travelled together."""
    loaded, out = claim_one(), claim_one()
    asked(out)
    both = [endings.completed(loaded, Outcome("S", "L", 1), Attempt()), removed(out)]
    assert queue.finish(both, now=now) == ["completed", "skipped"]
    assert (item(loaded).table_name, item(out).table_name) == ("L", None)
    assert item(loaded).execution.snowflake_table_name == "L"


@pytest.mark.parametrize(
    ("outcomes", "table", "asked_for", "expected"),
    [
        ([], None, False, False),
        (["retry"], None, False, True),
        (["rescued"], None, False, True),
        (["removed"], None, False, False),
        (["skipped"], None, False, False),
        (["removed", "refused"], None, False, True),
        (["completed"], "T", False, False),
        (["completed"], "T", True, True),
        ([], None, True, True),
    ],
)
def test_what_is_there_or_may_be_is_to_be_removed(
    claim_one: Claiming, outcomes: list[str], table: str | None, asked_for: bool, expected: bool
) -> None:
    claim = claim_one()
    SyncQueueItem.objects.update(table_name=table, is_to_be_removed=asked_for)
    for outcome in outcomes:
        SyncAttempt.objects.create(item_id=claim.item_id, outcome=outcome)
    assert bool(queue.to_remove([claim])) is expected
