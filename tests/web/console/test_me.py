"""One's own page: how pages look, one's tokens, one's password."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ApiToken, User
from accounts.signing_in import TRIES
from sync.models import SyncActivity, SyncQueueItem
from sync.operations import NoSuchMakerError, make_token, revoke_tokens
from tests.factories import UserFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

OLD, NEW = "correct horse battery", "staple of another kind"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
Login = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(ada: Owner) -> Owner:
    ada.user.change_login(password=make_password(OLD))
    return ada


def keep(client: Client, zone: str = "", theme: str = "system") -> None:
    answer = client.post("/me", {"act": "preferences", "time_zone": zone, "theme": theme})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me")


def last_noted() -> tuple[str, str, list[dict[str, str]]]:
    entry = SyncActivity.objects.latest("id")
    return entry.user_name, entry.action, entry.changes


def failed_at_noon(ada: Owner) -> str:
    item = ada.failed()
    SyncQueueItem.objects.filter(pk=item.pk).update(updated_at=NOON, created_at=NOON)
    return f"/runs/{item.execution_id}"


def test_times_are_in_the_chosen_zone_on_all_pages(ada: Owner, staff: User, login: Login) -> None:
    page = failed_at_noon(ada)
    for user, paths in ((ada.user, [page]), (staff, [page, "/admin/sync/syncqueueitem/"])):
        client = login(user)
        assert all("2026-07-01 12:00:00 UTC" in text(client, path) for path in paths)
        keep(client, "Asia/Kolkata")
        assert last_noted() == (
            user.email,
            "preferences_changed",
            [{"field": "time_zone", "from": "", "to": "Asia/Kolkata"}],
        )
        for path in paths:
            shown = text(client, path)
            assert "2026-07-01 17:30:00 IST" in shown
            assert "2026-07-01 12:00:00" not in shown
        assert "Times are those of Asia/Kolkata ." in words(text(client, "/"))


def test_a_time_in_an_address_is_meant_in_the_viewers_zone(ada: Owner, login: Login) -> None:
    page = failed_at_noon(ada)
    client = login(ada.user)
    keep(client, "Asia/Kolkata")
    for since, found in (("2026-07-01 17:29", True), ("2026-07-01 17:31", False), ("2026-07-01T12:01:00Z", False)):
        assert (page in text(client, f"/runs?status=failed&since={since}")) is found, since


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Asia%2FKolkata", "Asia/Kolkata"),
        ("Asia/Kolkata", "Asia/Kolkata"),
        ("../../etc/passwd", "UTC"),
        ("Europe", "UTC"),
        ("Mars/Phobos", "UTC"),
        ("%00", "UTC"),
        ("", "UTC"),
    ],
)
def test_who_has_chosen_nothing_sees_the_browsers_zone(ada: Owner, login: Login, cookie: str, zone: str) -> None:
    client = login(ada.user)
    client.cookies["zone"] = cookie
    assert f"Times are those of {zone} ." in words(text(client, "/"))
    keep(client, "America/Lima")
    assert "Times are those of America/Lima ." in words(text(client, "/"))


@pytest.mark.parametrize("known", [frozenset(), frozenset({"Europe/Berlin"})])
def test_a_zone_that_is_not_known_here_is_utc_and_the_page_says_so(
    ada: Owner, login: Login, monkeypatch: pytest.MonkeyPatch, known: frozenset[str]
) -> None:
    keep(login(ada.user), "Asia/Kolkata")
    for where in ("sync.web.shared.zone.known_zones", "sync.web.console.me_forms.known_zones"):
        monkeypatch.setattr(where, lambda: known)
    client = login(ada.user)
    client.cookies["zone"] = "America/Lima"
    for path in ("/", "/runs", "/me", "/activity"):
        assert "Times are those of UTC ." in words(text(client, path))


def test_a_zone_or_theme_that_there_is_not_is_not_kept(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    for chosen in ({"time_zone": "Mars/Phobos", "theme": "dark"}, {"time_zone": "UTC", "theme": "pink"}):
        answer = client.post("/me", {"act": "preferences", **chosen})
        assert (answer.status_code, "is not one of the available" in answer.content.decode()) == (400, True)
    assert User.objects.get(pk=ada.user.pk).chosen.time_zone == ""


def test_the_api_stays_in_utc(ada: Owner, login: Login) -> None:
    failed_at_noon(ada)
    client = login(ada.user)
    keep(client, "Asia/Kolkata")
    client.cookies["zone"] = "Asia/Kolkata"
    token = ApiToken.objects.create(ada.user)[1]
    answer = client.get("/api/snowflake-sync/queue", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["items"][0]["created_at"] == "2026-07-01T12:00:00Z"


def test_the_first_and_the_last_moment_can_be_shown_anywhere(ada: Owner, staff: User, login: Login) -> None:
    item = ada.failed()
    client = login(staff)
    for zone in ("Asia/Kolkata", "America/Lima"):
        keep(client, zone)
        for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
            SyncQueueItem.objects.filter(pk=item.pk).update(created_at=moment)
            for path in (f"/runs/{item.execution_id}", "/admin/sync/syncqueueitem/"):
                assert client.get(path).status_code == 200, (zone, moment, path)


def test_a_theme_stands_in_every_page(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    assert '<html lang="en">' in text(client, "/")
    keep(client, theme="dark")
    for path in ("/", "/runs", "/me"):
        assert '<html lang="en" data-theme="dark">' in text(client, path)
    keep(client)
    assert '<html lang="en">' in text(client, "/")


def made(client: Client, name: str = "nightly report", lasts: str = "90") -> str:
    """The token that the page shows."""
    answer = client.post("/me", {"act": "token", "name": name, "lasts": lasts})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    line = re.search(r"curl -H 'Authorization: Bearer (sfs_\w+)' (\S+)<", unescape(answer.content.decode()))
    assert line is not None
    assert line[2] == "http://testserver/api/snowflake-sync/stats"
    return line[1]


def asks(token: str, path: str = "stats") -> int:
    return Client(headers={"Authorization": f"Bearer {token}"}).get(f"/api/snowflake-sync/{path}").status_code


def test_a_token_is_made_shown_this_once_used_and_revoked(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    assert "You have none." in words(text(client, "/me"))
    token = made(client)
    assert asks(token) == 200
    row = ApiToken.objects.get()
    assert row.expiry is not None
    assert timedelta(days=89) < row.expiry - timezone.now() <= timedelta(days=90)
    page = text(client, "/me")
    assert token not in page
    assert f"{row.token_key}…" in page
    assert "valid" in words(page)
    assert token not in str(dict(client.session))
    asked = words(text(client, f"/me/tokens/{row.pk}/revoke"))
    assert f"Revoke nightly report {row.token_key}…" in asked
    assert asks(token) == 200
    answer = client.post(f"/me/tokens/{row.pk}/revoke", follow=True)
    assert "is revoked: it is refused from now on." in words(answer.content.decode())
    assert asks(token) == 401
    entries = SyncActivity.objects.filter(subject_kind="token")
    assert sorted(entries.values_list("user_name", "face", "action", "subject_name", "owner_id")) == [
        (ada.user.email, "console", "token_made", "nightly report", ada.user.pk),
        (ada.user.email, "console", "token_revoked", "nightly report", ada.user.pk),
    ]
    assert token not in str(list(SyncActivity.objects.values()))


def test_a_token_without_a_name_or_with_another_length_is_not_made(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    for fields in ({"name": ""}, {"name": "x", "lasts": "9999"}, {"name": "x" * 101}):
        assert client.post("/me", {"act": "token", "lasts": "7", **fields}).status_code == 400
    assert not ApiToken.objects.exists()
    made(client, lasts="")
    assert ApiToken.objects.get().expiry is None


def test_tokens_are_not_made_without_end(ada: Owner, login: Login, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "configure": "2/min"}
    client = login(ada.user)
    for _ in range(2):
        made(client)
    assert client.post("/me", {"act": "token", "name": "x", "lasts": "7"}).status_code == 429
    assert ApiToken.objects.count() == 2


def test_revoking_tokens_in_the_admin_is_written_down(ada: Owner, staff: User, login: Login) -> None:
    maker, _ = make_token(ada.user, "maker")
    make_token(ada.user, "child", made_with=maker)
    data = {"action": "revoke", "_selected_action": [maker.pk]}
    login(staff).post("/admin/accounts/apitoken/", data)
    revoked = SyncActivity.objects.filter(action="token_revoked", user_name=staff.email, face="admin")
    assert sorted(revoked.values_list("subject_name", flat=True)) == ["child", "maker"]


def test_somebody_elses_token_is_not_there(ada: Owner, staff: User, login: Login) -> None:
    row, token = make_token(UserFactory.create(), "theirs")
    for client in (login(ada.user), login(staff)):
        assert "theirs" not in text(client, "/me")
        for answer in (client.get(f"/me/tokens/{row.pk}/revoke"), client.post(f"/me/tokens/{row.pk}/revoke")):
            assert answer.status_code == 404
    assert asks(token) == 200


def test_what_a_token_made_ends_with_it(ada: Owner) -> None:
    maker, _ = make_token(ada.user, "maker", lasts=timedelta(days=7))
    for lasts in (None, timedelta(days=30)):
        child, token = make_token(ada.user, "child", lasts=lasts, made_with=maker)
        assert child.expiry == maker.expiry
    short, _ = make_token(ada.user, "short", lasts=timedelta(days=1), made_with=maker)
    assert short.expiry < maker.expiry
    with pytest.raises(NoSuchMakerError):
        make_token(ada.user, "grandchild", made_with=child)
    assert revoke_tokens(ApiToken.objects.filter(pk=maker.pk)) == 4
    assert asks(token) == 401
    with pytest.raises(NoSuchMakerError):
        make_token(ada.user, "late", made_with=maker)


def change(client: Client, old: str = OLD, new: str = NEW, again: str | None = None) -> tuple[int, str]:
    given = {"act": "password", "old": old, "password": new, "again": new if again is None else again}
    answer = client.post("/me", given)
    return answer.status_code, words(answer.content.decode())


def test_a_password_is_changed_and_other_sessions_end(ada: Owner, login: Login) -> None:
    here, elsewhere = login(ada.user), login(ada.user)
    _, token = make_token(ada.user)
    assert elsewhere.get("/").status_code == 200
    assert change(here)[0] == 302
    assert "Wherever else you were logged in, you are not any more." in words(text(here, "/me"))
    assert elsewhere.get("/").headers["Location"].startswith("/log-in")
    assert User.objects.get(pk=ada.user.pk).check_password(NEW)
    assert asks(token) == 200
    assert last_noted() == (ada.user.email, "password_set", [{"field": "password", "from": None, "to": "changed"}])


def test_a_password_that_will_not_do_is_refused_in_words(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    for given, said in (
        ({"old": "wrong"}, "This is not your password."),
        ({"again": "something else"}, "It is not the same."),
        ({"new": "short"}, "This password is too short."),
        ({"new": ada.user.email}, "too similar"),
    ):
        status, page = change(client, **given)
        assert (status, said in page) == (400, True), page
        assert "correct horse" not in page
    assert User.objects.get(pk=ada.user.pk).check_password(OLD)


def test_guesses_at_the_old_password_are_counted_with_those_to_log_in(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    for _ in range(TRIES):
        assert "This is not your password." in change(client, old="wrong")[1]
    assert "More than 10 tries." in change(client)[1]
    answer = Client().post("/log-in", {"username": ada.user.email, "password": OLD})
    assert "More than 10 tries." in words(answer.content.decode())
    assert User.objects.get(pk=ada.user.pk).check_password(OLD)


def test_nothing_is_changed_from_another_site(ada: Owner) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada.user)
    for act in ("token", "preferences", "password"):
        assert client.post("/me", {"act": act, "name": "x", "lasts": "7", "theme": "dark"}).status_code == 403
    assert not ApiToken.objects.exists()


def test_the_page_is_light(ada: Owner, login: Login) -> None:
    for number in range(60):
        make_token(ada.user, f"program {number}")
    client = login(ada.user)
    answer = client.get("/me")
    assert len(answer.content) <= 60_000
    assert "program 59" in answer.content.decode()
    assert 'href="?page=2"' in answer.content.decode()
    assert "program 0<" in text(client, "/me?page=3")
