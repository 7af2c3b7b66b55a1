"""Destinations as their owners and staff see, pause, resume, change and delete them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync.destinations import pause_destination
from sync.errors import failure
from sync.models import SyncActivity, SyncAttempt, SyncCatalogue
from sync.reporting import destination_pages, history
from tests.destinations.configurations import Api
from tests.factories import ConfigurationFactory, UserFactory
from tests.security.conftest import clerk
from tests.web.console.conftest import Owner
from tests.web.console.reading import seen, told
from tests.world import World

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def page_of(owner: Owner, below: str = "") -> str:
    return f"/destinations/{owner.configuration.pk}{below}"


def test_the_list_says_how_each_stands(ada: Owner, login: Login) -> None:
    ada.item("pending")
    ada.item("completed")
    page = seen(login(ada.user), "/destinations")
    assert ada.configuration.name in page
    assert "working" in page
    assert "1 destination." in page


def test_what_came_today_leads_to_the_runs_of_today(ada: Owner, login: Login) -> None:
    item = ada.item("completed")
    attempt = {"item": item, "configuration": ada.configuration, "outcome": "completed"}
    # A minute ago may have been yesterday.
    ended = timezone.now()
    SyncAttempt.objects.create(**attempt, due_at=ended, started_at=ended, finished_at=ended)
    history.catch_up(now=ended + timedelta(minutes=1))
    for path in ("/", "/destinations", page_of(ada)):
        page = login(ada.user).get(path).content.decode()
        assert re.search(r'<a href="/runs\?status=completed&amp;when=today[^"]*">1 run</a>', page), path


def test_a_pause_leaves_the_share_of_what_was_loaded_before_it(ada: Owner, login: Login) -> None:
    ended = timezone.now() - timedelta(minutes=1)
    for outcome in ("completed", "completed", "completed", "failed"):
        attempt = {"item": ada.item(), "configuration": ada.configuration, "outcome": outcome}
        SyncAttempt.objects.create(**attempt, due_at=ended, started_at=ended, finished_at=ended)
    history.catch_up()
    pause_destination(ada.configuration.pk, failure("login_refused", "It did not work"))
    client = login(ada.user)
    assert "75 %: 3 of 4 loaded" in seen(client, page_of(ada))
    for path in ("/", "/destinations"):
        assert re.search(r'class="rate">75 %<', client.get(path).content.decode()), path


def test_nobody_sees_anothers(ada: Owner, owner: Callable[[], Owner], login: Login) -> None:
    eve = owner()
    client = login(eve.user)
    assert ada.configuration.name not in seen(client, "/destinations")
    for below in ("", "/timeline", "/settings", "/delete"):
        assert client.get(page_of(ada, below)).status_code == 404
    for step in ("let-in", "check"):
        assert client.get(f"/connect/{ada.configuration.pk}/{step}").status_code == 404
    for act in ("pause", "resume", "switch", "key", "delete", "settings"):
        assert client.post(page_of(ada, f"/{act}")).status_code == 404
    ada.configuration.refresh_from_db()
    assert ada.configuration.state.breaker_state == "closed"


def test_staff_find_one_by_owner_and_by_name(ada: Owner, staff: User, login: Login) -> None:
    for number in range(40):
        ConfigurationFactory.create(user=ada.user, name=f"of many {number:02}", schema=f"S{number}")
    other = ConfigurationFactory.create(name="The other", user=UserFactory.create(email="eve@example.com"))
    client = login(staff)
    assert "42 destinations, those in trouble first; 1 to 30." in seen(client, "/destinations")
    assert "31 to 42" in seen(client, "/destinations?page=2")
    found = seen(client, "/destinations?q=eve@")
    assert other.name in found
    assert "of many" not in found
    assert "eve@example.com" in found
    assert "of many 17" in seen(client, "/destinations?q=many 17")
    assert "No destination has “nothing such”" in seen(client, "/destinations?q=nothing such")


def test_more_destinations_cost_no_further_statement(ada: Owner, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    # It is time to again once five seconds have passed, and hundreds of destinations may take longer to make.
    monkeypatch.setattr(history, "add_up", lambda **_: False)
    client = login(ada.user)
    for number in range(3):
        ConfigurationFactory.create(user=ada.user, schema=f"A{number}")
    client.get("/destinations")
    with CaptureQueriesContext(connection) as few:
        client.get("/destinations")
    for number in range(220):
        ConfigurationFactory.create(user=ada.user, schema=f"S{number}", name=f"A destination with a long name {number}")
    with CaptureQueriesContext(connection) as many:
        answer = client.get("/destinations")
    assert len(many) == len(few)
    assert len(answer.content) < 60_000


def test_pausing_says_who_and_why_and_resuming_ends_it(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    ada.item("pending")
    assert "It works." in seen(client, page_of(ada))
    assert told(client, page_of(ada, "/pause"), {"why": "The account moves."}).startswith("Paused")
    page = seen(client, page_of(ada))
    assert f"Paused by {ada.user.email}: The account moves. 1 run waits." in page
    entry = SyncActivity.objects.get(action="destination_paused")
    assert (entry.user_name, entry.face, entry.note) == (ada.user.email, "console", "The account moves.")
    assert told(client, page_of(ada, "/resume")).startswith("Resumed")
    assert "It works." in seen(client, page_of(ada))
    assert SyncActivity.objects.filter(action="destination_resumed").count() == 1


@pytest.mark.parametrize(
    ("code", "button"),
    [
        ("login_refused", "Enter new credentials"),
        ("key_not_registered", "Show the SQL"),
        ("warehouse_missing", "Check now"),
    ],
)
def test_a_pause_ends_in_its_cure(ada: Owner, login: Login, code: str, button: str) -> None:
    pause_destination(ada.configuration.pk, failure(code, "It did not work"))
    page = seen(login(ada.user), page_of(ada))
    assert failure(code, "").entry.meaning in page
    assert button in page


def test_the_pause_that_is_over_and_the_one_that_is_off(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    pause_destination(ada.configuration.pk, failure("warehouse_missing", "It did not work"))
    past = timezone.now() - timedelta(minutes=1)
    DestinationState.objects.update(breaker_until=past)
    assert "the next run tries whether it works again" in seen(client, page_of(ada))
    told(client, page_of(ada, "/switch"), {"to": "off"})
    page = seen(client, page_of(ada))
    assert "Switched off: nothing is loaded here" in page
    assert "Switch on" in page
    told(client, page_of(ada, "/switch"), {"to": "on"})
    ada.configuration.refresh_from_db()
    assert ada.configuration.is_active


def test_the_timeline_has_the_latest_attempt_first(ada: Owner, login: Login) -> None:
    item = ada.item("failed")
    for outcome in ("retry", "failed"):
        SyncAttempt.objects.create(
            item=item,
            configuration=ada.configuration,
            outcome=outcome,
            error_code="load_rejected",
            error_message=f"Snowflake said no ({outcome}).",
        )
    page = seen(login(ada.user), page_of(ada, "/timeline"))
    assert page.index("Snowflake said no (failed).") < page.index("Snowflake said no (retry).")
    assert item.execution_id[:8] in page


def test_a_timeline_of_long_ago_is_found(
    ada: Owner, owner: Callable[[], Owner], login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destination_pages, "LOOKED_AT", 20)
    item, other = ada.item(), owner()
    old = timezone.now() - timedelta(days=2)
    SyncAttempt.objects.create(item=item, configuration=ada.configuration, outcome="completed", finished_at=old)
    noise = other.item()
    for minutes in range(300, 0, -1):
        at = timezone.now() - timedelta(minutes=minutes)
        SyncAttempt.objects.create(item=noise, configuration=other.configuration, outcome="completed", finished_at=at)
    history.catch_up()
    assert item.execution_id[:8] in seen(login(ada.user), page_of(ada, "/timeline"))


def test_settings_are_changed_and_a_refused_one_says_why(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    page = seen(client, page_of(ada, "/settings"))
    assert "Every 15 minutes: about 3 credits a day" in page
    assert "not-a-real-password" not in client.get(page_of(ada, "/settings")).content.decode()
    fields = {
        "name": "Renamed",
        "account_identifier": "myorg-myaccount",
        "username": "SYNC",
        "role": "",
        "warehouse": "LOADING",
        "database": "ANALYTICS",
        "schema": "PUBLIC",
        "layout": "per_workflow",
        "identifier_case": "upper",
        "min_interval": "900",
        "catalogue_name": "runs",
        "makes_views": "on",
        "deleted_results": "keep",
    }
    assert told(client, page_of(ada, "/settings"), fields).startswith("Saved")
    ada.configuration.refresh_from_db()
    changed = ada.configuration
    assert (changed.name, changed.layout, changed.min_interval) == ("Renamed", "per_workflow", timedelta(minutes=15))
    assert changed.auth_method == "password"
    entry = SyncActivity.objects.get(action="destination_changed")
    assert {change["field"] for change in entry.changes} == {"name", "layout", "min_interval", "catalogue_name"}
    refused = client.post(page_of(ada, "/settings"), fields | {"account_identifier": "http://evil.example.com"})
    assert 'aria-invalid="true"' in refused.content.decode()
    changed.refresh_from_db()
    assert changed.account_identifier == "myorg-myaccount"


def test_a_pause_holds_what_completes_and_its_end_loads_it(world: World, login: Login) -> None:
    client, page = login(world.user), f"/destinations/{world.configuration.pk}"
    told(client, f"{page}/pause")
    execution = world.complete([("clicks", "integer")], [[1]])
    world.work()
    assert world.item(execution).status == "pending"
    told(client, f"{page}/resume")
    world.work()
    assert world.rows(execution) == [(1,)]


@pytest.mark.parametrize("act", ["pause", "resume", "switch", "key", "settings", "delete"])
def test_acts_need_a_post_with_a_token(ada: Owner, act: str) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada.user)
    assert careful.post(page_of(ada, f"/{act}")).status_code == 403
    assert careful.get(page_of(ada, f"/{act}")).status_code in (200, 302)
    ada.configuration.refresh_from_db()
    assert (ada.configuration.state.breaker_state, ada.configuration.is_active) == ("closed", True)


def test_deleting_says_what_becomes_of_what(ada: Owner, login: Login) -> None:
    ada.item("pending")
    ada.item("completed")
    client = login(ada.user)
    page = seen(client, page_of(ada, "/delete"))
    assert "1 run that waits for it is not loaded there any more." in page
    assert "1 run is in Snowflake: their tables stay there" in page
    assert SnowflakeConfiguration.objects.count() == 1
    told(client, page_of(ada, "/delete"))
    assert not SnowflakeConfiguration.objects.exists()


def test_staff_need_the_permission_for_each_act(ada: Owner, login: Login) -> None:
    client = login(clerk("view_snowflakeconfiguration"))
    assert "Pause" not in seen(client, page_of(ada))
    for act in ("pause", "resume", "switch", "key", "delete", "settings"):
        assert client.post(page_of(ada, f"/{act}")).status_code == 403
    assert client.get(page_of(ada, "/delete")).status_code == 403
    assert client.get("/connect").status_code == 403


def test_where_the_catalogue_is_and_what_is_in_its_way(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    assert "None is written: its setting is empty." in seen(client, page_of(ada))
    SnowflakeConfiguration.objects.update(database="sales", schema="public", catalogue_name="runs")
    assert "SALES.PUBLIC.RUNS is made with the next load" in seen(client, page_of(ada))
    catalogue = SyncCatalogue.objects.create(configuration=ada.configuration, published_at=timezone.now())
    ada.item("failed")
    page = seen(client, page_of(ada))
    assert "SELECT * FROM SALES.PUBLIC.RUNS ORDER BY COMPUTED_AT DESC LIMIT 100;" in page
    assert "1 change waits for the next load." in page
    catalogue.error_code, catalogue.error_message, catalogue.error_remedy = (
        "table_not_ours",
        "It is taken.",
        "Rename it.",
    )
    catalogue.left_name = "SALES.PUBLIC.OLD"
    catalogue.save()
    page = seen(client, page_of(ada))
    assert "It could not be written. It is taken. Rename it." in page
    assert "SALES.PUBLIC.OLD is an earlier one" in page
    answer = Api(ada.user)("GET", f"/{ada.configuration.pk}")[1]["catalogue"]
    assert (answer["place"], answer["waiting"], answer["error_code"]) == ("SALES.PUBLIC.RUNS", 1, "table_not_ours")


def test_one_that_is_deleted_while_its_page_is_made_is_not_found(
    ada: Owner, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanings(*_: object) -> list[object]:
        ada.configuration.delete()
        raise SnowflakeConfiguration.DoesNotExist

    monkeypatch.setattr("sync.web.console.data_acts.meanings", meanings)
    assert login(ada.user).get(page_of(ada, "/data/meaning")).status_code == 404
