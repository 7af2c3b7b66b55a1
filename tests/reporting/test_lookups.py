"""What somebody typed means the same on every face."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.core.management.base import CommandError
from django.test import Client, RequestFactory

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.management.arguments import date_or_time, user_ids
from sync.web.api.parameters import QueueParameters
from sync.web.console.query_parameters import ConsoleQuery
from tests.factories import ConfigurationFactory, UserFactory

pytestmark = pytest.mark.django_db


def in_the_api(asked: str, client: Client, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/api/snowflake-sync/queue", {"user": asked}, headers=headers)
    return answer.json().get("code", answer.status_code)


def in_the_monitor(viewer: User, **asked: str) -> ConsoleQuery:
    request = RequestFactory().get("/", asked)
    request.user = viewer
    return ConsoleQuery(request)


def user_in_the_monitor(asked: str, staff: User) -> UUID | None:
    return in_the_monitor(staff, user=asked).scope.user_id


@pytest.fixture
def token(staff: User) -> str:
    made: str = ApiToken.objects.create(user=staff)[1]
    return made


def test_one_user_in_other_capitals_is_meant(staff: User, client: Client, token: str) -> None:
    ada = UserFactory.create(email="Ada@Example.com")
    assert in_the_api("ada@example.com", client, token) == 200
    assert user_in_the_monitor("ada@example.com", staff) == ada.pk
    assert user_ids("ada@example.com") == (ada.pk,)


def test_of_several_users_nobody_guesses_one(staff: User, client: Client, token: str) -> None:
    for email in ("Ada@example.com", "ADA@example.com"):
        UserFactory.create(email=email)
    assert in_the_api("ada@example.com", client, token) == "ambiguous"
    assert user_in_the_monitor("ada@example.com", staff) is None
    with pytest.raises(CommandError, match="Several users"):
        user_ids("ada@example.com")
    assert user_ids("ADA@example.com") != user_ids("Ada@example.com")


def test_a_destination_is_not_its_namesake_in_other_capitals(staff: User, owner: Callable[[], Any]) -> None:
    named = {name: ConfigurationFactory.create(name=name).pk for name in ("Sales", "SALES")}
    assert in_the_monitor(staff, destination="SALES").what.configuration_ids == (named["SALES"],)
    assert SnowflakeConfiguration.objects.count() == 2


def test_of_several_destinations_nobody_guesses_one(staff: User) -> None:
    named = {name: ConfigurationFactory.create(name=name) for name in ("Sales", "SALES")}
    found = in_the_monitor(staff, destination="sales")
    assert (found.destination, len(found.problems)) == (None, 1)
    for name, configuration in named.items():
        assert f"{name} ({configuration.pk})" in found.problems[0]


def test_a_destination_is_its_owners_to_name(staff: User) -> None:
    ada, grace = UserFactory.create_batch(2)
    named = {user.pk: ConfigurationFactory.create(name="Sales", user=user) for user in (ada, grace)}
    assert in_the_monitor(ada, destination="Sales").destination == named[ada.pk]
    assert in_the_monitor(staff, destination="Sales", user=grace.email).destination == named[grace.pk]
    assert "There is no destination Sales." in in_the_monitor(UserFactory.create(), destination="Sales").problems


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T14:30", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
        ("2026-01-31T14:30:00Z", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
        ("2026-01-31T14:30:00+02:00", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_is_the_same_on_all_faces(staff: User, asked: str, meant: datetime) -> None:
    assert in_the_monitor(staff, since=asked).since == meant
    assert in_the_monitor(staff, since=asked.replace("+", " ")).since == meant
    assert date_or_time(asked) == meant
    if "T" in asked:
        parameters = QueueParameters(data={"since": asked})
        assert parameters.is_valid()
        assert parameters.validated_data["since"] == meant
