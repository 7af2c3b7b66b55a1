"""A destination in the admin: its form, its check, its scripts, its keys, and the buttons to pause and resume it."""

from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncActivity, SyncQueueItem
from tests.factories import UserFactory
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
    assert url("setup", configuration) in said(answer)
    assert 'ALTER USER "SYNC_USER" SET RSA_PUBLIC_KEY=' in unescape(
        staff.get(url("keys", configuration)).content.decode()
    )
    assert (configuration.user, configuration.account_identifier) == (owner, "acme-main")
    assert (configuration.state.breaker_code, configuration.role) == ("key_not_registered", None)
    page = staff.get(url("change", configuration)).content.decode()
    assert "public key has to be given" in page or "Run the ALTER USER" in page
    assert LogEntry.objects.get().object_id == str(configuration.pk)


def test_the_form_of_a_new_one_shows_nothing_that_is_not_known_yet(staff: Client) -> None:
    page = staff.get(url("add")).content.decode()
    assert "object at 0x" not in page
    assert "Next try" not in page


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


def test_the_check_is_a_button(staff: Client, world: World) -> None:
    page = url("check", world.configuration)
    assert "It was not checked yet." in staff.get(page).content.decode()
    answer = staff.post(page, follow=True)
    assert "Everything works." in said(answer)
    assert answer.content.decode().count("✓") == 12

    world.snowflake.server.inject("^PUT", "error", code="003001", sqlstate="42501", message="No <b>right</b>.")
    answer = staff.post(page, follow=True)
    html = answer.content.decode()
    assert (html.count("✓"), html.count("✗")) == (7, 1)
    assert "GRANT READ, WRITE ON STAGE" in html
    assert "<b>right</b>" not in html
    told = SyncActivity.objects.filter(action="destination_checked").order_by("id").values_list("face", "note")
    assert [face for face, _ in told] == ["admin", "admin"]
    assert [note.partition(":")[0] for _, note in told] == ["passed", "failed"]


def test_the_set_up_is_there_to_copy(staff: Client, world: World) -> None:
    html = staff.get(url("setup", world.configuration)).content.decode()
    assert "CREATE WAREHOUSE IF NOT EXISTS" in html
    assert "DROP ROLE IF EXISTS" in html
    SnowflakeConfiguration.objects.update(role="sysadmin")
    answer = staff.get(url("setup", world.configuration), follow=True)
    assert "Snowflake&#x27;s own" in answer.content.decode()


def test_a_key_pair_is_made_tried_and_used(staff: Client, target: World) -> None:
    page = url("keys", target.configuration)
    assert "No key pair is in use." in staff.get(page).content.decode()
    html = staff.post(page, follow=True).content.decode()
    assert "SET RSA_PUBLIC_KEY=" in html
    # The stand-in lets a user in whose keys it does not know: nobody has told it this one's.
    answer = staff.post(url("activate", target.configuration), follow=True)
    assert "The new key is in use." in said(answer)
    assert "PRIVATE KEY" not in answer.content.decode()
    target.configuration.refresh_from_db()
    assert target.configuration.method_in_use() == "key_pair"
    staff.post(page)
    target.snowflake.server.refuse_login("390144", "JWT token is invalid.")
    assert "stay in use" in said(staff.post(url("activate", target.configuration), follow=True))


def test_pause_and_resume(staff: Client, world: World) -> None:
    execution = world.complete(CLICKS, [[1]])
    assert b">Pause<" in staff.get(url("change", world.configuration)).content
    staff.post(url("pause", world.configuration))
    world.work()
    assert world.item(execution).status == "pending"
    html = staff.get(url("change", world.configuration)).content.decode()
    assert ">Resume<" in html
    assert "paused by hand" in html
    staff.post(url("resume", world.configuration))
    world.work()
    assert world.rows(execution) == [(1,)]


@pytest.mark.parametrize("name", ["check", "keys", "activate", "pause", "resume"])
def test_buttons_need_post_a_token_and_the_right(world: World, name: str) -> None:
    page = url(name, world.configuration)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(User.objects.create_superuser("staff@example.com", "a password"))
    assert careful.post(page).status_code == 403
    viewer = User.objects.create_user("viewer@example.com", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_snowflakeconfiguration"))
    looking = Client()
    looking.force_login(viewer)
    assert looking.post(page).status_code == 403
    assert looking.get(page).status_code == (200 if name in {"check", "keys"} else 405)
    assert Client().post(page).status_code == 302
    world.configuration.refresh_from_db()
    assert (world.configuration.state.breaker_state, world.configuration.state.last_check) == ("closed", None)


def test_deleting_says_how_much_goes_along(staff: Client, world: World, django_assert_max_num_queries: Any) -> None:
    for number in range(5):
        world.complete(CLICKS, [[number]])
    world.work()
    with django_assert_max_num_queries(10):
        html = staff.get(url("delete", world.configuration)).content.decode()
    assert "5 queue items" in html
    staff.post(url("delete", world.configuration), {"post": "yes"})
    assert not SyncQueueItem.objects.exists()
    assert not SnowflakeConfiguration.objects.exists()


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
