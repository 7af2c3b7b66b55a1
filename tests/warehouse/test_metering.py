"""What Snowflake says that a warehouse has used: on the page, by the API and the command, beside the estimate."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from tests.web.console.reading import words
from tests.world import World

METERED = "SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY"
GRANT = 'GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE "LOADER"'


@pytest.fixture
def loaded(target: World) -> World:
    """A destination that has loaded something."""
    target.complete([("a", "integer")], [[1]])
    target.work()
    return target


@pytest.fixture
def metered(loaded: World) -> Iterator[World]:
    """In an account that says what its warehouses have used, by the hour."""
    name = loaded.configuration.warehouse
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    then, now = ((hour - ago).isoformat() for ago in (timedelta(days=40), timedelta(0)))
    for statement in (
        "CREATE DATABASE IF NOT EXISTS SNOWFLAKE",
        "CREATE SCHEMA SNOWFLAKE.ACCOUNT_USAGE",
        f"CREATE TABLE {METERED} (START_TIME TIMESTAMP_TZ, WAREHOUSE_NAME VARCHAR, CREDITS_USED_COMPUTE NUMBER(38,9))",
        f"INSERT INTO {METERED} VALUES ('{now}', '{name}', 0.25), ('{now}', '{name}', 0.5), ('{now}', 'OTHER', 7)",
        f"INSERT INTO {METERED} VALUES ('{then}', '{name}', 9)",
    ):
        loaded.snowflake.rows(statement)
    yield loaded
    loaded.snowflake.rows("DROP SCHEMA SNOWFLAKE.ACCOUNT_USAGE CASCADE")


def ask(world: World) -> str:
    client = Client()
    client.force_login(world.user)
    address = reverse("console:actual-credits", args=[world.configuration.pk])
    return unescape(words(client.post(f"{address}?days=7", follow=True).content.decode()))


def test_what_was_used_stands_beside_what_was_estimated(metered: World) -> None:
    page = ask(metered)
    assert re.search(r"Snowflake says: 0\.75 credits used by the warehouse LOADING .* estimated .*: 0\.01\d", page)
    (sent,) = metered.snowflake.statements("METERING_HISTORY")
    assert json.loads(sent.tag)["work"] == "costs"
    out = StringIO()
    call_command("sync_costs", "--actual", "--json", user=metered.user.email, stdout=out)
    (line,) = json.loads(out.getvalue())["destinations"]
    assert line["actual"] == 0.75
    out = StringIO()
    call_command("sync_costs", "--actual", stdout=out)
    assert "Snowflake says: the warehouse used 0.75 credits" in out.getvalue()
    assert re.search(r"About 0\.01\d credits", out.getvalue())


def test_a_role_that_may_not_know_is_told_what_to_grant(loaded: World) -> None:
    page = ask(loaded)
    assert f"As ACCOUNTADMIN: {GRANT}. Then ask again." in page
    assert re.search(r"About 0\.01\d credits", page)
    # Nobody's load is held up by that.
    loaded.configuration.refresh_from_db()
    assert loaded.configuration.state.breaker_state == "closed"
    client = APIClient()
    client.force_authenticate(loaded.user)
    answer = client.post(f"/api/snowflake/configurations/{loaded.configuration.pk}/credits")
    assert (answer.status_code, answer.json()["code"]) == (409, "privilege_missing")
    assert GRANT in answer.json()["what_to_do"]
