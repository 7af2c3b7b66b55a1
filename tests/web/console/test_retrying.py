"""Another try from the page: how many, then exactly these, by those who may."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode
from pytest_django.asserts import assertRedirects

from accounts.models import User
from sync import queue
from sync.models import SyncActivity
from tests.factories import QueuedFactory, UserFactory, WorkflowFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import text

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]

PAGES = ("/", "/runs", "/runs?status=failed", "/retry")


def hidden(page: str) -> dict[str, str]:
    """What its form sends."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_retry_says_how_many_and_does_exactly_that(ada: Owner, owner: Callable[[], Owner], login: Login) -> None:
    others = owner().failed()
    items = [ada.failed(ago=100) for _ in range(3)]
    left = ada.failed("no_results")
    client = login(ada.user)
    address = "/retry?error_code=load_rejected"
    page = text(client, address)
    assert "Retry 3 runs" in page
    assert "Asked for: failed, error load rejected." in page
    fields = hidden(page)
    # Failed after it was counted: not among the three.
    late = ada.failed(ago=-5)
    answer = client.post("/retry", fields, follow=True)
    assert "3 of 3 runs are waiting again." in answer.content.decode()
    for item in items:
        item.refresh_from_db()
        assert item.status == "pending"
    for item in (others, left, late):
        item.refresh_from_db()
        assert item.status == "failed"
    entry = SyncActivity.objects.get()
    assert (entry.user_id, entry.face, entry.count) == (ada.user.pk, "console", 3)


@pytest.mark.parametrize("name", ["error_code", "user", "destination", "workflow", "since", "until"])
def test_a_retry_keeps_what_the_items_were_chosen_by(
    ada: Owner, owner: Callable[[], Owner], staff: User, login: Login, name: str
) -> None:
    # It failed first, so a retry that forgets the filter takes it. What is changed after `until` is chosen by no field.
    other = owner().failed("no_results", ago=20 if name == "until" else 200)
    wanted = ada.failed(ago=100)
    moment = timezone.now() - timedelta(seconds=60 if name == "until" else 150)
    workflow = wanted.execution.workflow
    assert workflow
    asked = {
        "error_code": "load_rejected",
        "user": ada.user.email,
        "destination": str(ada.configuration.pk),
        "workflow": str(workflow.pk),
        "since": moment.isoformat(),
        "until": moment.isoformat(),
    }[name]
    client = login(staff)
    listed = text(client, f"/runs?{urlencode({'status': 'failed', name: asked})}")
    link = re.search(r'href="/(retry\?[^"]*)"', listed)
    assert link
    page = text(client, f"/{link[1]}")
    assert "Retry 1 run" in page
    client.post("/retry", hidden(page))
    other.refresh_from_db()
    wanted.refresh_from_db()
    assert (other.status, wanted.status) == ("failed", "pending")


def test_one_item_is_retried_from_its_page(ada: Owner, login: Login) -> None:
    item = ada.failed()
    client = login(ada.user)
    # After a log-in in between.
    assertRedirects(client.get(f"/items/{item.pk}/retry"), f"/runs/{item.execution_id}")
    item.refresh_from_db()
    assert item.status == "failed"
    answer = client.post(f"/items/{item.pk}/retry", follow=True)
    assert "is queued again" in answer.content.decode()
    item.refresh_from_db()
    assert item.status == "pending"
    assert "only a failed item" in client.post(f"/items/{item.pk}/retry", follow=True).content.decode()


def test_somebody_elses_item_is_not_to_be_found(ada: Owner, owner: Callable[[], Owner], login: Login) -> None:
    item = ada.failed()
    client = login(owner().user)
    for answer in (client.get(f"/items/{item.pk}/retry"), client.post(f"/items/{item.pk}/retry")):
        assert answer.status_code == 404
        assert item.execution_id not in answer.content.decode() + answer.headers.get("Location", "")
    item.refresh_from_db()
    assert item.status == "failed"


@pytest.mark.parametrize(
    ("code", "offered"),
    [
        ("session_lost", '<button class="button primary">Retry</button>'),
        ("value_does_not_fit", '<button class="button quiet">Retry once that is done</button>'),
        ("owner_changed", None),
    ],
)
def test_a_retry_is_offered_as_far_as_it_can_help(ada: Owner, login: Login, code: str, offered: str | None) -> None:
    item = ada.failed(code)
    page = login(ada.user).get(f"/runs/{item.execution_id}").content.decode()
    assert offered in page if offered else ">Retry" not in page
    listed = text(login(ada.user), f"/runs?status=failed&error_code={code}")
    assert ("Retry all 1 that match" in listed) == bool(offered)


def test_what_was_not_understood_is_not_retried_more_widely(ada: Owner, staff: User, login: Login) -> None:
    item = ada.failed()
    client = login(staff)
    for asked in (
        {"user": "no@example.com"},
        {"since": "yesterday"},
        {"destination": "x"},
        {"error_code": "-"},
        {"error-code": "no_results"},
        {"code": "no_results", "error_code": "load_rejected"},
    ):
        assert client.get("/retry", asked).status_code == 400
        sent = {**asked, "as_of": timezone.now().isoformat(), "wanted": "1"}
        assert client.post("/retry", sent).status_code == 400
    item.refresh_from_db()
    assert item.status == "failed"


def test_an_address_that_was_kept_leads_to_what_it_led_to(ada: Owner, login: Login) -> None:
    ada.failed("no_results")
    wanted = ada.failed("load_rejected")
    client = login(ada.user)
    listed = text(client, "/runs?status=failed&code=load_rejected")
    assert "retry?status=failed&error_code=load_rejected" in listed
    page = text(client, "/retry?code=load_rejected")
    assert "Retry 1 run" in page
    client.post("/retry", hidden(page))
    wanted.refresh_from_db()
    assert wanted.status == "pending"


def test_csrf_is_asked_for(ada: Owner) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada.user)
    item = ada.failed()
    assert client.post("/retry", {"wanted": "1"}).status_code == 403
    assert client.post(f"/items/{item.pk}/retry").status_code == 403


def test_staff_need_the_permission_to_retry(ada: Owner, login: Login) -> None:
    item = ada.failed()
    operator = UserFactory.create(is_staff=True)
    operator.user_permissions.add(Permission.objects.get(codename="view_syncqueueitem"))
    client = login(operator)
    assert "Retry all 1" not in text(client, "/runs?status=failed")
    assert client.get("/retry").status_code == 403
    assert client.post(f"/items/{item.pk}/retry").status_code == 403
    operator.user_permissions.add(Permission.objects.get(codename="retry_syncqueueitem"))
    client = login(User.objects.get(pk=operator.pk))
    assert "Retry all 1" in text(client, "/runs?status=failed")
    assert client.get("/retry").status_code == 200


def test_an_item_of_nobody_is_its_workflows_users_to_retry(
    ada: Owner, owner: Callable[[], Owner], login: Login
) -> None:
    workflow = WorkflowFactory.create(user=None)
    execution = QueuedFactory.create(workflow=workflow)
    queue.route()
    item = execution.sync_items.get()
    assert (item.status, item.user_id) == ("failed", None)
    workflow.user = ada.user
    workflow.save()
    address = f"/items/{item.pk}/retry"
    other = login(owner().user)
    assert (other.get(address).status_code, other.post(address).status_code) == (404, 404)
    client = login(ada.user)
    assert client.get(address).status_code == 302
    assert address in client.get(f"/runs/{item.execution_id}").content.decode()
    assert client.post(address).status_code == 302
    item.refresh_from_db()
    assert (item.status, item.user_id) == ("pending", ada.user.pk)
