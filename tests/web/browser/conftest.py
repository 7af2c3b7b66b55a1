"""A browser before the whole: the live site, a worker's work, and the local Snowflake."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.web.browser.answering import answered_at_the_end
from tests.web.browser.remote import BrowserThread
from tests.web.browser.site import Site
from tests.world import World


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium: one process for the whole run."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("There is no Chromium on this machine: on Debian and Ubuntu, apt-get install chromium.")
    with BrowserThread(found) as thread:
        yield thread.browser


@pytest.fixture
def live_site(chromium: Browser, live_server: LiveServer) -> Iterator[Site]:
    """The live site. A fault in a page fails the test."""
    with answered_at_the_end():
        opened = Site(live_server.url, chromium)
        yield opened
        opened.close()
    assert opened.faults == []


@pytest.fixture
def site(world: World, live_site: Site) -> Site:
    """With a user's destination behind it (`world`)."""
    return live_site


@pytest.fixture
def admin_user(transactional_db: None) -> User:
    return User.objects.create_superuser("ada@example.com", "a password")
