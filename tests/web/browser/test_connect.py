"""Somebody who owns data connects Snowflake in three steps, the last of which fails at first and is mended."""

import pytest

from accounts.models import SnowflakeConfiguration
from tests.factories import UserFactory, WorkflowFactory
from tests.queue.past import past
from tests.web.browser.remote import expect
from tests.web.browser.site import NARROW, Site, look
from tests.world import World


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_account_is_connected_by_who_knows_nothing(site: Site, world: World, scripts: bool) -> None:
    ada = UserFactory.create(email="ada@example.com")
    past(WorkflowFactory.create(user=ada))
    size = {} if scripts else {"viewport": NARROW}
    page = site.open("/destinations", user=ada, scripts=scripts, **size)
    page.get_by_role("link", name="Connect Snowflake").first.click()
    if scripts:
        look(page, "connect account")
    page.get_by_label("Account identifier").fill("myorg-myaccount")
    page.get_by_label("Database").fill(world.snowflake.database)
    page.get_by_role("button", name="Next: let it in").click()

    expect(page.get_by_label("The SQL that sets it up")).to_contain_text("CREATE USER IF NOT EXISTS")
    expect(page.get_by_label("The SQL that takes it back")).to_contain_text("DROP USER IF EXISTS")
    if scripts:
        look(page, "connect let in")
    made = SnowflakeConfiguration.objects.get(user=ada)
    page.get_by_role("link", name="Next: check it").click()

    world.snowflake.server.inject("^USE WAREHOUSE", "error", code="003001", sqlstate="42501", message="No privileges")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("heading", name="Use the warehouse failed")).to_be_visible()
    expect(page.get_by_text("GRANT USAGE ON WAREHOUSE")).to_be_visible()
    if scripts:
        look(page, "connect check failed")
    page.get_by_role("button", name="I ran it: check again").click()
    expect(page.get_by_role("heading", name="Everything works")).to_be_visible()
    expect(page.get_by_text("1 past run could be loaded.")).to_be_visible()
    if scripts:
        look(page, "connect check passed")
    page.get_by_role("link", name="To the destination").click()
    expect(page.get_by_text("It works.")).to_be_visible()
    assert page.url.endswith(f"/destinations/{made.pk}")


def test_a_destination_is_paused_resumed_and_looked_at(site: Site, world: World) -> None:
    world.complete([("clicks", "integer")], [[1], [2]])
    world.complete([("clicks", "integer")], [["n/a"]])
    world.work()
    page = site.open("/destinations", user=world.user)
    look(page, "destinations")
    page.get_by_role("link", name=world.configuration.name).click()
    look(page, "destination status")
    page.get_by_text("Pause…").click()
    page.get_by_label("Why").fill("The account moves")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text(f"Paused by {world.user.email}: The account moves.")).to_be_visible()
    look(page, "destination paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Resumed: what waits is loaded now.")).to_be_visible()
    page.get_by_role("link", name="Timeline").click()
    expect(page.get_by_role("list", name="Stages").first).to_be_visible()
    look(page, "destination timeline")
    page.get_by_role("link", name="Settings").click()
    page.get_by_text("Enter new credentials").click()
    look(page, "destination settings")
    page.get_by_role("link", name="Delete…").click()
    look(page, "destination delete")


def test_a_check_is_watched_while_it_is_made(site: Site, world: World) -> None:
    """What the page says then: tests/web/console/test_connecting.py. Playwright sees nothing of it before it ends."""
    asked: list[str] = []
    page = site.open(f"/connect/{world.configuration.pk}/check", user=world.user)
    expect(page.get_by_role("heading", name="Not checked yet")).to_be_visible()
    world.snowflake.server.inject("^COPY", "delay", seconds=6.0)
    page.on("request", lambda request: asked.append(f"{request.method} {request.resource_type}"))
    page.get_by_role("button", name="Check now").click(no_wait_after=True)
    page.wait_for_url("**/check", timeout=60_000)
    expect(page.get_by_role("heading", name="Everything works")).to_be_visible(timeout=60_000)
    since = asked[asked.index("POST document") + 1 :]
    assert "GET fetch" in since[: since.index("GET document")], asked
