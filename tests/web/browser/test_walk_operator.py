"""Somebody who operates it: what is wrong and for whom, 3 of 40 retried, the rest muted, and who did what."""

from typing import Any

import pytest

from accounts.models import User
from sync import destinations, queue
from sync.activity import acting
from sync.errors import failure
from sync.models import SyncQueueItem, Workflow
from tests.factories import ConfigurationFactory, UserFactory
from tests.web.browser.remote import expect
from tests.web.browser.site import Site
from tests.web.browser.walking import WAYS, Walk
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
WRONG = [{"campaign": "Spring", "clicks": "many"}]
OF_RUNS = "Campaign performance"


@pytest.fixture
def trouble(world: World) -> World:
    """40 runs have failed alike, and another user's destination is paused."""
    Workflow.objects.filter(pk=world.workflow.pk).update(name=OF_RUNS)
    world.complete(COLUMNS, [{"campaign": "Spring", "clicks": 17}])
    for _ in range(40):
        world.complete(COLUMNS, WRONG)
    world.work()
    queue.register_worker("a-host", 1, 5)
    old = ConfigurationFactory.create(user=UserFactory.create(email="grace@example.com"), name="Old account")
    with acting("worker"):
        destinations.pause_destination(old.pk, failure("login_refused", "Snowflake has refused it"))
    return world


@pytest.mark.parametrize("way", WAYS)
def test_an_operator(site: Site, trouble: World, admin_user: User, way: dict[str, Any]) -> None:
    walk = Walk(site.open("/", user=admin_user, **way), way["scripts"])
    page = walk.page
    walk.reads(
        "Old account is paused: Snowflake refused the log-in.",
        "40 runs of Campaign performance failed",
        "Enter new credentials",
    )
    walk.sees("operator home")

    with walk.within(5):
        walk.link("Runs")
        walk.link("failed 40")
        for place in range(3):
            page.locator("main").get_by_role("checkbox").nth(place).check()
        walk.button("Retry")
        walk.reads("Retry 3 runs")
        walk.sees("operator retries 3")
        walk.button("Retry 3 runs")
    walk.reads("3 of 3 runs are waiting again.")
    assert SyncQueueItem.objects.filter(status="pending").count() == 3

    walk.link("Errors")
    walk.reads("value does not fit", "37 runs", "What to do:")
    walk.sees("operator errors")
    walk.link("Mute")
    page.get_by_label("7 days").check()
    walk.button("Mute")
    walk.reads("1 muted")

    walk.link("Workers")
    walk.reads("1 live", "a-host")
    walk.sees("operator workers")
    page.goto("/users?everybody=1")
    walk.link(f"As they see it ({trouble.user.email})")
    walk.reads(f"You see this page as {trouble.user.email} sees it.")

    page.goto("/activity")
    expect(page.get_by_role("row", name="3 runs")).to_contain_text(admin_user.email)
    expect(page.get_by_role("row", name="Old account paused")).to_contain_text("the sync itself")
    walk.sees("operator activity")


def test_a_refresh_leaves_the_list_where_it_is_read(site: Site, trouble: World) -> None:
    page = site.open("/runs?status=failed", user=trouble.user, viewport={"width": 1280, "height": 500})
    box = page.locator("main").get_by_role("checkbox").nth(20)
    box.check()
    name = box.get_attribute("value")
    scrolled = page.evaluate("window.scrollY")
    assert scrolled > 0
    trouble.complete(COLUMNS, WRONG)
    trouble.work()
    expect(page.get_by_text("41 runs, the latest failure first").first).to_be_visible()
    same = page.locator(f'input[value="{name}"]')
    expect(same).to_be_checked()
    expect(same).to_be_focused()
    assert page.evaluate("window.scrollY") == scrolled
    page.get_by_role("button", name="Stop refreshing").click()
    expect(page.get_by_text("Stopped")).to_be_visible()
