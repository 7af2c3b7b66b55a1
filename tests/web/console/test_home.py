"""The first page: what it says is wrong, with what cures it; and workers."""

import re
import sys
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync import queue
from sync.activity import Action, Kind
from sync.models import SyncActivity, SyncAttempt
from sync.reporting import history
from tests.factories import ConfigurationFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def attempts(owner: Owner, *outcomes: str, ago: float = 60.0, rows: int | None = None) -> None:
    """Attempts that ended so many seconds ago, and were due a second before."""
    ended = timezone.now() - timedelta(seconds=ago)
    for outcome in outcomes:
        SyncAttempt.objects.create(
            item=owner.item(),
            configuration=owner.configuration,
            outcome=outcome,
            due_at=ended - timedelta(seconds=1),
            started_at=ended,
            finished_at=ended,
            row_count=rows,
        )
    history.catch_up()


def pause(configuration: SnowflakeConfiguration, code: str) -> None:
    minutes = timezone.now() + timedelta(minutes=10)
    DestinationState.objects.filter(pk=configuration.pk).update(
        breaker_state="open", breaker_code=code, breaker_until=None if code == "paused_by_hand" else minutes
    )


def cures(page: str) -> dict[str, str]:
    """The addresses of what the verdict offers, by their words."""
    verdict = page[page.index('id="verdict"') : page.index("</section>", page.index('id="verdict"'))]
    return {said: address for address, said in re.findall(r'<a class="button" href="([^"]+)">([^<]+)</a>', verdict)}


def test_a_user_sees_their_own_and_staff_see_everything(
    ada: Owner, owner: Callable[[], Owner], staff: User, login: Login
) -> None:
    grace = owner()
    ada.failed("load_rejected")
    grace.failed("no_results")
    mine = words(text(login(ada.user), "/"))
    assert "load rejected" in mine
    assert ada.configuration.name in mine
    assert "no results" not in mine
    assert grace.configuration.name not in mine
    every = words(text(login(staff), "/"))
    assert "load rejected" in every
    assert "no results" in every
    one = text(login(staff), f"/?user={grace.user.email.upper()}")
    assert f"as {grace.user.email} sees it" in one
    assert "no results" in one
    assert "load rejected" not in one
    of_grace = (f"user={grace.user.email.replace('@', '%40')}", f"destination={grace.configuration.pk}")
    for address in re.findall(r'href="(/runs\?[^"]+)"', one):
        assert any(which in address for which in of_grace)


