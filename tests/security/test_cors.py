"""What a page of another site may do with the API, through somebody's browser."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import ApiToken, User
from tests.factories import UserFactory

OURS, THEIRS = "https://app.example.com", "https://evil.example.com"
STATS = "/api/snowflake-sync/stats"


@pytest.fixture
def user(db: None, settings: Settings) -> User:
    settings.CORS_ALLOWED_ORIGINS = [OURS]
    found: User = UserFactory.create()
    return found


def allowed(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.lower().startswith("access-control-")}


def preflight(path: str, origin: str) -> Any:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return Client(headers=headers | {"Access-Control-Request-Headers": "authorization"}).options(path)


@pytest.mark.usefixtures("user")
def test_a_site_that_is_named_may_ask() -> None:
    said = allowed(preflight(STATS, OURS))
    assert said["access-control-allow-origin"] == OURS
    assert "authorization" in said["access-control-allow-headers"]
    assert "PATCH" in said["access-control-allow-methods"]


def test_its_script_reads_the_answer_and_when_to_come_back(user: User) -> None:
    token = ApiToken.objects.create(user)[1]
    answer = Client(headers={"Origin": OURS, "Authorization": f"Bearer {token}"}).get(STATS)
    said = allowed(answer)
    assert (answer.status_code, said["access-control-allow-origin"]) == (200, OURS)
    assert "Retry-After" in said["access-control-expose-headers"]
    assert "origin" in answer.headers["Vary"].lower()


@pytest.mark.parametrize("origin", [THEIRS, "null", f"{OURS}.evil.example.com", "http://app.example.com", "*"])
@pytest.mark.usefixtures("user")
def test_another_may_not(origin: str) -> None:
    assert allowed(preflight(STATS, origin)) == {}
    assert allowed(Client(headers={"Origin": origin}).get(STATS)) == {}


def test_without_a_setting_nobody_may(user: User, settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = []
    assert allowed(preflight(STATS, OURS)) == {}


def test_no_cookie_counts_and_no_page_is_read(user: User) -> None:
    """A session opens the pages, which no script of another site may read, and not the API, which it may."""
    client = Client(headers={"Origin": OURS})
    client.force_login(user)
    assert client.get(STATS).status_code == 401
    assert "access-control-allow-credentials" not in allowed(client.get(STATS))
    for page in ("/", "/admin/", "/metrics", "/readyz", "/healthz"):
        assert allowed(client.get(page)) == {}
