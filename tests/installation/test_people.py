"""grant_admin and create_api_token, on our own table of users and on an application's."""

import io
import re
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from knox.auth import TokenAuthentication

from accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def ann() -> User:
    """A user that the application has made: no password here."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users ADD password_hash text, ADD tenant integer NOT NULL DEFAULT 7")
        cursor.execute("INSERT INTO users (email, name, password_hash) VALUES ('Ann@Example.com', 'Ann', 'argon2…')")
    return User.objects.get()


def grant(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = PASSWORD) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    printed = StringIO()
    call_command("grant_admin", *arguments, "--password-stdin", stdout=printed, stderr=printed)
    return printed.getvalue()


def row() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM users")
        assert cursor.description
        return dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))


def test_an_admin(ann: User, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = row()
    assert grant(monkeypatch, "ann@example.com") == "Ann@Example.com may use the admin.\n"
    assert row() == before
    assert client.login(email="Ann@Example.com", password=PASSWORD)


def test_a_bad_password_changes_nothing(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    before = row()
    for password in ("", "12345678", "Ann@Example.com"):
        with pytest.raises(CommandError, match=r"Nothing was changed\."):
            grant(monkeypatch, ann.email, password=password)
    assert row() == before


def test_no_such_user(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match=r"There is no user bob@example\.com"):
        grant(monkeypatch, "bob@example.com")


def test_several_users(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    other = User.objects.create_user("ANN@example.com")
    listed = ", ".join(f"{user.email} ({user.pk})" for user in sorted((ann, other), key=lambda user: user.pk))
    with pytest.raises(CommandError, match=re.escape(f"Several users are called ann@example.com: {listed}.")):
        grant(monkeypatch, "ann@example.com")
    assert "Ann@Example.com may" in grant(monkeypatch, "Ann@Example.com")


def test_a_user_is_made(ann: User, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "bob@example.com may use the admin" in grant(monkeypatch, "bob@example.com", "--create")
    assert client.login(email="bob@example.com", password=PASSWORD)


def test_a_user_whom_the_table_does_not_take(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users ALTER tenant DROP DEFAULT")
    with pytest.raises(CommandError, match=r'null value in column "tenant".*Make the user in the application'):
        grant(monkeypatch, "bob@example.com", "--create")


def test_somebody_who_is_not_active(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.update(is_active=False)
    assert "is not active" in grant(monkeypatch, ann.email)
    with pytest.raises(CommandError, match="is not active"):
        call_command("create_api_token", ann.email)


def test_without_a_terminal(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError, match="--password-stdin"):
        call_command("grant_admin", ann.email)


@pytest.mark.parametrize(("again", "said"), [(PASSWORD, None), ("another one", "not the same")])
def test_at_a_terminal(ann: User, monkeypatch: pytest.MonkeyPatch, again: str, said: str | None) -> None:
    typed = iter([PASSWORD, again])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    if said:
        with pytest.raises(CommandError, match=said):
            call_command("grant_admin", ann.email)
    else:
        call_command("grant_admin", ann.email, stdout=StringIO())
    assert User.objects.get().is_staff is (said is None)


def token(*arguments: str) -> str:
    printed = StringIO()
    call_command("create_api_token", *arguments, stdout=printed)
    return printed.getvalue().strip()


def test_a_token(ann: User) -> None:
    made = token("ann@example.com", "--name", "reporting")
    user, stored = TokenAuthentication().authenticate_credentials(made.encode())
    assert user == ann
    assert (stored.name, stored.expiry) == ("reporting", None)
    assert made not in stored.digest


def test_a_token_that_expires(ann: User) -> None:
    token(ann.email, "--expires", "1.5")
    left = ApiToken.objects.get().expiry - datetime.now(UTC)
    assert timedelta(days=1.4) < left < timedelta(days=1.5)


@pytest.mark.parametrize("email", [" ", "foo", f"{'a' * 300}@example.com"])
def test_nobody_is_made_who_could_not_log_in(db: None, monkeypatch: pytest.MonkeyPatch, email: str) -> None:
    with pytest.raises(CommandError, match="no e-mail address"):
        grant(monkeypatch, email, "--create")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody@example.com"], "There is no user nobody@example.com"),
        (["Ann@Example.com", "--expires", "0"], "a minute"),
        (["Ann@Example.com", "--expires", "1e-9"], "a minute"),
        (["Ann@Example.com", "--expires", "nan"], "a minute"),
    ],
)
def test_no_token(ann: User, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        token(*arguments)
    assert not ApiToken.objects.exists()
