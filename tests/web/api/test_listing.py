"""The lists: pages that survive inserts, filters, bounded counts, and a cost that does not grow."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sync import queue
from sync.models import SyncQueueItem, Workflow
from sync.reporting import items as listing
from tests.factories import ConfigurationFactory, QueuedFactory, WorkflowFactory
from tests.web.api.conftest import Caller, Owned, failed_at

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def pages(caller: Caller, query: str, between: Callable[[], object] = lambda: None) -> list[list[str]]:
    """The ids of all pages; `between` is done after each."""
    found: list[list[str]] = []
    cursor = ""
    while True:
        page = caller.get(f"queue?{query}{cursor}").json()
        found.append([item["id"] for item in page["items"]])
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"
        between()


def spread(owned: Owned, count: int, random: Random) -> list[str]:
    """Items in any state, some made in the same moment; their ids, the newest first."""
    states = [status for status in SyncQueueItem.Status.values if status != "pending"]
    for item in owned.more(count):
        status = random.choice([*states, "pending", "unrouted"])
        made = NOON - timedelta(minutes=random.randrange(5))
        SyncQueueItem.objects.filter(pk=item.pk).update(
            status="pending" if status == "unrouted" else status,
            configuration=None if status == "unrouted" else owned.configuration,
            created_at=made,
            run_after=made,
        )
    everything = SyncQueueItem.objects.filter(user=owned.user).order_by("-created_at", "-id")
    return [str(id_) for id_ in everything.values_list("id", flat=True)]


@pytest.mark.parametrize("whose", ["own", "staff"])
def test_pages_hold_each_item_once_whatever_is_queued_meanwhile(
    ada: Owned, bob: Owned, staff: Caller, whose: str
) -> None:
    SyncQueueItem.objects.filter(pk=bob.item.pk).update(created_at=datetime.now(UTC) + timedelta(days=1))
    expected = spread(ada, 40, Random(5))
    caller, expected = (ada.caller, expected) if whose == "own" else (staff, [str(bob.item.pk), *expected])
    later = iter(range(1000))

    def queue_more() -> None:
        ada.more(1, created_at=datetime.now(UTC) + timedelta(seconds=next(later)))

    found = pages(caller, "limit=3", queue_more)
    assert list(chain(*found)) == expected
    assert [len(page) for page in found[:-1]] == [3] * (len(found) - 1)


@pytest.mark.django_db
def test_filters(ada: Owned, bob: Owned) -> None:
    second = ConfigurationFactory.create(user=ada.user, name="second")
    there = failed_at(QueuedFactory.create(workflow=ada.workflow), second, status="completed", row_count=2)
    other_workflow = WorkflowFactory.create(user=ada.user)
    elsewhere = failed_at(QueuedFactory.create(workflow=other_workflow), ada.configuration)
    SyncQueueItem.objects.filter(pk=elsewhere.pk).update(created_at=NOON - timedelta(days=40))

    def ids(query: str) -> set[str]:
        page = ada.caller.get(f"queue?{query}").json()
        assert page["total_count"] == len(page["items"])
        assert page["total_count_is_exact"]
        return {item["id"] for item in page["items"]}

    first, second_, third = str(ada.item.pk), str(there.pk), str(elsewhere.pk)
    assert ids("") == {first, second_, third}
    assert ids("status=completed") == {second_}
    assert ids("status=skipped") == set()
    assert ids(f"destination={second.pk}") == {second_}
    assert ids(f"workflow={other_workflow.workflow_id}") == {third}
    assert ids(f"workflow={ada.workflow.pk}&status=failed") == {first}
    assert ids("since=2026-11-01") == {first, second_}
    assert ids("until=2026-11-01") == {third}
    assert ids("since=2026-10-13T12:00:00Z&until=2026-10-13T12:00:01Z") == {third}
    (item,) = ada.caller.get(f"queue?destination={second.pk}").json()["items"]
    assert (item["destination"], item["row_count"]) == ({"id": str(second.pk), "name": "second"}, 2)
    assert (item["user_email"], item["workflow_name"]) == (ada.user.email, ada.workflow.name)


@pytest.mark.django_db
def test_more_than_so_many_are_not_counted(ada: Owned, staff: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.more(4)
    monkeypatch.setattr(listing, "MOST_COUNTED", 5)
    for caller in (ada.caller, staff):
        page = caller.get("queue?limit=1").json()
        assert (page["total_count"], page["total_count_is_exact"]) == (5, True)
    ada.more(1)
    for caller in (ada.caller, staff):
        page = caller.get("queue?limit=1").json()
        assert (page["total_count"], page["total_count_is_exact"]) == (5, False)


@pytest.mark.django_db
def test_what_is_rare_is_found_page_by_page(ada: Owned, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.more(30)
    monkeypatch.setattr(listing, "LOOKED_AT", 7)
    rare = WorkflowFactory.create(user=ada.user)
    item = failed_at(QueuedFactory.create(workflow=rare), ada.configuration)
    SyncQueueItem.objects.filter(pk=item.pk).update(created_at=NOON - timedelta(days=9))
    found = pages(ada.caller, f"workflow={rare.pk}")
    assert list(chain(*found)) == [str(item.pk)]
    page = ada.caller.get(f"queue?workflow={rare.pk}").json()
    assert (page["total_count"], page["total_count_is_exact"]) == (0, False)


@pytest.mark.django_db
def test_ones_without_an_owner_are_for_staff(ada: Owned, staff: Caller) -> None:
    execution = QueuedFactory.create(workflow__user=None)
    queue.route()
    assert execution.sync_items.get().error_code == "no_owner"
    assert len(staff.get("queue").json()["items"]) == 2
    assert len(staff.get("failed").json()) == 2
    assert len(ada.caller.get("queue").json()["items"]) == 1
    assert staff.get(f"execution/{execution.execution_id}/sync-status").status_code == 200
    assert ada.caller.get(f"execution/{execution.execution_id}/sync-status").status_code == 404


@pytest.mark.django_db
def test_failed_items_say_what_to_do_the_latest_first(ada: Owned) -> None:
    (newest,) = ada.more(1, updated_at=datetime.now(UTC) + timedelta(hours=1), retry_count=2)
    first, second = ada.caller.get("failed").json()
    assert (first["id"], second["id"]) == (str(newest.pk), str(ada.item.pk))
    assert first == {
        "id": str(newest.pk),
        "execution_id": newest.execution_id,
        "user_email": ada.user.email,
        "workflow_name": ada.workflow.name,
        "error_message": "Row 3 has 'many'.",
        "error_code": "value_does_not_fit",
        "what_to_do": first["what_to_do"],
        "retry_count": 2,
        "created_at": first["created_at"],
        "updated_at": first["updated_at"],
    }
    assert "retry the run" in first["what_to_do"]
    assert len(ada.caller.get("failed?limit=1").json()) == 1


def asked(caller: Caller, path: str) -> CaptureQueriesContext:
    caller.get(path)  # the token's use is noted
    with CaptureQueriesContext(connection) as queries:
        assert caller.get(path).status_code == 200
    return queries


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["stats", "failed", "queue", "queue?status=failed", "queue?workflow={0}", "execution/{1}/sync-status"]
)
def test_the_number_of_statements_does_not_grow_and_results_stay_where_they_are(
    ada: Owned, staff: Caller, path: str
) -> None:
    path = path.format(ada.workflow.pk, ada.execution.execution_id)
    for caller in (ada.caller, staff):
        before = asked(caller, path)
        ada.more(12)
        for _ in range(3):
            failed_at_once = ConfigurationFactory.create(user=ada.user)
            SyncQueueItem.objects.create(
                execution=ada.execution, user=ada.user, configuration=failed_at_once, status="failed"
            )
        after = asked(caller, path)
        assert len(after) == len(before) < 12
        assert not any("result_rows" in query["sql"] for query in after.captured_queries)


@pytest.mark.django_db
def test_what_became_of_an_execution(ada: Owned, bob: Owned) -> None:
    second = ConfigurationFactory.create(user=ada.user, name="second")
    SyncQueueItem.objects.create(
        execution=ada.execution,
        user=ada.user,
        configuration=second,
        status="completed",
        table_name="T",
        created_at=datetime.now(UTC) + timedelta(seconds=1),
    )
    former = ConfigurationFactory.create(user=bob.user)
    SyncQueueItem.objects.create(execution=ada.execution, user=bob.user, configuration=former, status="completed")
    status: dict[str, Any] = ada.caller.get(f"execution/{ada.execution.execution_id}/sync-status").json()
    assert status["execution_status"] == "completed"
    assert {name: status[name] for name in ("workflow_name", "sync_queue_status", "sync_queue_retry_count")} == {
        "workflow_name": Workflow.objects.get(workflowexecution=ada.execution).name,
        "sync_queue_status": "failed",
        "sync_queue_retry_count": ada.item.retry_count,
    }
    assert status["sync_queue_error"] == ada.item.error_message
    assert {name for name in status if name.startswith("snowflake_")} == {
        "snowflake_enabled",
        "snowflake_status",
        "snowflake_table_name",
        "snowflake_schema_name",
        "snowflake_error_message",
        "snowflake_uploaded_at",
        "snowflake_row_count",
    }
    first, other = status["destinations"]
    assert (first["retry_helps"], other["retry_helps"]) == ("once_mended", None)
    assert (first["id"], first["status"], first["error_code"]) == (str(ada.item.pk), "failed", "value_does_not_fit")
    (attempt,) = first["attempts"]
    assert (attempt["outcome"], attempt["timings"]) == ("failed", {"extract": 1.5})
    assert (other["destination"]["name"], other["table_name"], other["attempts"]) == ("second", "T", [])


def test_what_the_first_clients_send_is_understood(ada: Owned) -> None:
    by_either = [ada.caller.get(f"queue?{name}=failed&limit=100000").json() for name in ("status", "status_filter")]
    assert by_either[0] == by_either[1]
    assert {item["status"] for item in by_either[0]["items"]} == {"failed"}
    assert ada.caller.get("queue?status=failed&status_filter=failed").status_code == 200
    contradicted = ada.caller.get("queue?status=failed&status_filter=pending")
    assert (contradicted.status_code, contradicted.json()["errors"][0]["field"]) == (400, "status_filter")
