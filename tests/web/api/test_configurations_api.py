"""/api/snowflake/configurations: a destination from its creation to its end, as its owner does it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync import destinations
from sync.destinations.check import check_configuration
from sync.models import SyncAttempt, SyncQueueItem
from tests.destinations.configurations import Api, made, own_key, refusals, stored, wanted
from tests.factories import ConfigurationFactory, UserFactory
from tests.world import World

CLICKS = [("clicks", "integer")]
Method = SnowflakeConfiguration.AuthMethod


@pytest.fixture
def api(db: None) -> Api:
    return Api(UserFactory.create())


# The whole way


def test_from_a_key_pair_made_here_to_rows_in_snowflake(world: World, settings: Settings) -> None:
    SnowflakeConfiguration.objects.all().delete()
    api = Api(world.user)
    user = world.snowflake.database.replace("TEST", "user")
    configuration = made(api, database=world.snowflake.database, username=user, auth_method="key_pair")
    statement = configuration["register_key"]["statement"]
    assert statement.startswith(f'ALTER USER "{user.upper()}" SET RSA_PUBLIC_KEY=\'MII')
    execution = world.complete(CLICKS, [[1]])
    world.snowflake.rows(f"ALTER USER \"{user.upper()}\" SET RSA_PUBLIC_KEY='MIIB'")

    # Nobody can have run the statement yet: no log-in is wasted.
    assert (configuration["breaker"]["state"], configuration["breaker"]["code"]) == ("paused", "key_not_registered")
    world.work()
    assert [login for login in world.snowflake.server.logins() if login.user.lower() == user] == []

    status, report = api("POST", f"/{configuration['id']}/check")
    assert (status, report["ok"]) == (200, False)
    (mend,) = [step["mend"] for step in report["steps"] if step["status"] == "failed"]
    assert mend == [statement]
    world.snowflake.rows(statement)
    status, report = api("POST", f"/{configuration['id']}/check")
    assert (status, report["ok"]) == (200, True)
    status, configuration = api("GET", f"/{configuration['id']}")
    nothing = {"code": None, "reason": None, "what_to_do": None, "until": None}
    assert configuration["breaker"] == {"state": "working", **nothing}
    assert configuration["last_check"]["ok"]
    world.work()
    assert world.rows(execution) == [(1,)]


def test_a_private_key_of_one_s_own_with_a_passphrase(world: World) -> None:
    SnowflakeConfiguration.objects.all().delete()
    api = Api(world.user)
    user = world.snowflake.database.replace("TEST", "OWN")
    key = own_key(b"open sesame")
    more = {"private_key": key, "private_key_passphrase": "open sesame", "private_key_slot": 2}
    configuration = made(api, database=world.snowflake.database, username=user, auth_method="key_pair", **more)
    assert configuration["breaker"]["state"] == "untried"
    statement = configuration["register_key"]["statement"]
    assert "SET RSA_PUBLIC_KEY_2='" in statement
    world.snowflake.rows(statement)
    assert api("POST", f"/{configuration['id']}/check")[1]["ok"]
    assert "ENCRYPTED" not in stored(configuration).open_secret(Method.KEY_PAIR)


# What is refused, and in which words


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"account_identifier": "evil.com"}, "account_identifier", "not a Snowflake account identifier"),
        ({"account_identifier": "https://evil.com/x"}, "account_identifier", "not a Snowflake account identifier"),
        ({"warehouse": "  "}, "warehouse", "may not be blank"),
        ({"database": "x" * 256}, "database", "255"),
        ({"schema": "a\nDROP USER b"}, "schema", "cannot be seen"),
        ({"role": "a\u202eb"}, "role", "cannot be seen"),
        ({"username": "a\0b"}, "username", "Null characters"),
        ({"auth_method": "password"}, "password", "needs a secret"),
        ({"auth_method": "access_token", "token": ""}, "token", "may not be blank"),
        ({"auth_method": "password", "token": "x"}, "token", "does not use this"),
        ({"auth_method": "auto", "password": "x"}, "auth_method", "not a valid choice"),
        ({"auth_method": "key_pair", "private_key": "-----BEGIN nonsense"}, "private_key", "cannot be read"),
        ({"private_key": own_key(b"secret")}, "private_key", "encrypted"),
        ({"private_key": own_key(bits=1024)}, "private_key", "2048"),
        ({"private_key_passphrase": "x"}, "private_key_passphrase", "no private_key"),
        ({"auth_method": "password", "password": "x", "private_key": "y"}, "password", "one secret"),
        ({"min_interval_seconds": -1}, "min_interval_seconds", "greater than or equal to 0"),
        ({"layout": "sideways"}, "layout", "not a valid choice"),
        ({"pasword": "x"}, "pasword", "nothing of that name"),
    ],
)
def test_a_refusal_names_the_field(api: Api, more: dict[str, Any], field: str, said: str) -> None:
    status, answer = api("POST", body=wanted(**more))
    assert status == 400
    assert said in refusals(answer)[field]
    assert not SnowflakeConfiguration.objects.exists()


def test_a_pasted_address_is_an_account(api: Api) -> None:
    configuration = made(api, account_identifier=" https://app.snowflake.com/ACME/main/#/homepage ")
    assert configuration["account_identifier"] == "acme-main"


def test_a_destination_is_there_once_for_each_user(api: Api) -> None:
    first = made(api)
    status, answer = api("POST", body=wanted(database='"ANALYTICS"', account_identifier="ACME-main", role=""))
    assert status == 400
    assert first["id"] in refusals(answer)["schema"]
    other = made(api, schema="other")
    status, answer = api("PATCH", f"/{other['id']}", {"schema": "PUBLIC"})
    assert (status, list(refusals(answer))) == (400, ["schema"])
    made(Api(UserFactory.create()))


def test_a_password_says_why_it_should_go(api: Api) -> None:
    configuration = made(api, auth_method="password", password="x")
    assert "October 2026" in configuration["warning"]
    assert made(api, schema="other")["warning"] == ""


# Changing and deleting


def test_only_what_is_sent_is_changed_and_what_waits_goes_on_waiting(world: World) -> None:
    api = Api(world.user)
    execution = world.complete(CLICKS, [[1]])
    world.snowflake.server.refuse_login("390100", "No.")
    DestinationState.objects.update(last_login_at=None)
    world.work()
    before = SnowflakeConfiguration.objects.get()
    assert before.state.breaker_state == "open"
    world.snowflake.server.clear_faults()
    status, changed = api("PATCH", f"/{before.pk}", {"password": "another", "name": "Mine", "auth_method": "password"})
    assert status == 200
    assert (changed["name"], changed["breaker"]["state"]) == ("Mine", "untried")
    after = SnowflakeConfiguration.objects.get()
    assert after.open_secret(Method.PASSWORD) == "another"
    assert (after.database, after.username, after.created_at) == (before.database, before.username, before.created_at)
    assert world.item(execution).status == "pending"
    world.work()
    assert world.rows(execution) == [(1,)]


def test_a_change_leaves_what_workers_write_alone(world: World) -> None:
    api = Api(world.user)
    destinations.pause_by_hand(world.configuration.pk)
    assert api("PATCH", f"/{world.configuration.pk}", {"name": "x"})[1]["breaker"]["state"] == "paused"
    assert api("PATCH", f"/{world.configuration.pk}", {})[0] == 200


def test_a_method_without_its_secret_is_refused(api: Api) -> None:
    configuration = made(api, auth_method="password", password="x")
    status, answer = api("PATCH", f"/{configuration['id']}", {"auth_method": "key_pair"})
    assert status == 400
    assert "rotate-key" in refusals(answer)["private_key"]
    status, answer = api("PATCH", f"/{configuration['id']}", {"auth_method": "oauth"})
    assert (status, list(refusals(answer))) == (400, ["token"])
    assert stored(configuration).auth_method == "password"


def test_deleting_takes_its_items_along_and_nothing_else(world: World) -> None:
    api = Api(world.user)
    execution = world.complete(CLICKS, [[1]])
    world.work()
    assert SyncAttempt.objects.exists()
    assert api("DELETE", f"/{world.configuration.pk}") == (204, None)
    assert not SyncQueueItem.objects.exists()
    assert not SyncAttempt.objects.exists()
    execution.refresh_from_db()
    assert execution.snowflake_status == "completed"
    table = f'"{world.snowflake.database}"."PUBLIC"."{execution.snowflake_table_name}"'
    assert world.snowflake.rows(f"SELECT COUNT(*) FROM {table}") == [(1,)]


# Who sees what


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/check"),
        ("GET", "/setup-script"),
        ("POST", "/rotate-key"),
    ],
)
def test_somebody_else_s_is_not_there(api: Api, method: str, path: str) -> None:
    theirs = ConfigurationFactory.create()
    status, _ = api(method, f"/{theirs.pk}{path}", {} if method != "GET" else None)
    assert status == 404
    theirs.refresh_from_db()
    assert (theirs.next_private_key_encrypted, theirs.state.last_check) == (None, None)
    assert api("GET") == (200, {"items": []})
    assert api("GET", f"?user={theirs.user.email}") == api("GET", "?user=nobody@example.com")
    assert api("GET", f"?user={theirs.user.email}")[0] == 404


def test_staff_see_all_and_may_name_whose(db: None) -> None:
    first, second = ConfigurationFactory.create_batch(2)
    api = Api(User.objects.create_superuser("staff@example.com"))

    def seen(path: str) -> list[str]:
        return [one["id"] for one in api("GET", path)[1]["items"]]

    assert seen("") == [str(first.pk), str(second.pk)]
    assert seen(f"?user={second.user.email.upper()}") == [str(second.pk)]
    assert seen(f"?user={first.user_id}") == [str(first.pk)]
    assert api("GET", "?user=nobody@example.com")[0] == 404
    assert api("GET", "?user=%00")[0] == 400
    status, answer = api("POST", f"?user={first.user.email}", wanted())
    assert (status, answer["user"]) == (201, first.user.email)


def test_the_list_costs_the_same_however_long_it_is(db: None) -> None:
    user = UserFactory.create()
    api = Api(user)
    ConfigurationFactory.create(user=user)
    api("GET")  # notes that the token is in use
    with CaptureQueriesContext(connection) as one:
        assert len(api("GET")[1]["items"]) == 1
    for number in range(3):
        ConfigurationFactory.create(user=user, schema=f"S{number}")
    with CaptureQueriesContext(connection) as four:
        assert len(api("GET")[1]["items"]) == 4
    assert len(one) == len(four)


# Scripts and checks


def test_the_setup_script(api: Api) -> None:
    configuration = made(api)
    status, scripts = api("GET", f"/{configuration['id']}/setup-script")
    assert status == 200
    assert configuration["register_key"]["statement"] in scripts["setup"]
    assert 'DROP USER IF EXISTS "SYNC_USER";' in scripts["undo"]
    assert set(scripts) == {"setup", "undo"}
    own = made(api, schema="other", role="sysadmin")
    status, answer = api("GET", f"/{own['id']}/setup-script")
    assert status == 409
    assert "Snowflake's own" in answer["detail"]


def test_a_check_that_may_not_log_in_now_is_a_conflict(world: World) -> None:
    api = Api(world.user)
    world.snowflake.server.refuse_login("390100", "No.")
    for _ in range(2):
        check_configuration(world.configuration.pk)
    status, answer = api("POST", f"/{world.configuration.pk}/check")
    assert status == 409
    assert "refused these credentials" in answer["detail"]
