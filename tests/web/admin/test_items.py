"""The queue's list and an item's page: what they show, find, and cost."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncAttempt, SyncQueueItem
from sync.queue import ItemFilter
from sync.web.admin import bounded, item_list
from tests.factories import ConfigurationFactory, UserFactory, WorkflowFactory
from tests.queue.past import add, past
from tests.web.admin.conftest import VIEW, Make, client_of, operator

LIST = "/admin/sync/syncqueueitem/"
QUERY_ID = "01b7a2c4-0000-003b-0000-000000000001"


def listed(client: Client, address: str = LIST) -> set[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return {item.execution_id for item in answer.context["cl"].result_list}


def test_a_line_says_what_an_operator_wants_to_know(staff: Client, make: Make) -> None:
    item = make(status="failed", error_code="table_not_ours", retry_count=1)
    old = timezone.now() - timedelta(minutes=3, seconds=10)
    SyncQueueItem.objects.filter(pk=item.pk).update(created_at=old)
    page = staff.get(LIST).content.decode()
    assert ">failed</span>" in page
    assert 'title="A table of that name exists in Snowflake and was not made by this sync; it is left alone."' in page
    for said in ("3 min", "1 of 3", "ann@example.com", "Warehouse of Ann", "Campaigns", item.execution_id):
        assert said in page, said


@pytest.mark.parametrize(
    "asked",
    [
        "status=failed",
        "error_code=no_results",
        "user=ann@example.com",
        "user=ANN@example.com",
        "destination=warehouse of ann",
        "workflow=wf-1",
        "q=wanted-1",
        "q=wante",
        "q=ann@",
        "q=campaig",
        "since=2026-01-01&until=2026-02-01",
        "since=2026-01-10T12:00:00%2B00:00&status=failed&q=ann@example.com",
    ],
)
def test_filters_and_search_find_it_and_nothing_else(staff: Client, make: Make, asked: str) -> None:
    wanted = make(execution_id="wanted-1", status="failed", error_code="no_results")
    SyncQueueItem.objects.filter(pk=wanted.pk).update(updated_at="2026-01-10T12:00:00Z")
    stranger = ConfigurationFactory.create(name="Another", user=UserFactory.create(email="bob@example.org"))
    other = past(WorkflowFactory.create(user=stranger.user, name="Others", workflow_id="wf-2"), execution_id="other-1")
    add(other, stranger, status="completed")
    assert listed(staff, f"{LIST}?{asked}") == {"wanted-1"}


@pytest.mark.parametrize(
    "asked",
    ["status=lost", "error_code=nonsense", "user=nobody@example.com", "destination=nowhere", "since=soon", "q=zzzz"],
)
def test_what_is_not_understood_finds_nothing_and_says_so(staff: Client, make: Make, asked: str) -> None:
    make(status="failed")
    answer = staff.get(f"{LIST}?{asked}")
    assert answer.context["cl"].result_count == 0
    assert "Nothing is listed." in answer.content.decode()


def test_the_list_takes_as_many_queries_whatever_it_holds(staff: Client, make: Make) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert staff.get(LIST).status_code == 200
        return len(caught)

    make(status="failed", error_code="no_results")
    make(status="pending", configuration=None)
    queries()
    few = queries()
    for status in SyncQueueItem.Status.values * 3:
        make(status=status)
    assert queries() == few
    assert few < 15


def test_results_are_not_read(staff: Client, make: Make) -> None:
    make()
    with CaptureQueriesContext(connection) as caught:
        staff.get(LIST)
        staff.get("/admin/sync/workflowexecution/")
        staff.get("/admin/sync/syncattempt/")
    assert not [query for query in caught if "result_rows" in query["sql"] or "execution_parameters" in query["sql"]]


def test_a_long_list_ends_and_says_so(staff: Client, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_list, "AT_MOST", 3)
    for _ in range(5):
        make(status="failed")
    make(status="completed")
    answer = staff.get(f"{LIST}?status=failed")
    assert answer.context["cl"].count_in_words == "3+ queue items"
    assert "The list ends there" in answer.content.decode()
    assert staff.get(LIST).context["cl"].count_in_words == "6 queue items"


def test_of_what_completed_the_last_are_listed(staff: Client, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_list, "AT_MOST", 2)
    items = [make(execution_id=f"execution-{number}", status="completed") for number in range(3)]
    for item in reversed(items):
        SyncAttempt.objects.create(item=item, outcome="completed")
    assert listed(staff, f"{LIST}?status=completed") == {"execution-0", "execution-1"}


def test_a_statement_that_takes_too_long_ends_with_a_message(
    staff: Client, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    slow = "(SELECT true FROM pg_sleep(20))"
    monkeypatch.setattr(bounded, "PATIENCE", 0.05)
    monkeypatch.setattr(ItemFilter, "items", SyncQueueItem.objects.extra(where=[slow]))
    answer = staff.get(LIST)
    assert answer.status_code == 503
    assert "Ask for less" in answer.content.decode()


def test_an_items_page_tells_its_story(staff: Client, make: Make, destination: SnowflakeConfiguration) -> None:
    item = make(status="failed", error_code="table_not_ours", error_message="Table T is not ours.")
    began = timezone.now() - timedelta(minutes=5)
    for outcome, code in (("retry", "session_lost"), ("failed", "table_not_ours")):
        SyncAttempt.objects.create(
            item=item,
            configuration=destination,
            outcome=outcome,
            due_at=began - timedelta(seconds=7),
            started_at=began,
            finished_at=began + timedelta(seconds=2.5),
            timings={"load": 1500.0, "extract": 400.0},
            row_count=1234,
            byte_count=2_500_000,
            batch_size=7,
            statement_count=5,
            query_ids=[QUERY_ID, "not-a-query-id"],
            error_code=code,
        )
    sibling = add(item.execution, ConfigurationFactory.create(user=item.user, name="Second"), status="completed")
    answer = staff.get(reverse("admin:sync_syncqueueitem_change", args=[item.pk]))
    page = answer.content.decode()
    first = page[page.index("Attempt 1") :]
    assert re.findall(r"<li><strong>(.*?)</strong>", first)[:5] == [
        *("due", "claimed", "read from PostgreSQL", "tried to load into Snowflake", "retry")
    ]
    assert re.findall("after ([^<]+)<", first)[:4] == ["7 s", "400 ms", "1.5 s", "600 ms"]
    address = f"https://app.snowflake.com/myorg/myaccount/#/compute/history/queries/{QUERY_ID}/detail"
    assert f'<a href="{address}" rel="noopener noreferrer">' in page
    assert "<code>not-a-query-id</code>" in page
    assert reverse("admin:sync_syncqueueitem_change", args=[sibling.pk]) in page
    for said in (
        "1,234",
        "2.5 MB",
        "Executions in the file",
        "Rename or drop that table",
        "The Snowflake session ended.",
    ):
        assert said in page, said


def test_no_link_where_something_stands_in_for_snowflake(staff: Client, make: Make, settings: Settings) -> None:
    item = make(status="completed")
    SyncAttempt.objects.create(
        item=item,
        configuration=item.configuration,
        outcome="completed",
        query_ids=[QUERY_ID],
        started_at=timezone.now(),
    )
    settings.SNOWFLAKE_ENDPOINT = "http://localhost:1"
    page = staff.get(reverse("admin:sync_syncqueueitem_change", args=[item.pk])).content.decode()
    assert QUERY_ID in page
    assert "app.snowflake.com" not in page


def test_staff_see_all_and_others_nothing(make: Make, client: Client) -> None:
    item = make()
    page = reverse("admin:sync_syncqueueitem_change", args=[item.pk])
    assert client_of(operator(*VIEW)).get(page).status_code == 200
    assert client_of(operator(email="powerless@example.com")).get(page).status_code == 403
    client.force_login(User.objects.create_user("application@example.com", "a password"))
    assert client.get(page).status_code == 302
