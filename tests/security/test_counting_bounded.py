"""What counts for seconds before it is confirmed: so often for a user, few at once, and threads left for others."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import ApiToken, SnowflakeConfiguration, User
from accounts.usage import AtOnce
from sync.destinations.limits import COUNTING
from sync.operations import change_rules
from tests.factories import ConfigurationFactory, UserFactory
from tests.security.conftest import client_of

OF_A_DESTINATION = ("backfill", "rules-meaning", "rules-reload", "rules-return", "rules-remove", "prune")
PAGES = ("retry", "skip", "load-again", "leave-out", "backfill-of", *OF_A_DESTINATION)


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    made: SnowflakeConfiguration = ConfigurationFactory.create()
    rule = {"name": "No notes", "kind": "column", "action": "drop", "columns": ["note"]}
    change_rules(made.pk, [rule], author="", expected_version=None)
    return made


def at(name: str, destination: SnowflakeConfiguration) -> str:
    return reverse(f"console:{name}", args=[destination.pk] if name in OF_A_DESTINATION else [])


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", PAGES)
def test_so_often_and_no_more(destination: SnowflakeConfiguration, settings: Settings, name: str, method: str) -> None:
    settings.API_RATES = {"count": "2/min"}
    client, address = client_of(destination.user), at(name, destination)
    answers = [getattr(client, method)(address) for _ in range(3)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert "That was too often" in answers[-1].content.decode()
    other = client_of(UserFactory.create())
    assert getattr(other, method)(at("retry", destination)).status_code == 200


@contextmanager
def taken(*users: User) -> Iterator[None]:
    """A place each is taken meanwhile."""
    if not users:
        yield
        return
    with COUNTING.place(users[0].pk) as free, taken(*users[1:]):
        assert free
        yield


@pytest.mark.parametrize("name", PAGES)
def test_two_at_once_and_no_more(destination: SnowflakeConfiguration, name: str) -> None:
    client, address = client_of(destination.user), at(name, destination)
    with taken(destination.user):
        assert client.get(address).status_code != 429
        with taken(destination.user):
            refused = client.get(address)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert "Enough is being counted at this moment. Try again in 5 seconds." in refused.content.decode()
    assert client.get(address).status_code != 429


def test_four_of_all_users_and_no_more(destination: SnowflakeConfiguration) -> None:
    ann, bob = UserFactory.create_batch(2)
    with taken(ann, ann, bob, bob):
        assert client_of(destination.user).get(at("retry", destination)).status_code == 429
        # Whatever is quick goes on.
        assert client_of(destination.user).get("/runs").status_code == 200


def test_the_api_has_the_same_places(destination: SnowflakeConfiguration) -> None:
    path = f"/api/snowflake/configurations/{destination.pk}/rules"
    api = Client(headers={"Authorization": f"Bearer {ApiToken.objects.create(destination.user)[1]}"})
    with taken(destination.user, destination.user):
        for answer in (
            api.get(f"{path}/effect"),
            *(api.post(f"{path}/{act}", content_type="application/json") for act in ("reload", "return", "removal")),
            api.post("/api/snowflake-sync/backfill", content_type="application/json"),
        ):
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5"), answer.content
    assert api.get(f"{path}/effect").status_code == 200


def test_a_place_is_given_back_by_whoever_had_it() -> None:
    places, began = AtOnce(3, each=2), threading.Barrier(3)

    def take(_number: int) -> bool:
        with places.place("ann") as free:
            began.wait()
            return free

    for _ in range(50):
        with ThreadPoolExecutor(3) as threads:
            assert sorted(threads.map(take, range(3))) == [False, True, True]


@pytest.mark.parametrize(
    "act",
    [
        lambda client, of: client.post(f"/destinations/{of.pk}/pause"),
        lambda client, of: client.post(f"/destinations/{of.pk}/resume"),
        lambda client, of: client.post(f"/destinations/{of.pk}/switch", {"to": "off"}),
        lambda client, of: client.post("/me", {"act": "preferences", "time_zone": "", "theme": "dark"}),
        lambda client, of: client.post(f"/me/tokens/{ApiToken.objects.create(of.user)[0].pk}/revoke"),
        lambda client, of: client.post(f"/destinations/{of.pk}/delete"),
    ],
    ids=["pause", "resume", "switch", "preferences", "revoke", "delete"],
)
def test_whatever_writes_is_counted(
    destination: SnowflakeConfiguration, settings: Settings, act: Callable[[Client, SnowflakeConfiguration], object]
) -> None:
    settings.API_RATES = {"configure": "1/min"}
    client = client_of(destination.user)
    assert client.post(f"/destinations/{destination.pk}/resume").status_code == 302
    act(client, destination)
    destination.refresh_from_db()
    state = destination.state.breaker_state
    assert (destination.is_active, state) == (True, "closed")
    assert not ApiToken.objects.exclude(revoked_at=None).exists()
    assert User.objects.get(pk=destination.user_id).chosen.theme == "system"
