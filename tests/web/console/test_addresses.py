"""Where an address that was kept leads."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.web.console.reading import text


@pytest.mark.parametrize(
    ("short", "leads_to"),
    [
        ("/admin", "/admin/"),
        ("/monitor?user=ada", "/?user=ada"),
        ("/monitor/items?a=b", "/runs?a=b"),
        ("/monitor/executions/a/b", "/runs/a/b"),
    ],
)
def test_an_address_without_its_last_stroke(short: str, leads_to: str) -> None:
    assert Client().get(short).headers["Location"] == leads_to


def test_reverse_names() -> None:
    assert reverse("console:run", args=["a/b"]) == "/runs/a/b"


@pytest.mark.parametrize("debug", [True, False])
def test_what_is_not_there_has_a_page_of_ours_in_the_demo_too(
    staff: User, login: Callable[[User], Client], settings: Settings, *, debug: bool
) -> None:
    settings.DEBUG = debug
    for address in ("/nothing/here", "/runs/none-such", "/admin/none-such"):
        page = text(login(staff), address, 404)
        assert "There is nothing here for you to see" in page, address
        assert "urlpatterns" not in page
