"""Connecting a Snowflake account, against the local Snowflake: three steps, and what mends the one that fails."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import SnowflakeConfiguration, User
from sync import queue
from sync.alerts import Kind, look
from sync.destinations import check_configuration, pause_destination, resume_destination
from sync.errors import failure
from sync.models import SyncActivity, SyncAlert
from sync.postgres import database_now
from sync.web.console.checking import shown
from sync.web.console.sent_sql import LASTS
from tests.factories import ConfigurationFactory, UserFactory
from tests.security.conftest import clerk
from tests.web.console.reading import text, words
from tests.world import World

Login = Callable[[User], Client]
ACCOUNT = "https://app.snowflake.com/myorg/myaccount/#/homepage"


def fields(**more: str) -> dict[str, str]:
    return {
        "account_identifier": ACCOUNT,
        "database": "ANALYTICS",
        "schema": "PUBLIC",
        "warehouse": "UNIVERSAL_SNOWFLAKE_SYNC",
        "username": "UNIVERSAL_SNOWFLAKE_SYNC",
        "role": "",
        "name": "",
        "auth_method": "key_pair",
        "new_secret": "",
        "passphrase": "",
    } | more


@pytest.mark.django_db
def test_a_user_who_knows_nothing_gets_sql_with_its_undo(login: Login) -> None:
    user = UserFactory.create()
    client = login(user)
    asked = text(client, "/connect")
    assert "Where do I find it?" in asked
    assert 'value="UNIVERSAL_SNOWFLAKE_SYNC"' in asked
    answer = client.post("/connect", fields())
    made = SnowflakeConfiguration.objects.get()
    assert answer.headers["Location"] == f"/connect/{made.pk}/let-in"
    assert (made.user, made.auth_method, made.account_identifier) == (user, "key_pair", "myorg-myaccount")
    page = text(client, f"/connect/{made.pk}/let-in")
    assert "CREATE USER IF NOT EXISTS" in page
    assert "RSA_PUBLIC_KEY" in page
    assert "DROP USER IF EXISTS" in page
    assert "PRIVATE KEY" not in page
    saved = client.get(f"/connect/{made.pk}/let-in?as=setup")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="snowflake-sync-setup.sql"'
    assert SyncActivity.objects.filter(action="destination_made", face="console", user_id=user.pk).count() == 1


@pytest.mark.django_db
def test_what_was_left_half_way_is_no_alarm_and_can_be_gone_on_with(login: Login) -> None:
    queue.register_worker("a-host", 1, 5)
    user = UserFactory.create()
    client = login(user)
    client.post("/connect", fields(name="Half-way"))
    made, now = SnowflakeConfiguration.objects.get(), database_now()
    home = text(client, "/").partition("<main")[2]
    assert "Half-way is not connected yet." in words(home)
    assert "has been paused" not in home
    assert f'href="/connect/{made.pk}/let-in">Go on connecting' in home
    look(now=now)
    assert not SyncAlert.objects.filter(kind=Kind.DESTINATION_PAUSED).exists()
    # What waits for it has been tried, and was refused: that is one.
    resume_destination(made.pk)
    pause_destination(made.pk, failure("login_refused", "Snowflake refused the log-in"))
    assert ": Snowflake refused the log-in." in text(client, "/")
    look(now=now + timedelta(minutes=1))
    assert SyncAlert.objects.filter(kind=Kind.DESTINATION_PAUSED).count() == 1


@pytest.mark.django_db
def test_an_administrator_without_a_log_in_gets_a_link(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ConfigurationFactory.create(name="Warehouse of ada")
    page = text(login(made.user), f"/connect/{made.pk}/let-in")
    link = re.search(r"http://testserver(/connect/sql\?of=[^<]+)", page)
    assert link
    sent = text(Client(), link[1])
    assert "CREATE USER IF NOT EXISTS" in sent
    assert "DROP USER IF EXISTS" in sent
    assert made.user.email in sent
    for hidden in (made.name, "not-a-real-password", str(made.pk), "/let-in", "?as="):
        assert hidden not in sent
    assert "leads nowhere" in text(Client(), link[1][:-1], 404)
    assert "leads nowhere" in text(Client(), "/connect/sql", 404)
    assert Client().post(link[1]).status_code == 405
    then = time.time() + LASTS.total_seconds() + 1
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: then)
        assert "leads nowhere" in text(Client(), link[1], 404)
    made.delete()
    assert "leads nowhere" in text(Client(), link[1], 404)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"account_identifier": "evil.example.com"}, "is not a Snowflake account identifier"),
        ({"database": ""}, "This field is required."),
        ({"auth_method": "password"}, "This method needs a secret, and there is none."),
        ({"auth_method": "key_pair", "new_secret": "no key at all"}, "key"),
        ({"auth_method": "key_pair", "new_line": "no key at all"}, "for another method"),
    ],
)
def test_what_is_refused_says_why_at_its_field(login: Login, wrong: dict[str, str], said: str) -> None:
    answer = login(UserFactory.create()).post("/connect", fields(**wrong))
    assert answer.status_code == 400
    errors = answer.context["form"].errors
    assert len(errors) == 1
    assert said in str(errors)
    assert "no key at all" not in answer.content.decode()
    assert not SnowflakeConfiguration.objects.exists()


@pytest.mark.django_db
def test_a_schema_is_one_destinations(login: Login) -> None:
    there = ConfigurationFactory.create()
    answer = login(there.user).post("/connect", fields(account_identifier="myorg-myaccount"))
    assert "loads into this schema already" in str(answer.context["form"].errors["schema"])


@pytest.mark.django_db
def test_staff_connect_one_for_somebody_else(login: Login, staff: User) -> None:
    eve = UserFactory.create(email="eve@example.com")
    client = login(staff)
    assert "It will be eve@example.com's." in text(client, "/connect?user=eve@example.com")
    client.post("/connect", fields(user="eve@example.com"))
    assert SnowflakeConfiguration.objects.get().user == eve
    mallory = UserFactory.create()
    login(mallory).post("/connect", fields(user="eve@example.com"))
    assert SnowflakeConfiguration.objects.filter(user=mallory).count() == 1
    assert login(clerk("view_snowflakeconfiguration")).post("/connect", fields()).status_code == 403


def test_a_check_that_fails_says_what_mends_it_and_goes_on(target: World, login: Login) -> None:
    client, id_ = login(target.user), target.configuration.pk
    target.snowflake.server.inject("^USE WAREHOUSE", "error", code="003001", sqlstate="42501", message="No privileges")
    client.post(f"/connect/{id_}/check")
    page = words(text(client, f"/connect/{id_}/check"))
    assert "Use the warehouse failed" in page
    assert 'GRANT USAGE ON WAREHOUSE "LOADING" TO ROLE "LOADER";' in page
    assert "I ran it: check again" in page
    client.post(f"/connect/{id_}/check")
    page = words(text(client, f"/connect/{id_}/check"))
    assert "Everything works" in page
    assert "No past run is missing there." in page
    assert SyncActivity.objects.filter(action="destination_checked", user_id=target.user.pk).count() == 2


def test_others_see_how_far_a_check_is(world: World, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    client, id_ = login(world.user), world.configuration.pk
    seen: list[Any] = []

    def look(*_: object) -> None:
        found = SnowflakeConfiguration.objects.get(pk=id_)
        assert found.state.last_check_at
        seen.append(shown(found, found.state.last_check_at))

    monkeypatch.setattr("sync.snowflake.setup.check._Check._put", look)
    check_configuration(id_)
    (then,) = seen
    assert then.is_running
    assert [step["status"] for step in then.steps][5:9] == ["ok", "ok", "running", "not_reached"]
    assert "Put" not in words(text(client, f"/connect/{id_}/check"))


def test_what_could_not_be_tried_leaves_the_report_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = check_configuration(world.configuration.pk).as_json()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("sync.destinations.check.check_destination", broken)
    with pytest.raises(RuntimeError):
        check_configuration(world.configuration.pk)
    assert SnowflakeConfiguration.objects.get().state.last_check == before
