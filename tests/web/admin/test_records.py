"""What the application and the sync have written down, and users: bounded, linked, no more powers than one has."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, Workflow
from sync.web.admin import base, records
from tests.factories import UserFactory
from tests.queue.past import past
from tests.web.admin.conftest import RETRY, VIEW, Make, client_of, operator

ITEMS, EXECUTIONS = "/admin/sync/syncqueueitem/", "/admin/sync/workflowexecution/"


def listed(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return [row.execution_id for row in answer.context["cl"].result_list]


def test_a_line_of_the_queue_leads_to_the_run_in_the_console(staff: Client, make: Make) -> None:
    item = make(status="failed", error_code="table_not_ours")
    page = staff.get(ITEMS).content.decode()
    assert f'<a href="/runs/{item.execution_id}">{item.execution_id}</a>' in page
    for said in (">failed</span>", "table_not_ours", "ann@example.com", "Warehouse of Ann", "Campaigns"):
        assert said in page, said


def test_the_queue_is_filtered_by_status_and_searched_by_run(staff: Client, make: Make) -> None:
    make(execution_id="wanted-1", status="failed")
    make(execution_id="another-1", status="completed")
    make(execution_id="waits-1", status="pending", configuration=None)
    assert sorted(listed(staff, ITEMS)) == ["another-1", "waits-1", "wanted-1"]
    assert listed(staff, f"{ITEMS}?status__exact=failed") == ["wanted-1"]
    assert listed(staff, f"{ITEMS}?q=wanted-1") == listed(staff, f"{ITEMS}?q=wante") == ["wanted-1"]
    assert listed(staff, f"{ITEMS}?q=wante&status__exact=completed") == listed(staff, f"{ITEMS}?q=zzzz") == []


def test_of_a_long_queue_the_newest_are_listed_and_it_says_so(
    staff: Client, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "NEWEST", 3)
    for number in range(5):
        item = make(execution_id=f"item-{number}", status="failed")
        SyncQueueItem.objects.filter(pk=item.pk).update(created_at=f"2026-01-0{number + 1}T00:00:00Z")
    make(execution_id="done", status="completed")
    assert listed(staff, f"{ITEMS}?status__exact=failed") == ["item-4", "item-3", "item-2"]
    assert "there may be more" in staff.get(f"{ITEMS}?status__exact=failed").content.decode()
    assert "there may be more" not in staff.get(f"{ITEMS}?status__exact=completed").content.decode()
    # Whoever searches finds what is older, too.
    assert listed(staff, f"{ITEMS}?q=item-0") == ["item-0"]


def test_an_action_sorts_no_whole_queue_either(make: Make) -> None:
    client, item = client_of(operator(*VIEW, RETRY)), make(status="failed")
    data = {"action": "retry_selected", "_selected_action": [str(item.pk)]}
    with CaptureQueriesContext(connection) as caught:
        assert client.post(ITEMS, data).headers["Location"] == f"/retry?item={item.pk}"
    sorting = [query["sql"] for query in caught if 'ORDER BY "snowflake_sync_queue"' in query["sql"]]
    assert sorting
    assert all('"snowflake_sync_queue"."id" IN (' in sql for sql in sorting)


def test_another_list_ends_and_says_so(staff: Client, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        SyncAttempt.objects.create(item=make(), outcome="completed")
    attempts = "/admin/sync/syncattempt/"
    assert "there may be more" not in staff.get(attempts).content.decode()
    monkeypatch.setattr(base, "AT_MOST", 2)
    answer = staff.get(attempts)
    assert answer.context["cl"].result_count == 2
    assert "there may be more" in answer.content.decode()


def test_a_list_has_the_order_that_an_index_gives(staff: Client, make: Make) -> None:
    first, second = (SyncAttempt.objects.create(item=make(), outcome="completed") for _ in range(2))
    for asked in ("", "?o=1", "?o=-4.2"):
        rows = staff.get(f"/admin/sync/syncattempt/{asked}").context["cl"].result_list
        assert [row.pk for row in rows] == [second.pk, first.pk]


def test_a_statement_that_takes_too_long_ends_with_a_message(
    staff: Client, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    monkeypatch.setattr(base, "PATIENCE", 0.05)
    slow = Workflow.objects.extra(where=["(SELECT true FROM pg_sleep(20))"])
    monkeypatch.setattr(records.WorkflowAdmin, "get_queryset", lambda *_: slow)
    answer = staff.get("/admin/sync/workflow/")
    assert answer.status_code == 503
    assert "Ask for less" in answer.content.decode()


def test_the_queue_takes_as_many_queries_whatever_it_holds(staff: Client, make: Make) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert staff.get(ITEMS).status_code == 200
        return len(caught)

    make(status="failed", error_code="no_results")
    make(status="pending", configuration=None)
    queries()
    few = queries()
    for status in SyncQueueItem.Status.values * 3:
        make(status=status)
    assert queries() == few < 15


def test_results_are_not_read(staff: Client, make: Make) -> None:
    item = make()
    attempt = SyncAttempt.objects.create(item=item, outcome="completed")
    pages = [ITEMS, f"{ITEMS}{item.pk}/change/", EXECUTIONS, f"{EXECUTIONS}{item.execution.pk}/change/"]
    with CaptureQueriesContext(connection) as caught:
        for page in (*pages, "/admin/sync/syncattempt/", f"/admin/sync/syncattempt/{attempt.pk}/change/"):
            assert staff.get(page).status_code == 200
    assert not [query for query in caught if "result_rows" in query["sql"] or "execution_parameters" in query["sql"]]


def test_each_page_leads_to_the_console(make: Make) -> None:
    staff = client_of(operator(*VIEW, "view_snowflakeconfiguration"))
    item, worker = make(status="completed"), queue.register_worker("host-1", 17, 5)
    attempt = SyncAttempt.objects.create(item=item, outcome="completed", started_at=timezone.now())
    workflow = item.execution.workflow
    assert workflow
    assert item.configuration
    table = SyncTable.objects.create(
        configuration=item.configuration, database_name="D", schema_name="S", table_name="T", execution_id="e"
    )
    for page, leads in (
        (f"{ITEMS}{item.pk}", f"/runs/{item.execution_id}"),
        (f"/admin/sync/syncattempt/{attempt.pk}", f"/runs/{item.execution_id}"),
        (f"{EXECUTIONS}{item.execution.pk}", f"/runs/{item.execution_id}"),
        (f"/admin/sync/synctable/{table.pk}", f"/destinations/{item.configuration_id}"),
        (f"/admin/sync/syncworker/{worker}", "/workers"),
        (f"/admin/sync/workflow/{workflow.pk}", f"/workflows/{workflow.pk}"),
        (f"/admin/accounts/user/{workflow.user_id}", f"/?user={workflow.user_id}"),
    ):
        assert f'<a href="{leads}">In the console</a>' in staff.get(f"{page}/change/").content.decode(), page
        assert staff.get(leads).status_code == 200
    there = {f"/runs/{item.execution_id}": f"{ITEMS}{item.pk}/change/"}
    there[f"/destinations/{item.configuration_id}"] = (
        f"/admin/accounts/snowflakeconfiguration/{item.configuration_id}/change/"
    )
    owner = client_of(item.configuration.user)
    for page, back in there.items():
        assert f'<a href="{back}">In the admin</a>' in staff.get(page).content.decode()
        assert "In the admin" not in owner.get(page).content.decode()
    assert "D.S.T" in staff.get("/admin/sync/synctable/").content.decode()


def test_an_execution_is_found_by_its_run(staff: Client, workflow: Workflow) -> None:
    past(workflow, execution_id="wanted")
    past(None, execution_id="another")  # type: ignore[arg-type]
    assert listed(staff, f"{EXECUTIONS}?q=wanted") == ["wanted"]
    assert sorted(listed(staff, EXECUTIONS)) == ["another", "wanted"]


def test_staff_see_all_and_others_nothing(make: Make, client: Client) -> None:
    page = f"{ITEMS}{make().pk}/change/"
    assert client_of(operator(*VIEW)).get(page).status_code == 200
    assert client_of(operator(email="powerless@example.com")).get(page).status_code == 403
    client.force_login(User.objects.create_user("application@example.com", "a password"))
    assert client.get(page).status_code == 302


@pytest.mark.parametrize(
    "listed",
    [
        "sync/syncqueueitem",
        "sync/syncattempt",
        "sync/syncworker",
        "sync/synctable",
        "sync/workflow",
        "sync/workflowexecution",
        "accounts/user",
    ],
)
def test_no_list_counts_a_whole_table(staff: Client, make: Make, listed: str) -> None:
    for _ in range(3):
        SyncAttempt.objects.create(item=make(status="failed"), outcome="failed")
    with CaptureQueriesContext(connection) as caught:
        assert staff.get(f"/admin/{listed}/").status_code == 200
    counting = [query["sql"] for query in caught if "COUNT(*)" in query["sql"]]
    assert counting
    assert all(" LIMIT " in sql for sql in counting)
    assert not [query["sql"] for query in caught if "DISTINCT" in query["sql"]]


def test_powers_are_given_by_those_alone_who_have_them_all(db: None) -> None:
    clerk = operator(*VIEW, "change_user")
    page = f"/admin/accounts/user/{clerk.pk}/change/"
    assert 'name="is_superuser"' not in client_of(clerk).get(page).content.decode()
    client_of(clerk).post(page, {"is_superuser": "on", "is_staff": "on"})
    clerk.refresh_from_db()
    assert not clerk.is_superuser
    root = User.objects.create_superuser("root@example.com", "a password")
    assert client_of(root).post(page, {"is_superuser": "on", "is_staff": "on"}).status_code == 302
    clerk.refresh_from_db()
    assert clerk.is_superuser


def test_saving_a_user_writes_nothing_of_the_applications(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory.create(name="Before")
    root = User.objects.create_superuser("root@example.com", "a password")
    with CaptureQueriesContext(connection) as caught:
        client_of(root).post(f"/admin/accounts/user/{user.pk}/change/", {"is_staff": "on", "name": "After"})
    assert not [query["sql"] for query in caught if 'UPDATE "users"' in query["sql"]]
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.name) == (True, False, "Before")


def test_changing_ones_password_writes_nothing_of_the_applications(db: None) -> None:
    root = User.objects.create_superuser("root@example.com", "a password")
    client = client_of(root)
    new = {"password": "correct horse battery", "again": "correct horse battery"}
    with CaptureQueriesContext(connection) as caught:
        answer = client.post("/me", {"act": "password", "old": "a password", **new})
    assert answer.headers["Location"] == "/me"
    assert not [query["sql"] for query in caught if 'UPDATE "users"' in query["sql"]]
    assert client.get("/admin/").status_code == 200
    assert Client().login(username=root.email, password="correct horse battery")
