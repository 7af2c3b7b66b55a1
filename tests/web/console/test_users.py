"""The users, for staff."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, User
from tests.factories import ConfigurationFactory, UserFactory
from tests.security.conftest import clerk
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(staff: User, login: Callable[[User], Client]) -> Client:
    return login(staff)


def line(page: str, email: str) -> str:
    """What the page says of a user."""
    (found,) = [words(row) for row in page.split("<tr>") if f'<th scope="row">{email}' in row]
    return found


def test_it_says_who_may_log_in_and_what_each_may_do(boss: Client, ada: Owner) -> None:
    ada.user.change_login(password="pbkdf2_sha256$1$a$b")
    ApiToken.objects.create(ada.user)
    operators = Group.objects.create(name="operators")
    operators.permissions.set(Permission.objects.filter(codename="retry_syncqueueitem"))
    operator = clerk("view_syncqueueitem")
    operator.groups.add(operators)
    clerk(email="new@example.com")
    gone = UserFactory.create(is_active=False)
    gone.change_login(password="pbkdf2_sha256$1$a$b")
    page = text(boss, "/users")
    assert f"logs in sees and changes what is theirs never 1 {ada.configuration}" in line(page, ada.user.email)
    assert f'href="/destinations/{ada.configuration.pk}"' in page
    assert "sees everyone's runs, retries and skips" in line(page, operator.email)
    assert "uses the admin, without a right" in line(page, "new@example.com")
    assert "may do everything" in line(page, "staff@example.com")
    assert "not active" in line(page, gone.email)
    assert "pbkdf2" not in page


def test_what_a_user_sees_is_a_link_away(boss: Client, ada: Owner) -> None:
    ada.user.change_login(password="pbkdf2_sha256$1$a$b")
    page = text(boss, "/users")
    assert f'href="/?user={ada.user.pk}"' in page
    assert ada.user.email in text(boss, f"/?user={ada.user.pk}")
    assert f'href="/admin/accounts/user/{ada.user.pk}/change/"' in page
    assert boss.get(f"/admin/accounts/user/{ada.user.pk}/change/").status_code == 200


def test_users_are_found_and_turned_over(boss: Client) -> None:
    for number in range(60):
        UserFactory.create(email=f"user-{number:03}@example.com", name="Grace" if number == 7 else None)
    assert "user-000" not in text(boss, "/users")
    page = text(boss, "/users?everybody=1")
    assert "user-007" in page
    assert "user-059" not in page
    (more,) = [part.split('"')[0] for part in page.split('href="') if 'rel="next"' in part.split(">")[0]]
    assert "user-059" in text(boss, f"/users{more}")
    for asked in ("r-007", "GRACE"):
        found = text(boss, f"/users?everybody=1&q={asked}")
        assert "user-007" in found
        assert "user-008" not in found
    assert "is called so" in words(text(boss, "/users?q=nobody&after=%00"))


def test_more_users_are_no_more_questions(boss: Client) -> None:
    counts = []
    for _ in range(2):
        for _ in range(10):
            ConfigurationFactory.create(user=UserFactory.create())
        with CaptureQueriesContext(connection) as asked:
            text(boss, "/users?everybody=1")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_nobody_else_sees_them(ada: Owner, login: Callable[[User], Client]) -> None:
    for user in (ada.user, clerk("view_syncqueueitem")):
        client = login(user)
        assert client.get("/users").status_code == 403
        assert 'href="/users"' not in text(client, "/")


def test_who_may_see_users_alone_sees_no_more_of_them(ada: Owner, login: Callable[[User], Client]) -> None:
    ada.user.change_login(password="pbkdf2_sha256$1$a$b")
    page = text(login(clerk("view_user")), "/users")
    assert ada.user.email in page
    assert str(ada.configuration) not in page
    assert "/?user=" not in page
