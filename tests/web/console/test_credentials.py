"""A destination's credentials: entered, tried, and never shown."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import SnowflakeConfiguration, User
from sync.destinations import pause_destination
from sync.errors import failure
from sync.models import SyncActivity
from tests.web.console.conftest import Owner
from tests.web.console.reading import seen, told
from tests.world import World

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def settings_of(owner: Owner) -> str:
    return f"/destinations/{owner.configuration.pk}/settings"


def test_a_secret_goes_in_and_never_comes_out(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    fields = {"auth_method": "access_token", "private_key_slot": "1", "new_line": "token-of-mine", "passphrase": ""}
    assert told(client, settings_of(ada), fields).startswith("Saved")
    ada.configuration.refresh_from_db()
    assert ada.configuration.open_secret(SnowflakeConfiguration.AuthMethod.ACCESS_TOKEN) == "token-of-mine"
    assert "token-of-mine" not in client.get(settings_of(ada)).content.decode()
    broken = client.post(settings_of(ada), fields | {"auth_method": "key_pair", "new_secret": "no-key"})
    assert "no-key" not in broken.content.decode()
    assert "token-of-mine" not in str(list(SyncActivity.objects.values()))


def test_a_refused_one_asks_for_credentials_by_their_method(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    assert "<details><summary>Enter new credentials" in client.get(settings_of(ada)).content.decode()
    pause_destination(ada.configuration.pk, failure("login_refused", "It did not work"))
    page = client.get(settings_of(ada)).content.decode()
    assert "<details open><summary>Enter new credentials" in page
    assert "Not tried yet" not in page
    assert re.search(r'<input type="password" name="new_line"[^>]* autocomplete="new-password"', page)
    key = page[page.index('class="of-key"') : page.index('class="of-line"')]
    assert '<textarea name="new_secret"' in key
    assert "Where the key stands" in key
    assert "Private key (PEM)</label>" in page
    assert "Password or token</label>" in page
    refused = client.post(settings_of(ada), {"auth_method": "access_token", "private_key_slot": "1"})
    sent = {"auth_method": "password", "private_key_slot": "1", "new_secret": "a PEM"}
    other = client.post(settings_of(ada), sent)
    assert "for another method" in str(other.context["way_in"].errors["new_line"])
    assert "This method needs a secret" in str(refused.context["way_in"].errors["new_line"])


def test_new_credentials_are_not_said_to_work_before_they_are_tried(target: World, login: Login) -> None:
    client, page = login(target.user), f"/destinations/{target.configuration.pk}"
    target.complete([("clicks", "integer")], [[1]])
    target.work()
    assert "It was never checked, but it has loaded runs" in seen(client, page)
    fields = {"auth_method": "password", "private_key_slot": "1", "new_line": "a password of mine"}
    said = told(client, f"{page}/settings", fields)
    assert said == "Saved. It is tried with the next run; Check now tries it at once."
    for path in ("/", "/destinations", page, f"{page}/settings"):
        assert "not tried yet" in seen(client, path), path
    assert "Check now" in seen(client, f"{page}/settings")
    assert "Last log-in none since its settings were changed" in seen(client, page)
    client.post(f"/connect/{target.configuration.pk}/check")
    assert "It works." in seen(client, page)
    assert "not tried yet" not in seen(client, "/destinations")


def test_a_key_pair_is_made_tried_and_used(target: World, login: Login) -> None:
    client, page = login(target.user), f"/destinations/{target.configuration.pk}"
    told(client, f"{page}/key")
    said = seen(client, f"{page}/settings")
    assert "A new key pair waits." in said
    assert "SET RSA_PUBLIC_KEY=" in said
    target.configuration.refresh_from_db()
    assert target.configuration.method_in_use() == "password"
    # The stand-in lets a user in whose keys it does not know: nobody has told it this one's.
    assert "The new key is in use." in told(client, f"{page}/key", {"activate": "yes"})
    target.configuration.refresh_from_db()
    assert target.configuration.method_in_use() == "key_pair"
    assert "PRIVATE KEY" not in seen(client, f"{page}/settings")
    told(client, f"{page}/key")
    target.snowflake.server.refuse_login("390144", "JWT token is invalid.")
    assert "stay in use" in told(client, f"{page}/key", {"activate": "yes"})
