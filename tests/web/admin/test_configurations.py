"""A destination in the admin: its form, what that leads to, and its deletion."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration, User
from tests.factories import ConfigurationFactory, UserFactory
from tests.world import World

CLICKS = [("clicks", "integer")]
MARKER = "a-secret-that-must-not-show"


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("staff@example.com", "a password"))
    return client


def url(name: str, configuration: SnowflakeConfiguration | None = None) -> str:
    arguments = [configuration.pk] if configuration else []
    return reverse(f"admin:accounts_snowflakeconfiguration_{name}", args=arguments)


def filled(owner: User, **more: Any) -> dict[str, Any]:
    return {
        "user": owner.pk,
        "name": "",
        "account_identifier": "https://acme-main.snowflakecomputing.com/console",
        "warehouse": "loading",
        "database": "analytics",
        "schema": "public",
        "role": "",
        "username": "sync_user",
        "auth_method": "key_pair",
        "private_key_slot": 1,
        "layout": "per_execution",
        "identifier_case": "upper",
        "min_interval": "0",
        "deleted_results": "keep",
        "is_active": "on",
        "new_secret": "",
        "passphrase": "",
    } | more


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_new_destination_gets_a_key_pair_and_says_what_to_run(staff: Client) -> None:
    owner = UserFactory.create()
    answer = staff.post(url("add"), filled(owner), follow=True)
    configuration = SnowflakeConfiguration.objects.get()
    assert f"/connect/{configuration.pk}/let-in" in said(answer)
    assert (configuration.user, configuration.account_identifier) == (owner, "acme-main")
    assert (configuration.state.breaker_code, configuration.role) == ("key_not_registered", None)
    page = staff.get(url("change", configuration)).content.decode()
    assert f'<a href="/destinations/{configuration.pk}">In the console</a>' in page
    assert LogEntry.objects.get().object_id == str(configuration.pk)


def test_the_form_of_a_new_one_shows_nothing_that_is_not_known_yet(staff: Client) -> None:
    page = staff.get(url("add")).content.decode()
    assert "object at 0x" not in page
    assert "In the console" not in page


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"account_identifier": "evil.com"}, "account_identifier"),
        ({"database": "a\u200bb"}, "database"),
        ({"min_interval": "-1"}, "min_interval"),
        ({"min_interval": "32 00:00:00"}, "min_interval"),
        ({"auth_method": "password"}, "new_secret"),
        ({"auth_method": "auto", "new_secret": MARKER}, "auth_method"),
        ({"new_secret": MARKER}, "new_secret"),
        ({"auth_method": "password", "new_secret": MARKER, "warehouse": ""}, "warehouse"),
    ],
)
def test_a_refusal_names_the_field_and_shows_no_secret(staff: Client, more: dict[str, Any], field: str) -> None:
    answer = staff.post(url("add"), filled(UserFactory.create(), **more))
    assert field in answer.context["adminform"].form.errors
    assert MARKER not in answer.content.decode()
    assert not SnowflakeConfiguration.objects.exists()


def test_the_same_place_twice_is_refused(staff: Client, world: World) -> None:
    there = world.configuration
    place = {"account_identifier": there.account_identifier, "database": there.database, "schema": "Public"}
    answer = staff.post(url("add"), filled(world.user, **place))
    assert str(there.pk) in str(answer.context["adminform"].form.errors["schema"])


def test_one_is_deleted_where_it_is_said_what_goes_along(staff: Client) -> None:
    about = ConfigurationFactory.create()
    assert url("delete", about) not in staff.get(url("change", about)).content.decode()
    assert staff.post(url("delete", about), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [str(about.pk)], "post": "yes"}
    staff.post(url("changelist"), data)
    assert SnowflakeConfiguration.objects.exists()


def test_nobody_gets_the_destination_of_another_user_with_what_waits_for_it(staff: Client, world: World) -> None:
    world.complete(CLICKS, [[1]])
    page = url("change", world.configuration)
    form = staff.get(page).context["adminform"].form
    assert 'name="user"' in str(form["user"])
    answer = staff.post(page, filled(UserFactory.create(), name="Renamed", auth_method="password"))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    world.configuration.refresh_from_db()
    assert (world.configuration.name, world.configuration.user) == ("Renamed", world.user)


def test_a_method_without_a_stored_secret_is_refused_at_every_save(staff: Client, world: World) -> None:
    page, there = url("change", world.configuration), world.configuration
    SnowflakeConfiguration.objects.update(auth_method="key_pair")
    assert there.private_key_encrypted is None
    form = filled(world.user, name="Renamed", account_identifier=there.account_identifier)
    answer = staff.post(page, form)
    assert "No private key is stored." in str(answer.context["adminform"].form.errors["new_secret"])
    assert staff.post(page, form | {"auth_method": "password"}).status_code == 302
