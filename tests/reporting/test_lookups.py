"""What somebody typed means the same on every face."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.core.management.base import CommandError
from django.http import QueryDict
from django.test import Client, RequestFactory

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.management.arguments import user_ids
from sync.web.admin.item_query import ItemQuery
from sync.web.console.query_parameters import filters
from tests.factories import ConfigurationFactory, UserFactory

pytestmark = pytest.mark.django_db


def in_the_api(asked: str, client: Client, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.get("/api/snowflake-sync/queue", {"user": asked}, headers=headers)
    return answer.json().get("code", answer.status_code)


def in_the_monitor(asked: str, staff: User) -> UUID | None:
    request = RequestFactory().get("/monitor/")
    request.user = staff
    return filters(request, QueryDict(urlencode({"user": asked}))).scope.user_id


@pytest.fixture
def token(staff: User) -> str:
    made: str = ApiToken.objects.create(user=staff)[1]
    return made


def test_one_user_in_other_capitals_is_meant(staff: User, client: Client, token: str) -> None:
    ada = UserFactory.create(email="Ada@Example.com")
    assert in_the_api("ada@example.com", client, token) == 200
    assert in_the_monitor("ada@example.com", staff) == ada.pk
    assert ItemQuery({"user": "ada@example.com"}).what.user_ids == (ada.pk,)
    assert user_ids("ada@example.com") == (ada.pk,)


def test_of_several_users_nobody_guesses_one(staff: User, client: Client, token: str) -> None:
    both = {UserFactory.create(email=email).pk for email in ("Ada@example.com", "ADA@example.com")}
    assert in_the_api("ada@example.com", client, token) == "ambiguous"
    assert in_the_monitor("ada@example.com", staff) is None
    assert set(ItemQuery({"user": "ada@example.com"}).what.user_ids or ()) == both
    with pytest.raises(CommandError, match="Several users"):
        user_ids("ada@example.com")
    assert user_ids("ADA@example.com") != user_ids("Ada@example.com")


def test_a_destination_is_not_its_namesake_in_other_capitals(owner: Callable[[], Any]) -> None:
    named = {name: ConfigurationFactory.create(name=name).pk for name in ("Sales", "SALES")}
    assert ItemQuery({"destination": "SALES"}).what.configuration_ids == (named["SALES"],)
    assert set(ItemQuery({"destination": "sales"}).what.configuration_ids or ()) == set(named.values())
    assert SnowflakeConfiguration.objects.count() == 2
