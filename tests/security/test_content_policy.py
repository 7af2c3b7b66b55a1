"""A script that somebody got into a page: no browser runs it, on any page."""

from contextlib import closing

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from config.content_policy import content_policy
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


def test_the_page_of_an_error_in_development_alone_is_without_it(db: None, settings: Settings) -> None:
    settings.DEBUG = True
    failing = content_policy(lambda _: HttpResponse(status=500))
    assert "Content-Security-Policy" not in failing(RequestFactory().get("/")).headers
    assert all("Content-Security-Policy" in Client().get(page).headers for page in ("/nothing", "/log-in"))
