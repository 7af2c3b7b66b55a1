"""Executions, workflows, users and the past: bounded, linked, and no more powers than one has."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from sync import queue
from sync.models import SyncAttempt, SyncTable, SyncWorker, Workflow
from sync.results.preview import COLUMNS, LONGEST, ROWS, Preview, preview
from tests.factories import UserFactory
from tests.queue.past import past
from tests.web.admin.conftest import VIEW, Make, client_of, operator

EXECUTIONS = "/admin/sync/workflowexecution/"


def test_the_preview_is_cut(workflow: Workflow) -> None:
    names = [f"column {number}" for number in range(50)]
    rows: list[Any] = [[f"{number}" for number in range(50)] for _ in range(500)]
    rows[0][0], rows[1][0], rows[2][0] = "x" * 10_000, None, {"a": [1]}
    execution = past(workflow, result_columns=[{"name": name, "type": "string"} for name in names], result_rows=rows)
    found = preview(execution.pk)
    assert (len(found.columns), found.width, len(found.rows)) == (COLUMNS, 50, ROWS)
    assert {len(row) for row in found.rows} == {COLUMNS}
    assert found.rows[0][:2] == ("x" * LONGEST, "1")
    assert (found.rows[1][0], found.rows[2][0]) == (None, '{"a": [1]}')


@pytest.mark.parametrize(
    ("columns", "rows", "shown"),
    [
        ([{"name": "a"}, {"name": "b"}], [{"b": 1, "a": "x"}], (("x", "1"),)),
        ([{"name": "a"}], [[True], [1.5], [None]], (("true",), ("1.5",), (None,))),
        (None, [[1, 2]], (("[1, 2]",),)),
        ([], [{"a": 1}], (('{"a": 1}',),)),
        (["a", 7, None], [[1, 2, 3]], (("1", "2", "3"),)),
        ("nonsense", "nonsense", (('"nonsense"',),)),
        ([{"name": "a"}], {"a": 1}, (("1",),)),
        ([{"name": "a"}], None, ()),
        ([{"name": "a"}], [], ()),
    ],
)
def test_a_preview_of_whatever_is_there(workflow: Workflow, columns: Any, rows: Any, shown: Any) -> None:
    execution = past(workflow, result_columns=columns, result_rows=rows, result_total_rows=None)
    assert preview(execution.pk).rows == shown


def test_a_large_result_is_not_unpacked(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(preview.__globals__, "LARGEST", 10)
    execution = past(workflow)
    assert preview(execution.pk) == Preview(too_large=True)


def test_an_executions_page(staff: Client, make: Make) -> None:
    item = make(status="failed", error_code="no_results", requested_schema="MARTS", requested_table="ALL_CAMPAIGNS")
    page = staff.get(f"{EXECUTIONS}{item.execution.pk}/change/").content.decode()
    for said in ("MARTS.ALL_CAMPAIGNS", "Spring", "clicks", ">failed</span>", "no_results", f"{item.pk}/change/"):
        assert said in page, said


def test_results_are_hostile_text(staff: Client, workflow: Workflow) -> None:
    execution = past(workflow, result_rows=[{"campaign": "<script>alert(1)</script>", "clicks": 1}])
    page = staff.get(f"{EXECUTIONS}{execution.pk}/change/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("asked", ["wanted", "want", "ann@example", "Campaigns", "wf-1"])
def test_executions_are_found(staff: Client, workflow: Workflow, asked: str) -> None:
    past(workflow, execution_id="wanted")
    past(None, execution_id="another")  # type: ignore[arg-type]
    answer = staff.get(EXECUTIONS, {"q": asked})
    # By a workflow or a user, or by itself.
    assert [execution.execution_id for execution in answer.context["cl"].result_list] == ["wanted"]


def test_the_past_is_linked(staff: Client, make: Make, settings: Settings) -> None:
    item = make(status="completed")
    worker = queue.register_worker("host-1", 17, 5)
    now = timezone.now()
    attempt = SyncAttempt.objects.create(
        item=item, configuration=item.configuration, worker_id=worker, outcome="completed", started_at=now
    )
    assert item.configuration is not None
    SyncTable.objects.create(
        configuration=item.configuration, database_name="D", schema_name="S", table_name="T", execution_id="e"
    )
    page = staff.get(f"/admin/sync/syncattempt/{attempt.pk}/change/").content.decode()
    assert f"/admin/sync/syncqueueitem/{item.pk}/change/" in page
    assert f"/admin/sync/syncworker/{worker}/change/" in page
    assert ">live</span>" in staff.get("/admin/sync/syncworker/").content.decode()
    SyncWorker.objects.update(heartbeat_at=now - timedelta(hours=1))
    assert ">silent</span>" in staff.get("/admin/sync/syncworker/").content.decode()
    SyncWorker.objects.update(stopped_at=now)
    assert ">stopped</span>" in staff.get("/admin/sync/syncworker/").content.decode()
    assert "D.S.T" in staff.get("/admin/sync/synctable/").content.decode()


@pytest.mark.parametrize(
    "listed",
    [
        "sync/syncattempt",
        "sync/syncworker",
        "sync/synctable",
        "sync/workflow",
        "sync/workflowexecution",
        "accounts/user",
    ],
)
def test_no_list_counts_or_reads_a_whole_table(staff: Client, make: Make, listed: str) -> None:
    for _ in range(3):
        SyncAttempt.objects.create(item=make(status="failed"), outcome="failed")
    with CaptureQueriesContext(connection) as caught:
        assert staff.get(f"/admin/{listed}/").status_code == 200
    tables = ("snowflake_sync", "workflow", '"users"')
    reading = [query["sql"] for query in caught if any(f'FROM "{name}' in query["sql"] for name in tables)]
    for sql in reading:
        bounded = (" LIMIT ", '"id" IN (', '"users"."id" = ', "snowflake_sync_user")
        assert any(part in sql for part in bounded), sql
        assert "DISTINCT" not in sql, sql


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
