"""The admin's pages open, history cannot be changed, and secrets are written, never shown."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration, User
from sync import queue
from tests.factories import ConfigurationFactory, QueuedFactory

MODELS = [model._meta for model in admin.site._registry if model._meta.app_label in {"accounts", "sync"}]


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("staff@example.com", "a password"))
    return client


@pytest.mark.parametrize("meta", MODELS, ids=lambda meta: str(meta.model_name))
def test_lists_and_pages_open(staff: Client, meta: object) -> None:
    destination = ConfigurationFactory.create()
    QueuedFactory.create(workflow__user=destination.user)
    queue.register_worker("host", 1, 5)
    queue.route()
    base = f"admin:{meta.app_label}_{meta.model_name}"  # type: ignore[attr-defined]
    assert staff.get(reverse(f"{base}_changelist")).status_code == 200
    first = meta.model.objects.first()  # type: ignore[attr-defined]
    if first is not None:
        assert staff.get(reverse(f"{base}_change", args=[first.pk])).status_code == 200


def test_history_is_read_only(staff: Client) -> None:
    execution = QueuedFactory.create()
    item = execution.sync_items.get()
    assert staff.post(reverse("admin:sync_syncqueueitem_delete", args=[item.pk])).status_code == 403
    assert staff.post(reverse("admin:sync_syncqueueitem_change", args=[item.pk]), {}).status_code == 403
    assert staff.get(reverse("admin:sync_syncqueueitem_add")).status_code == 403


def filled(form: Any) -> dict[str, Any]:
    """What a browser would send of the form as it is."""
    initial = {name: form.initial.get(name) for name in form.fields}
    return {name: "" if value is None else value for name, value in initial.items()}


def test_a_secret_is_stored_encrypted_and_not_shown(staff: Client) -> None:
    destination = ConfigurationFactory.create()
    page = reverse("admin:accounts_snowflakeconfiguration_change", args=[destination.pk])
    form = staff.get(page).context["adminform"].form
    data = filled(form)
    data |= {"auth_method": "access_token", "new_secret": "hunter2-secret", "is_active": "on"}
    answer = staff.post(page, data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    stored = SnowflakeConfiguration.objects.get()
    assert stored.open_secret(SnowflakeConfiguration.AuthMethod.ACCESS_TOKEN) == "hunter2-secret"
    assert "hunter2-secret" not in str(SnowflakeConfiguration.objects.values().get())
    shown = staff.get(page).content.decode()
    assert "hunter2-secret" not in shown
    assert str(stored.token_encrypted) not in shown


def test_a_user_of_the_application_cannot_log_in_without_a_password_here(client: Client, db: None) -> None:
    user = User.objects.create_user("ann@example.com", is_staff=True)
    assert not user.check_password("")
    assert not client.login(username="ann@example.com", password="")


def test_an_account_that_could_lead_elsewhere_is_refused_with_the_reason(staff: Client) -> None:
    destination = ConfigurationFactory.create(breaker_state="open", breaker_reason="Wrong password")
    page = reverse("admin:accounts_snowflakeconfiguration_change", args=[destination.pk])
    form = staff.get(page).context["adminform"].form
    data = filled(form) | {"is_active": "on"}
    answer = staff.post(page, data | {"account_identifier": "evil.example.com/x"})
    assert "account_identifier" in answer.context["adminform"].form.errors
    assert staff.post(page, data | {"account_identifier": "other-account"}).status_code == 302
    destination.refresh_from_db()
    assert (destination.account_identifier, destination.state.breaker_state) == ("other-account", "closed")


@pytest.mark.parametrize(
    "guess",
    [
        "accounts/user/?login__password__startswith=",
        "accounts/user/?login__password__isnull=False",
        "accounts/apitoken/?digest__startswith=",
        "accounts/snowflakeconfiguration/?password_encrypted__startswith=gAAA",
        "accounts/snowflakeconfiguration/?next_private_key_encrypted=",
        "accounts/snowflakeconfiguration/?stored_state__breaker_reason__startswith=a",
        "accounts/snowflakeconfiguration/?stored_state__breaker_state__startswith=o",
    ],
)
def test_no_list_answers_a_guess_about_a_secret(staff: Client, guess: str) -> None:
    ConfigurationFactory.create()
    assert staff.get(f"/admin/{guess}").status_code == 400


@pytest.mark.parametrize("state", ["open", "closed"])
def test_the_destinations_are_filtered_by_the_state_of_their_breaker(staff: Client, state: str) -> None:
    for each in ("open", "closed"):
        ConfigurationFactory.create(name=f"is {each}", breaker_state=each)
    page = staff.get("/admin/accounts/snowflakeconfiguration/").content.decode()
    assert f"?stored_state__breaker_state__exact={state}" in page
    answer = staff.get(f"/admin/accounts/snowflakeconfiguration/?stored_state__breaker_state__exact={state}")
    assert answer.status_code == 200
    assert [row.name for row in answer.context["cl"].result_list] == [f"is {state}"]
