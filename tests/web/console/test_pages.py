"""The pages: who sees what, what each says, and that none asks for more with more items."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem
from tests.factories import QueuedFactory, WorkflowFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]

PAGES = ("/", "/runs", "/runs?status=failed", "/retry", "/skip", "/load-again", "/leave-out", "/workers")


@pytest.mark.parametrize("page", PAGES)
def test_one_has_to_log_in(client: Client, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/log-in?next=/")


def test_a_user_of_the_application_logs_in_with_a_password_of_their_own(client: Client, ada: Owner) -> None:
    login = {"username": ada.user.email, "password": "a long password"}
    assert "not known here" in words(unescape(client.post("/log-in", login).content.decode()))
    ada.user.set_password("a long password")
    answer = client.post("/log-in?next=/runs", {**login, "next": "/runs"})
    assert answer.headers["Location"] == "/runs"
    assert ada.user.email in text(client, "/")
    client.post("/log-out")
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_nothing_runs_in_a_page_but_what_the_site_serves(staff: User, login: Login, ada: Owner, page: str) -> None:
    ada.failed()
    answer = login(staff).get(page)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    shown = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", shown)


def test_what_is_somebody_elses_is_not_there(ada: Owner, owner: Callable[[], Owner], staff: User, login: Login) -> None:
    item = owner().failed()
    address = f"/runs/{item.execution_id}"
    assert login(staff).get(address).status_code == 200
    client = login(ada.user)
    assert client.get(address).status_code == 404
    assert client.get("/runs/none-such").status_code == 404
    assert client.get("/runs/a%00b").status_code == 404
    assert client.get(f"/?destination={item.configuration_id}").status_code == 404
    assert client.get(f"/runs?destination={item.configuration_id}").status_code == 404
    assert client.post(f"/items/{item.pk}/retry").status_code == 404
    assert item.execution_id not in text(client, f"/runs?user={item.user.email if item.user else ''}")
    found = client.get(f"/search?execution_id={item.execution_id}", follow=True).content.decode()
    assert "Nothing is known of it here" in unescape(found)
    item.refresh_from_db()
    assert item.status == "failed"


@pytest.mark.parametrize(
    "filters", ["", "?status=failed", "?status=failed&error_code=load_rejected", "?error_code=load_rejected"]
)
def test_lists_have_what_is_the_viewers(
    ada: Owner, owner: Callable[[], Owner], staff: User, login: Login, filters: str
) -> None:
    mine, other = ada.failed(), owner().failed()
    for who, seen in ((ada.user, {mine.execution_id}), (staff, {mine.execution_id, other.execution_id})):
        page = text(login(who), f"/runs{filters}")
        assert set(re.findall(r'href="/runs/([^"]+)"', page)) == seen
        assert f"{len(seen)} run{'s' if len(seen) > 1 else ''}, the" in words(page)


def test_filters_that_are_not_understood_are_named(ada: Owner, staff: User, login: Login) -> None:
    client = login(staff)
    page = text(client, "/runs?status=odd&destination=x&since=yesterday&cursor=%00&user=no@example.com")
    for said in ("no status odd", "no destination x", "no date or time", "The cursor is none of", "no user no@"):
        assert said in page
    text(client, "/?period=century&user=%00&destination=")


def test_lists_are_paged(ada: Owner, login: Login) -> None:
    for number in range(52):
        ada.failed(ago=number + 1.0)
    client = login(ada.user)
    seen: list[str] = []
    address = "/runs?status=failed"
    for _ in range(2):
        page = text(client, address)
        seen += re.findall(r'href="/runs/([^"]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = f"/runs{following[1]}" if following else ""
    assert address == ""
    ordered = SyncQueueItem.objects.order_by("-updated_at").values_list("execution_id", flat=True)
    assert seen == list(ordered)


def test_an_execution_says_where_it_is_and_how_it_came_there(ada: Owner, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    item = ada.failed("value_does_not_fit")
    started = timezone.now() - timedelta(seconds=20)
    SyncAttempt.objects.create(
        item=item,
        configuration=ada.configuration,
        outcome="failed",
        due_at=started - timedelta(seconds=7),
        started_at=started,
        finished_at=started + timedelta(seconds=2),
        timings={"load": 500.0, "extract": 1000.0, "connect": 250.0},
        row_count=1234,
        byte_count=5600,
        statement_count=3,
        query_ids=["01b2c3d4-0000-1111-2222-333344445555"],
        error_code="value_does_not_fit",
        error_message="Row 3 has a value.",
    )
    page = words(text(login(ada.user), f"/runs/{item.execution_id}"))
    assert "It is not tried again as it is. Mend the cause first." in page
    assert "What to do: Correct the value or declare a type" in page
    stages = "read from PostgreSQL 1 s logged in 250 ms tried to load into Snowflake 500 ms"
    assert f"waited 7 s to be claimed {stages} waited in between, and wrote down the end 250 ms" in page
    assert "1,234 rows, 5.6 kB, 3 statements" in page
    assert "01b2c3d4-0000-1111-2222-333344445555" in page


def test_a_statement_that_takes_too_long_ends_with_a_word(
    ada: Owner, staff: User, login: Login, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_READ_TIMEOUT = 0.05
    monkeypatch.setattr("sync.reporting.history._CLOCK", "SELECT pg_sleep(2), now()")
    page = text(login(staff), "/", 503)
    assert "This took too long" in page
    assert "within 0.1 s" in page


@pytest.mark.parametrize("execution_id", ["two\nlines", "\r\nX-Header: x", "a/b?c#d", "..", "", " "])
def test_an_id_may_be_anything(ada: Owner, login: Login, execution_id: str) -> None:
    workflow = WorkflowFactory.create(user=ada.user)
    item = QueuedFactory.create(workflow=workflow, execution_id=execution_id).sync_items.get()
    SyncQueueItem.objects.filter(pk=item.pk).update(user=ada.user, status="failed")
    client = login(ada.user)
    page = client.get("/runs?status=failed")
    address = reverse("console:run", args=[execution_id])
    assert f'href="{address}"' in unescape(page.content.decode())
    assert client.get(address).context["execution"].execution_id == execution_id
    assert client.post(f"/items/{item.pk}/retry").headers["Location"] == address
