"""The log-in, of the console and of the admin, for somebody who guesses."""

from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import ApiUsage, User
from accounts.signing_in import TRIES

ADDRESS = "staff@example.com"
PAGE = "/log-in"


def sign_in(page: str, password: str, *, address: str = ADDRESS, place: str = "192.0.2.1") -> tuple[bool, str]:
    """Whether it let us in, and the page."""
    client = Client(REMOTE_ADDR=place)
    answer = client.post(page, {"username": address, "password": password})
    return answer.status_code == 302, answer.content.decode()


@pytest.mark.usefixtures("staff")
def test_after_many_tries_the_right_password_does_not_count_either() -> None:
    for n in range(TRIES):
        let_in, said = sign_in(PAGE, f"guess {n}", address=ADDRESS.upper() if n % 2 else ADDRESS)
        assert not let_in
        assert "tries. Try again" not in said
    let_in, said = sign_in(PAGE, "a password")
    assert not let_in
    assert f"More than {TRIES} tries. Try again in 5 minutes." in said


def test_somebody_else_is_not_held_up(staff: User) -> None:
    User.objects.create_superuser("other@example.com", "a password")
    for _ in range(TRIES + 1):
        sign_in(PAGE, "wrong")
    assert sign_in(PAGE, "a password", place="192.0.2.2")[0]
    assert sign_in(PAGE, "a password", address="other@example.com")[0]


@pytest.mark.usefixtures("staff")
def test_who_knows_it_starts_anew() -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            sign_in(PAGE, "wrong")
        assert sign_in(PAGE, "a password")[0]
    assert not ApiUsage.objects.filter(key__startswith="sign_in/").exists()


@pytest.mark.usefixtures("staff")
def test_capitals_matter_only_where_they_must() -> None:
    assert sign_in(PAGE, "a password", address="Staff@Example.COM")[0]
    User.objects.create_superuser("STAFF@example.com", "another password")
    assert sign_in(PAGE, "a password")[0]
    assert sign_in(PAGE, "another password", address="STAFF@example.com")[0]
    assert not sign_in(PAGE, "a password", address="Staff@Example.COM")[0]


def test_what_nobody_has_said_is_no_address(db: None) -> None:
    for address in ("", "nobody@example.com", "\x00", "é" * 500):
        assert not sign_in(PAGE, "wrong", address=address)[0]


def test_who_has_no_password_here_is_not_told_apart(db: None) -> None:
    """A user of the application takes as many hashes as somebody who is not there."""
    User.objects.create(email=ADDRESS)
    encode = MD5PasswordHasher.encode
    for address in (ADDRESS, "nobody@example.com"):
        with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=encode) as made:
            assert not sign_in(PAGE, "wrong", address=address)[0]
        assert made.call_count == 1


def test_who_is_in_already_and_is_sent_to_the_log_in_comes_to_the_first_page(staff: User) -> None:
    client = Client()
    client.force_login(staff)
    for following in ("/log-in", "/log-in?next=/log-in", "//evil.example.com", ""):
        answer = client.get("/log-in", {"next": following})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.get("/log-in?next=/runs").headers["Location"] == "/runs"


def test_a_log_in_takes_along_the_sessions_that_are_over(staff: User) -> None:
    over, goes_on = SessionStore(), SessionStore()
    over.set_expiry(-1)
    for session in (over, goes_on):
        session.create()
    assert sign_in(PAGE, "a password")[0]
    assert not Session.objects.filter(pk=over.session_key).exists()
    assert Session.objects.filter(pk=goes_on.session_key).exists()
    assert Session.objects.count() == 2


def test_the_admin_is_entered_by_the_same_door(staff: User) -> None:
    client = Client()
    first = client.get("/admin/sync/syncqueueitem/", follow=True)
    assert first.redirect_chain[-1] == ("/log-in?next=%2Fadmin%2Fsync%2Fsyncqueueitem%2F", 302)
    login = {"username": ADDRESS, "password": "a password", "next": "/admin/sync/syncqueueitem/"}
    assert client.post("/admin/login/", login).headers["Location"] == "/log-in"
    assert client.post("/log-in", login).headers["Location"] == "/admin/sync/syncqueueitem/"
    page = client.get("/admin/").content.decode()
    assert '<a href="/">Console</a>' in page
    assert "View site" not in page
    assert client.post("/admin/logout/").headers["Location"] == "/log-in"
    assert client.get("/admin/").status_code == 302


def test_who_may_not_enter_the_admin_is_told_so_and_sent_in_no_circle(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create(email="ada@example.com"))
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 200
    assert "ada@example.com may not see that page" in answer.content.decode()


def test_a_browser_finds_our_mark_where_it_looks_for_one(client: Client) -> None:
    assert client.get("/favicon.ico", follow=False).headers["Location"] == "/static/sync/mark.svg"
