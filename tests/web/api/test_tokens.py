"""Tokens: several a user, hashed, with a name, an expiry and a last use; revoked by staff in the admin."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, User
from sync.models import SyncActivity
from sync.operations import make_token
from tests.factories import UserFactory
from tests.web.api.conftest import BASE, Caller, Owned, caller_of


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("admin@example.com", "a password"))
    return client


def test_what_is_revoked_in_the_admin_answers_401_and_stays_in_the_list(admin: Client, ada: Owned) -> None:
    row, token = make_token(ada.user, "laptop")
    data = {"action": "revoke", "_selected_action": [row.pk]}
    admin.post(reverse("admin:accounts_apitoken_changelist"), data)
    answer = Caller(token).get("stats")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
    assert "revoked" in admin.get(reverse("admin:accounts_apitoken_changelist")).content.decode()
    assert ada.caller.get("stats").status_code == 200


def test_staff_look_at_tokens_and_make_none_of_others(admin: Client, ada: Owned) -> None:
    row, token = make_token(ada.user, "laptop")
    for name, arguments in (("changelist", []), ("change", [row.pk])):
        shown = admin.get(reverse(f"admin:accounts_apitoken_{name}", args=arguments)).content.decode()
        assert token not in shown
        assert row.digest not in shown
        assert row.token_key in shown
    for name, arguments in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        page = reverse(f"admin:accounts_apitoken_{name}", args=arguments)
        assert admin.post(page, {"user": ada.user.pk, "name": "x", "post": "yes"}).status_code == 403
    assert Caller(token).get("stats").status_code == 200


@pytest.mark.django_db
def test_nothing_that_is_stored_is_a_token() -> None:
    user = UserFactory.create()
    token = caller_of(user, name="laptop").token
    stored = ApiToken.objects.values().get()
    assert all(token not in str(value) for value in stored.values())
    for value in stored.values():
        assert Caller(str(value)).get("stats").status_code == 401
    # How it begins is kept, to find it by: far too little to guess the rest.
    assert len(token) - len(stored["token_key"]) >= 40
    assert Caller(token).get("stats").status_code == 200


@pytest.mark.django_db
def test_the_last_use_is_noted_once_a_minute_so_that_reading_stays_reading() -> None:
    user = UserFactory.create()
    caller = caller_of(user)
    assert ApiToken.objects.get().last_used_at is None
    caller.get("stats")
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    with CaptureQueriesContext(connection) as queries:
        caller.get("stats")
    assert not any(query["sql"].startswith("UPDATE") for query in queries.captured_queries)
    ApiToken.objects.update(last_used_at=noted - timedelta(minutes=2))
    caller.get("stats")
    again = ApiToken.objects.get().last_used_at
    assert again is not None
    assert again > noted - timedelta(minutes=1)


def test_who_asks_and_what_they_may_do_is_one_question(ada: Owned) -> None:
    caller = caller_of(ada.user)
    caller.get("stats")
    with CaptureQueriesContext(connection) as queries:
        assert caller.get("stats").status_code == 200
    (asked,) = (query["sql"] for query in queries if "snowflake_sync_logins" in query["sql"])
    assert "snowflake_sync_api_tokens" in asked


@pytest.mark.django_db
def test_a_user_has_several_and_the_scheme_is_written_in_any_case() -> None:
    user = UserFactory.create()
    tokens = [caller_of(user, name=name).token for name in ("laptop", "server")]
    for token in tokens:
        for scheme in ("Bearer", "bearer", "BEARER"):
            headers = {"Authorization": f"{scheme} {token}"}
            assert Client(headers=headers).get("/api/snowflake-sync/stats").status_code == 200
    for header in (
        "Bearer",
        "Bearer ",
        "Token x",
        f"Bearer {tokens[0]} {tokens[1]}",
        "Bearer é",
        f"Bearer {tokens[0]}x",
    ):
        assert Client(headers={"Authorization": header}).get("/api/snowflake-sync/stats").status_code == 401


def test_who_may_only_look_revokes_nothing(ada: Owned) -> None:
    row, token = make_token(ada.user, "laptop")
    operator = User.objects.create_user("operator@example.com", is_staff=True)
    operator.user_permissions.set(Permission.objects.filter(codename="view_apitoken"))
    client = Client()
    client.force_login(operator)
    client.post(reverse("admin:accounts_apitoken_changelist"), {"action": "revoke", "_selected_action": [row.pk]})
    assert Caller(token).get("stats").status_code == 200


def test_tokens_are_listed_made_and_revoked_by_the_api(ada: Owned) -> None:
    answer = ada.caller.post("tokens", {"name": "nightly report", "expires_in_days": 7})
    assert answer.status_code == 201
    token, row = answer.json().pop("token"), ApiToken.objects.get(name="nightly report")
    assert row.expiry is not None
    assert timedelta(days=6) < row.expiry - timezone.now() <= timedelta(days=7)
    listed = ada.caller.get("tokens").json()["items"]
    assert [(each["name"], each["state"], each["made_with"]) for each in listed] == [
        ("nightly report", "valid", row.made_with_id),
        ("", "valid", None),
    ]
    assert token.startswith(listed[0]["begins_with"])
    assert token not in ada.caller.get("tokens").content.decode()
    assert Caller(token).get("stats").status_code == 200
    assert ada.caller.ask("DELETE", f"{BASE}/tokens/{row.pk}").status_code == 204
    assert Caller(token).get("stats").json()["code"] == "token_revoked"
    assert ada.caller.get("tokens").json()["items"][0]["state"] == "revoked"
    noted = SyncActivity.objects.order_by("id").values_list("face", "action", "subject_name", "user_name")
    assert list(noted) == [
        ("api", "token_made", "nightly report", ada.user.email),
        ("api", "token_revoked", "nightly report", ada.user.email),
    ]


def test_a_token_outlives_and_outdoes_none_that_made_it(ada: Owned) -> None:
    maker = caller_of(ada.user, expiry=timedelta(days=3))
    for wanted in ({"name": "a"}, {"name": "b", "expires_in_days": None}, {"name": "c", "expires_in_days": 365}):
        made = maker.post("tokens", wanted)
        assert made.status_code == 201
        assert made.json()["expires_at"] <= (timezone.now() + timedelta(days=3)).isoformat()
    child = Caller(made.json()["token"])
    refused = child.post("tokens", {"name": "d"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    maker_row = ApiToken.objects.filter(made_with=None).latest("pk")
    assert ada.caller.ask("DELETE", f"{BASE}/tokens/{maker_row.pk}").status_code == 204
    assert child.get("stats").json()["code"] == "token_revoked"
    assert ada.caller.get("stats").status_code == 200


@pytest.mark.parametrize("name", ["0", "x", "-1", "9" * 40, "\u0664"])
def test_what_is_no_token_is_not_there(ada: Owned, name: str) -> None:
    assert ada.caller.ask("DELETE", f"{BASE}/tokens/{name}").status_code == 404


def test_tokens_are_listed_and_revoked_by_a_command(ada: Owned) -> None:
    caller = caller_of(ada.user, name="laptop")
    row = ApiToken.objects.get(name="laptop")
    said = StringIO()
    call_command("api_tokens", ada.user.email, stdout=said)
    assert f"{row.token_key}…  laptop  made " in said.getvalue()
    assert caller.token not in said.getvalue()
    for beginning in ("", "sfs_", "nothing"):
        with pytest.raises(CommandError, match="begin so"):
            call_command("api_tokens", ada.user.email, revoke=beginning)
    call_command("api_tokens", ada.user.email, revoke=row.token_key, stdout=said)
    assert caller.get("stats").status_code == 401
    assert ada.caller.get("stats").status_code == 200
    assert SyncActivity.objects.latest("id").face == "command"
