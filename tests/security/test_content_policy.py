"""A script that somebody got into a page: no browser runs it, on any page."""

from contextlib import closing

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.security.conftest import client_of

PAGES = (
    "/admin/",
    "/admin/login/",
    "/admin/sync/syncqueueitem/",
    "/admin/accounts/user/",
    "/admin/jsi18n/",
    "/",
    "/log-in",
    "/runs",
    "/runs/nothing",
    "/api/docs",
    "/api/schema",
    "/api/snowflake-sync/stats",
    "/static/sync/mark.svg",
    "/metrics",
    "/healthz",
    "/nothing",
)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["root", "nobody"])
def test_one_policy_holds_everywhere(page: str, who: str, root: User) -> None:
    client = client_of(root) if who == "root" else Client()
    with closing(client.get(page)) as answer:
        policy = answer.headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert (rules["default-src"], rules["script-src"], rules["style-src"]) == ("'none'", "'self'", "'self'")
    assert (rules["base-uri"], rules["frame-ancestors"], rules["form-action"]) == ("'none'", "'none'", "'self'")
    assert "unsafe" not in policy
    assert "*" not in policy


def test_error_pages_of_development_alone_are_without_it(db: None, settings: Settings) -> None:
    settings.DEBUG = True
    client = Client(raise_request_exception=False)
    assert "Content-Security-Policy" not in client.get("/nothing").headers
    assert "Content-Security-Policy" in client.get("/log-in").headers