def test_what_is_wrong_is_said_with_what_cures_it(ada: Owner, staff: User, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    item = ada.failed("value_does_not_fit", configuration=ada.configuration)
    ada.item("pending", ago=1200)
    pause(ConfigurationFactory.create(user=ada.user, name="Old account"), "login_refused")
    page = text(login(staff), "/")
    said = words(page)
    assert f"The oldest due run for {ada.configuration.name} has been waiting for 20 min." in said
    assert "Old account is paused: Snowflake refused the log-in." in said
    assert f"1 run of Campaign report failed for {ada.configuration.name} in the last hour." in said
    found = cures(page)
    assert found["See why"] == f"/runs/{item.execution_id}"
    assert found["See what waits"] == "/runs?status=pending"
    assert found["Enter new credentials"].endswith("/settings")
    for address in found.values():
        assert login(staff).get(address).status_code == 200


def test_who_sees_their_own_is_offered_what_they_may_do(ada: Owner, staff: User, login: Login) -> None:
    ada.item("pending")
    assert cures(text(login(staff), "/"))["See the workers"] == "/workers"
    mine = text(login(ada.user), "/")
    assert "No worker is running and 1 load waits." in mine
    assert cures(mine) == {}


def test_a_pause_by_somebody_is_a_quiet_line_with_their_name(ada: Owner, staff: User, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    ada.item("completed")
    ada.item("pending")
    pause(ada.configuration, "paused_by_hand")
    for name, hours in (("ada@example.com", 5), ("grace@example.com", 2)):
        SyncActivity.objects.create(
            at=timezone.now() - timedelta(hours=hours),
            user_name=name,
            face=SyncActivity.Face.CONSOLE,
            action=Action.DESTINATION_PAUSED,
            subject_kind=Kind.DESTINATION,
            subject_id=str(ada.configuration.pk),
        )
    page = text(login(staff), "/")
    assert 'class="verdict is-good"' in page
    said = f"{ada.configuration.name} was paused by grace@example.com 2 h ago. 1 run waits. It goes on when resumed."
    assert said in words(page)
    assert cures(page)["Resume"] == f"/destinations/{ada.configuration.pk}"


def test_a_pause_says_why_since_when_and_until_when(ada: Owner, staff: User, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    item = ada.item("pending", ago=3000)
    paused = timezone.now() - timedelta(minutes=20)
    SyncAttempt.objects.create(item=item, configuration=ada.configuration, outcome="paused", finished_at=paused)
    history.catch_up()
    pause(ada.configuration, "login_refused")
    page = words(text(login(staff), "/"))
    said = f"{ada.configuration.name} has been paused for 20 min: Snowflake refused the log-in. 1 run waits."
    assert f"{said} Enter valid credentials in the destination's settings; its runs wait for that." in page
    assert "It is tried again in 9 min." in page
    # Its items wait for that on purpose: they are not late.
    assert "The oldest due run" not in page
    assert " 0 %" in page


def test_all_is_well_in_one_line(ada: Owner, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    attempts(ada, "completed", "completed", rows=600, ago=20)
    page = words(text(login(ada.user), "/"))
    assert "All synced. Nothing is waiting." in page
    now = timezone.localtime()
    if now.hour or now.minute:  # just after midnight, it ended yesterday
        assert "2 loads today, the last one" in page
        assert "2 runs 1,200 rows" in page
    assert "100 %" in page


def test_a_day_is_held_against_the_same_hours_a_week_before(
    ada: Owner, owner: Callable[[], Owner], staff: User, login: Login
) -> None:
    queue.register_worker("host", 1, 5)
    attempts(ada, "completed", "completed", "completed", "failed")
    attempts(ada, *["completed"] * 4, ago=7 * 86_400 + 60)
    attempts(owner(), "completed")
    mine, every = (words(text(login(user), "/")) for user in (ada.user, staff))
    assert "3 loads (\u221225 % against a week before) \u00b7 95 of 100 within 1 s of being due" in mine
    assert "4 loads (\u00b10 % against a week before)" in every


def test_every_number_leads_to_exactly_its_runs(ada: Owner, staff: User, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    workflow = ada.failed("load_rejected", ago=60).execution.workflow
    for ago in (1800, 7200, 3 * 86_400):
        item = ada.failed("load_rejected", ago=ago)
        type(item.execution).objects.filter(pk=item.execution.pk).update(workflow=workflow)
    ada.failed("load_rejected")
    ada.failed("no_results")
    ada.item("pending", ago=5)
    client = login(staff)
    page = text(client, "/")
    found = re.findall(r'<a class="count" href="([^"]+)">(\d+)<', page)
    assert sorted(count for _, count in found) == ["1", "1", "4"]
    waiting = re.search(r'data-label="Waiting"><a href="([^"]+)">(\d+)<', page)
    assert waiting
    for address, count in [*found, waiting.groups()]:
        listed = text(client, address)
        assert len(set(re.findall(r'href="(/runs/[^"?]+)"', listed))) == int(count)


def test_only_some_destinations_are_listed_those_in_trouble_first(ada: Owner, staff: User, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    ConfigurationFactory.create_batch(30, user=ada.user)
    last = ConfigurationFactory.create(user=ada.user, name="the paused one")
    pause(last, "login_refused")
    late = ConfigurationFactory.create(user=ada.user, name="the late one")
    ada.item("pending", ago=4000, configuration=late)
    page = text(login(staff), "/")
    table = page[page.index('id="destinations"') : page.index('id="worst"')]
    names = re.findall(r'<th scope="row"><a href="[^"]*">([^<]+)</a>', table)
    assert len(names) == 15
    assert names[:2] == [last.name, late.name]
    assert "15 of 33" in page


def test_a_page_is_light_with_two_hundred_destinations(
    ada: Owner, staff: User, login: Login, settings: Settings
) -> None:
    for _ in range(200):
        configuration = ConfigurationFactory.create(user=ada.user, name="A destination with a name " + "x" * 40)
        pause(configuration, "login_refused")
    item = ada.item()
    SyncAttempt.objects.bulk_create(
        SyncAttempt(
            item=item,
            configuration=each,
            outcome=outcome,
            finished_at=timezone.now() - timedelta(hours=hour, minutes=1),
        )
        for each in SnowflakeConfiguration.objects.all()
        for hour in range(24)
        for outcome in ("completed", "failed")
    )
    history.catch_up()
    for code in ("load_rejected", "no_results", "table_not_ours"):
        ada.failed(code)
    # However slow the machine is: the page that says so would be light, too.
    settings.API_READ_TIMEOUT = 60.0
    page = text(login(staff), "/")
    assert "15 of 201" in page
    assert len(page.encode()) < 60_000


def test_whoever_has_no_destination_is_asked_to_connect_snowflake(ada: Owner, login: Login) -> None:
    queue.register_worker("host", 1, 5)
    for _ in range(2):
        ada.item("skipped", error_code="no_destination", configuration=None)
    SnowflakeConfiguration.objects.all().delete()
    page = text(login(ada.user), "/")
    assert "2 results wait for a destination that is on. Connect Snowflake, or switch one on." in words(page)
    assert cures(page)["Connect Snowflake"] == "/connect"


def test_an_empty_installation_has_a_list_that_ticks_itself(ada: Owner, staff: User, login: Login) -> None:
    def done(page: str) -> list[str]:
        return re.findall(r"<strong>([^<]+)<span class=\"hidden\">: done", page)

    client = login(staff)
    SnowflakeConfiguration.objects.all().delete()
    page = text(client, "/")
    assert done(page) == ["The application's tables have the trigger", "Somebody may log in"]
    assert "manage.py run_sync_worker" in page
    assert 'id="steps"' not in text(login(ada.user), "/")
    assert 'id="steps"' not in text(client, f"/?user={ada.user.email}")
    queue.register_worker("host", 1, 5)
    ada.configuration = ConfigurationFactory.create(user=ada.user)
    assert len(done(text(client, "/"))) == 4
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workflow_executions DISABLE TRIGGER trigger_queue_universal_snowflake_sync")
    page = text(client, "/")
    assert len(done(page)) == 3
    assert "Nothing has completed yet." in page
    ada.item("skipped", error_code="no_destination", configuration=None)
    assert "1 result waits for a destination." in text(client, "/")
    assert "ALTER TABLE workflow_executions ENABLE TRIGGER trigger_queue_universal_snowflake_sync;" in page
    ada.item("completed")
    assert 'id="steps"' not in text(client, "/")


def test_workers_say_what_they_hold_and_get_done(ada: Owner, staff: User, login: Login) -> None:
    worker = queue.register_worker("host", 17, 5)
    item = ada.item("processing", worker_id=worker, claim_token=1)
    SyncAttempt.objects.create(
        item=item, configuration=ada.configuration, worker_id=worker, outcome="completed", finished_at=timezone.now()
    )
    history.catch_up(now=timezone.now() + timedelta(minutes=1))
    page = unescape(text(login(staff), "/workers"))
    assert f'href="/runs/{item.execution_id}"' in page
    assert "1 live" in words(page)
    assert re.search(r'data-label="Last hour">1<', page)
    assert "It needs a permission that you lack" in text(login(ada.user), "/workers", 403)


def test_of_many_runs_that_workers_hold_the_oldest_are_named(
    ada: Owner, staff: User, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["sync.reporting.workers"], "HELD", 2)
    workers = [queue.register_worker("host", pid, 5) for pid in (17, 18, 17)]
    ages = zip(workers, (30.0, 90.0, 60.0), strict=True)
    held = [ada.item("processing", ago=ago, worker_id=worker, claim_token=1).execution_id for worker, ago in ages]
    page = text(login(staff), "/workers")
    assert set(re.findall(r'href="/runs/([^"]+)"', page)) == {*held[1:]}
    assert 'href="/runs?status=processing"' in page
    monkeypatch.setattr(sys.modules["sync.reporting.workers"], "HELD", 3)
    assert 'href="/runs?status=processing"' not in text(login(staff), "/workers")


def test_what_is_not_there_says_so_with_a_way_back(ada: Owner, login: Login) -> None:
    for page in ("/nothing", "/runs/nothing"):
        for client in (login(ada.user), Client()):
            answer = client.get(page)
            if answer.status_code == 404:
                assert 'href="/"' in answer.content.decode()
                assert "nothing here for you to see" in answer.content.decode()
