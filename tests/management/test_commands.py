"""grant_admin and create_api_token."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from tests.factories import UserFactory

PASSWORD = "correct horse battery"


def grant_admin(monkeypatch: pytest.MonkeyPatch, email: str, password: str = PASSWORD) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("grant_admin", email, "--password-stdin")


@pytest.mark.django_db
def test_an_existing_user_becomes_an_admin(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = UserFactory.create(name="Ada")
    assert not client.login(username=user.email, password=PASSWORD)
    grant_admin(monkeypatch, user.email.upper())
    assert client.login(username=user.email, password=PASSWORD)
    assert client.get("/admin/").status_code == 200
    stored = User.objects.get()
    assert (stored.name, stored.is_staff, stored.is_superuser) == ("Ada", True, True)
    assert PASSWORD not in str(stored.password)


@pytest.mark.django_db
@pytest.mark.parametrize(("email", "password", "said"), [("no@example.com", PASSWORD, "no user"), ("", "1", "short")])
def test_what_cannot_be_granted(monkeypatch: pytest.MonkeyPatch, email: str, password: str, said: str) -> None:
    user = UserFactory.create()
    with pytest.raises(CommandError, match=said):
        grant_admin(monkeypatch, email or user.email, password)
    assert not User.objects.get().is_staff


@pytest.mark.django_db
def test_a_token_is_printed_once_and_works(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    user = UserFactory.create()
    call_command("create_api_token", user.email, "--name", "laptop", "--expires", "2")
    token = capsys.readouterr().out.strip()
    row = ApiToken.objects.get()
    assert (row.name, row.user) == ("laptop", user)
    assert row.expiry is not None
    assert timedelta(days=1) < row.expiry - timezone.now() < timedelta(days=2)
    answer = client.get("/api/snowflake-sync/stats", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_tokens_that_would_be_of_no_use_are_refused() -> None:
    inactive = UserFactory.create(is_active=False)
    for arguments in (["no@example.com"], [inactive.email], [inactive.email, "--expires", "0"]):
        with pytest.raises(CommandError):
            call_command("create_api_token", *arguments)
    assert not ApiToken.objects.exists()
