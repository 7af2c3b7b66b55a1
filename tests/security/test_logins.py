"""Somebody at the log-in: guesses, redirects, sessions that are planted, cookies."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.signing_in import TRIES
from tests.security.conftest import PASSWORD, client_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = "/log-in"
ADDRESS = "sissi@example.com"
ALIKE = (ADDRESS, "SISSI@example.com", "Sissi@Example.COM", " sissi@example.com ")
# With a dotless i, which many a collation makes an I of.
OTHER = "s\u0131ssi@example.com"
ELSEWHERE = (
    "https://evil.example.com/",
    "//evil.example.com/",
    "/\\evil.example.com",
    "\\\\evil.example.com",
    "https:evil.example.com",
    "///evil.example.com",
    "http:///evil.example.com",
    "javascript:alert(1)",
    "/\t/evil.example.com",
    " //evil.example.com",
    "https://testserver@evil.example.com/",
)


@pytest.fixture
def sissi(db: None) -> User:
    return User.objects.create_superuser(ADDRESS, PASSWORD)


def let_in(client: Client, page: str, address: str, password: str = PASSWORD) -> bool:
    return client.post(page, {"username": address, "password": password}).status_code == 302


@pytest.mark.usefixtures("sissi")
def test_an_address_is_guessed_ten_times_however_it_is_written() -> None:
    for n in range(TRIES):
        assert not let_in(Client(), PAGE, ALIKE[n % len(ALIKE)], f"guess {n}")
    with patch.object(User, "check_password", autospec=True) as looked_at:
        for address in ALIKE:
            assert not let_in(Client(), PAGE, address)
    assert not looked_at.called


@pytest.mark.django_db
def test_a_collation_that_folds_more_makes_no_other_address_of_one() -> None:
    User.objects.create_superuser(OTHER, PASSWORD)
    with connection.cursor() as cursor:
        cursor.execute("DROP VIEW snowflake_sync_failures")
        cursor.execute('ALTER TABLE users ALTER email TYPE text COLLATE "C.utf8"')
    assert User.objects.filter(email__iexact=ADDRESS).exists()
    assert not let_in(Client(), PAGE, ADDRESS)
    assert let_in(Client(), PAGE, OTHER)
    assert let_in(Client(), PAGE, OTHER.replace("example.com", "Example.COM"))


def test_whoever_is_written_alike_and_is_another_is_counted_apart(sissi: User) -> None:
    User.objects.create_superuser(OTHER, PASSWORD)
    for n in range(TRIES):
        assert not let_in(Client(), PAGE, ADDRESS, f"guess {n}")
    assert not let_in(Client(), PAGE, ADDRESS)
    assert let_in(Client(), PAGE, OTHER)


@pytest.mark.parametrize("following", ELSEWHERE)
def test_nobody_is_sent_elsewhere(following: str, sissi: User) -> None:
    client = Client()
    answer = client.post(PAGE, {"username": sissi.email, "password": PASSWORD, "next": following}, QUERY_STRING="")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    again = client.get(PAGE, {"next": following})
    assert again.headers.get("Location", "/") == "/"


def test_a_session_that_was_planted_is_not_the_one_that_is_let_in(sissi: User) -> None:
    there = SessionStore()
    there.create()
    for known in (str(there.session_key), "a" * 32):
        planted = Client()
        planted.cookies["sessionid"] = known
        assert let_in(planted, PAGE, sissi.email)
        assert planted.cookies["sessionid"].value != known
        stolen = Client()
        stolen.cookies["sessionid"] = known
        assert stolen.get("/").status_code == 302


def test_a_session_ends_with_the_log_out_the_password_and_the_user(sissi: User) -> None:
    sessions = [client_of(sissi) for _ in range(3)]
    kept = sessions[0].cookies["sessionid"].value
    sessions[0].post("/log-out")
    stolen = Client()
    stolen.cookies["sessionid"] = kept
    assert stolen.get("/").status_code == 302
    assert sessions[1].get("/").status_code == 200
    sissi.set_password("another password")
    assert sessions[1].get("/").status_code == 302
    one_more = client_of(User.objects.get(pk=sissi.pk))
    User.objects.filter(pk=sissi.pk).update(is_active=False)
    assert one_more.get("/").status_code == 302
    assert one_more.get("/admin/").status_code == 302


def _given(user: User) -> None:
    user.user_permissions.add(Permission.objects.get(codename="view_syncqueueitem"))


def _given_by_group(user: User) -> None:
    group = Group.objects.create(name="operators")
    user.groups.add(group)
    group.permissions.add(Permission.objects.get(codename="view_syncqueueitem"))


@pytest.mark.parametrize("staff", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.change_login(is_staff=not user.is_staff),
        lambda user: user.change_login(is_superuser=True),
        _given,
        _given_by_group,
    ],
    ids=["staff", "superuser", "permission", "group"],
)
def test_a_session_ends_where_powers_change(sissi: User, *, staff: bool, change: Callable[[User], None]) -> None:
    """Whoever began it may be somebody else. Of who is not staff, permissions are none."""
    sissi.change_login(is_staff=staff, is_superuser=False)
    session = client_of(User.objects.get(pk=sissi.pk))
    assert session.get("/me").status_code == 200
    change(sissi)
    is_the_same = not staff and change in (_given, _given_by_group)
    assert session.get("/me").status_code == (200 if is_the_same else 302)
    again = client_of(User.objects.get(pk=sissi.pk))
    assert again.get("/me").status_code == 200
    User.objects.get(pk=sissi.pk).change_login(is_staff=False, is_superuser=not sissi.is_superuser)
    assert again.get("/me").status_code == 302


@pytest.mark.parametrize("page", [PAGE, "/admin/login/", "/log-out", "/retry", "/admin/logout/"])
def test_no_form_of_another_site_is_taken(page: str, sissi: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sissi)
    assert client.post(page, {"username": sissi.email, "password": PASSWORD}).status_code == 403


def test_a_token_opens_no_page_and_a_session_no_api(sissi: User) -> None:
    assert client_of(sissi).get("/api/snowflake-sync/stats").status_code == 401


_COOKIES = """
import django; django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.csrf import CsrfViewMiddleware, get_token
def view(request):
    request.session.modified = True
    request.session._session_key = "k" * 32
    request.session.save = lambda *a, **k: None
    request.session._session_cache = {"a": 1}
    get_token(request)
    return HttpResponse()
answer = SessionMiddleware(CsrfViewMiddleware(view))(RequestFactory().get("/", secure=True))
print(answer.cookies.output())
"""


def test_cookies_travel_over_tls_to_this_site_alone(tmp_path: Path) -> None:
    """As production sets them."""
    environment = {name: value for name, value in os.environ.items() if name != "DEBUG"} | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "for a test",
        "PYTHONPATH": str(ROOT),
    }
    ran = subprocess.run(
        [sys.executable, "-c", _COOKIES], env=environment, capture_output=True, text=True, cwd=ROOT, check=False
    )
    session, csrf = sorted(ran.stdout.splitlines(), key=lambda line: "sessionid" not in line)
    for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
        assert flag in session, ran
    for flag in ("Secure", "SameSite=Lax"):
        assert flag in csrf, ran
