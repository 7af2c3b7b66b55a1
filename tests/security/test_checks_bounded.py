"""Checks, key pairs and destinations: what costs much does not let one user stop the site for all."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import ApiToken, ApiUsage, SnowflakeConfiguration, User
from sync.destinations.limits import CHECK_ENDED, WAITING, check_slot
from sync.destinations.not_done import NotNowError
from tests.destinations.configurations import Api, wanted
from tests.factories import ConfigurationFactory, UserFactory
from tests.processes import web_server
from tests.security.test_slow_clients import PATIENCE, get

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def silence() -> Iterator[str]:
    """Where connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def check(port: int, configuration: SnowflakeConfiguration, token: str) -> tuple[int, str]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        path = f"/api/snowflake/configurations/{configuration.pk}/check"
        client.request("POST", path, headers={"Authorization": f"Bearer {token}"})
        answer = client.getresponse()
        return answer.status, json.loads(answer.read()).get("detail", "")
    finally:
        client.close()


@pytest.mark.parametrize(("users", "running", "why"), [(1, 1, "Another check of yours"), (9, 2, "Other checks")])
def test_checks_that_get_no_answer_leave_the_site_to_others(silence: str, users: int, running: int, why: str) -> None:
    owners = UserFactory.create_batch(users)
    tokens = {owner.pk: ApiToken.objects.create(owner)[1] for owner in owners}
    checked = [ConfigurationFactory.create(user=owners[n % users]) for n in range(9)]
    with web_server(more={"SNOWFLAKE_ENDPOINT": silence}) as (port, process), ThreadPoolExecutor(9) as clients:
        asked = [clients.submit(check, port, each, tokens[each.user_id]) for each in checked]
        while sum(each.done() for each in asked) < 9 - running:
            pass  # the test's time limit is the bound
        assert [get(port) for _ in range(20)] == [200] * 20
        assert get(port, "/log-in") == 200
        refused = [each.result() for each in asked if each.done()]
        assert [status for status, _ in refused] == [409] * (9 - running)
        assert any(why in detail for _, detail in refused)
        process.kill()
        for each in asked:
            each.exception()


def test_a_slot_ends_with_what_it_is_for_and_without_it() -> None:
    user = UserFactory.create()
    for _ in range(2):
        with check_slot(user.pk), pytest.raises(NotNowError, match="Another check of yours"), check_slot(user.pk):
            pass
    ApiUsage.objects.create(key=f"check_slot/{user.pk}", since=datetime.now(UTC), count=1)  # its process was killed
    with pytest.raises(NotNowError), check_slot(user.pk):
        pass
    ApiUsage.objects.update(since=datetime.now(UTC) - timedelta(seconds=CHECK_ENDED + 1))
    with check_slot(user.pk), check_slot(UserFactory.create().pk):
        pass
    with WAITING.place(), WAITING.place(), pytest.raises(NotNowError, match="Other checks"), check_slot(user.pk):
        pass
    assert not ApiUsage.objects.filter(key__startswith="check_slot/").exists()


def test_a_user_has_so_many_destinations_and_no_more(settings: Settings) -> None:
    settings.SYNC_MAX_DESTINATIONS, settings.API_RATES = 3, {}
    api, other = Api(UserFactory.create()), Api(UserFactory.create())
    made = [api("POST", "", wanted(schema=f"S{n}")) for n in range(4)]
    assert [status for status, _ in made] == [201, 201, 201, 409]
    problem = made[-1][1]
    assert problem["code"] == "too_many_destinations"
    assert "a user may have 3" in problem["detail"]
    assert "SYNC_MAX_DESTINATIONS" in problem["what_to_do"]
    assert other("POST", "", wanted())[0] == 201
    assert api("DELETE", f"/{made[0][1]['id']}")[0] == 204
    assert api("POST", "", wanted(schema="S9"))[0] == 201


def test_many_at_once_do_not_pass_the_limit(settings: Settings) -> None:
    settings.SYNC_MAX_DESTINATIONS, settings.API_RATES = 2, {}
    api = Api(UserFactory.create())

    def create(number: int) -> int:
        try:
            return api("POST", "", wanted(schema=f"S{number}"))[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as clients:
        statuses = list(clients.map(create, range(6)))
    assert sorted(statuses) == [201, 201, 409, 409, 409, 409]


def test_making_and_deleting_destinations_is_counted_reading_is_not(settings: Settings) -> None:
    settings.API_RATES = {"configure": "2/min"}
    api = Api(UserFactory.create())
    status, made = api("POST", "", wanted(auth_method="key_pair"))
    assert status == 201
    assert api("DELETE", f"/{made['id']}")[0] == 204
    status, problem = api("POST", "", wanted(auth_method="key_pair"))
    assert (status, problem["code"]) == (429, "throttled")
    assert {api("GET", "")[0] for _ in range(5)} == {200}


def form(user: User, schema: str) -> dict[str, object]:
    return {
        "user": user.pk,
        "account_identifier": "acme-main",
        "warehouse": "WH",
        "database": "DB",
        "schema": schema,
        "username": "ann",
        "auth_method": "key_pair",
        "private_key_slot": 1,
        "layout": "per_execution",
        "identifier_case": "upper",
        "min_interval": "0",
        "deleted_results": "keep",
        "is_active": "on",
    }


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "a password"))
    return client


ADMIN = "/admin/accounts/snowflakeconfiguration/"


@pytest.mark.parametrize(("limits", "why"), [({"SYNC_MAX_DESTINATIONS": 1}, "a user may have 1"), ({}, "too often")])
def test_the_admin_has_the_same_limits(admin: Client, settings: Settings, limits: dict[str, int], why: str) -> None:
    settings.API_RATES = {"configure": "1/min"} if not limits else {}
    for name, value in limits.items():
        setattr(settings, name, value)
    owner = UserFactory.create()
    for schema in ("S1", "S2"):
        answer = admin.post(f"{ADMIN}add/", form(owner, schema), follow=True)
    assert why in answer.content.decode()
    assert SnowflakeConfiguration.objects.filter(user=owner).count() == 1


@pytest.mark.parametrize("page", ["connect/{}/check", "destinations/{}/key"])
@pytest.mark.parametrize("fields", [{}, {"activate": "yes"}])
def test_the_consoles_checks_and_keys_are_counted(
    admin: Client, settings: Settings, silence: str, page: str, fields: dict[str, str]
) -> None:
    settings.API_RATES = {"check": "1/min"}
    settings.SNOWFLAKE_ENDPOINT = silence
    configuration = ConfigurationFactory.create()
    admin.post(f"/destinations/{configuration.pk}/key")
    started = time.monotonic()
    answer = admin.post(f"/{page.format(configuration.pk)}", fields, follow=True)
    assert "That was too often" in answer.content.decode()
    assert time.monotonic() - started < PATIENCE
