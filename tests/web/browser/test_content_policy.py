"""The admin under the policy of all pages: nothing that it is made of is refused by the browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from accounts.models import User
from tests.long import first
from tests.web.browser.remote import expect
from tests.web.browser.site import Site
from tests.world import World

LISTS = (
    "accounts/user",
    "accounts/apitoken",
    "accounts/snowflakeconfiguration",
    "auth/group",
    "sync/syncqueueitem",
    "sync/syncattempt",
    "sync/synctable",
    "sync/syncworker",
    "sync/workflow",
    "sync/workflowexecution",
)


@pytest.fixture
def page(site: Site, admin_user: User, world: World) -> Iterator[Page]:
    """The admin's first page; nothing may have been refused when the test ends."""
    world.complete([("n", "integer")], [[1]])
    world.work()
    said: list[str] = []
    page = site.open("/admin/", user=admin_user)
    page.on("console", lambda message: said.append(message.text))
    yield page
    assert not [text for text in said if "Content Security Policy" in text]


@pytest.mark.parametrize("listed", first(3, LISTS))
def test_lists_and_forms(page: Page, listed: str) -> None:
    for path in ("add/", "?q=a", ""):
        page.goto(f"/admin/{listed}/{path}")
    first = page.locator("#result_list tbody th a").first
    if first.count():
        first.click()
    expect(page.get_by_role("heading", level=1).first).to_be_visible()


def test_a_list_to_choose_from(page: Page) -> None:
    page.goto("/admin/accounts/snowflakeconfiguration/add/")
    page.locator(".select2-selection").click()
    expect(page.locator(".select2-results__option").first).to_be_visible()
