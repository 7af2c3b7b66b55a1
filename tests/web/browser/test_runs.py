"""Runs, as people walk through them: some of many are ticked, and nothing else is changed."""

from accounts.models import User
from sync import queue
from sync.models import SyncQueueItem, Workflow
from tests.factories import ConfigurationFactory
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
WRONG, RIGHT = [{"campaign": "Spring", "clicks": "many"}], [{"campaign": "Spring", "clicks": 17}]


@with_and_without_scripts
def test_two_of_four_are_ticked_and_retried(site: Site, world: World, scripts: bool) -> None:
    wrong = [world.complete(COLUMNS, WRONG) for _ in range(4)]
    good = world.complete(COLUMNS, RIGHT)
    world.work()
    page = site.open("/runs", user=world.user, scripts=scripts, bypass_csp=True)
    expect(page.get_by_role("link", name="failed 4")).to_be_visible()
    page.get_by_role("link", name="failed 4").click()
    expect(page.locator(f'a[href="/runs/{good.execution_id}"]')).to_have_count(0)
    for execution in wrong[:2]:
        page.locator(f'input[value="{execution.execution_id}"]').check()
    page.get_by_role("button", name="Retry 2" if scripts else "Retry", exact=True).click()
    expect(page.get_by_role("heading", name="Retry 2 runs")).to_be_visible()
    page.get_by_role("button", name="Retry 2 runs").click()
    expect(page.get_by_text("2 of 2 runs are waiting again.")).to_be_visible()
    assert [world.item(execution).status for execution in wrong] == ["pending", "pending", "failed", "failed"]


def test_keys_go_through_rows_and_tick_them(site: Site, world: World) -> None:
    for _ in range(2):
        world.complete(COLUMNS, WRONG)
    world.work()
    page = site.open("/runs?status=failed", user=world.user)
    for key in ("j", "x", "r"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Retry 1 run")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("flight")
    expect(page.get_by_label("Search: workflow")).to_be_focused()


def test_each_page_is_fit_to_be_seen(site: Site, world: World, admin_user: User) -> None:
    names = ["Campaign performance", "Channel mix", "Journeys", "A workflow with a name that goes on for quite a while"]
    other = ConfigurationFactory.create(user=world.user, name="Old account")
    for place in range(9):
        execution = world.complete(COLUMNS, WRONG if place % 3 == 0 else RIGHT)
        Workflow.objects.filter(workflowexecution=execution).update(name=names[place % 4])
    SyncQueueItem.objects.filter(configuration=other).delete()
    ConfigurationFactory._meta.model.objects.filter(pk=other.pk).update(is_active=False)
    world.work()
    world.complete(COLUMNS, RIGHT)
    queue.register_worker("a-host", 1, 5)
    page = site.open("/runs", user=world.user, bypass_csp=True)
    look(page, "runs")
    page.locator(".tick input").nth(1).check()
    look(page, "runs ticked")
    page.goto("/runs?q=nothing")
    look(page, "runs none")
    page.goto("/runs?status=failed&error_code=value_does_not_fit&when=7d")
    look(page, "runs failed")
    page.locator(".runs th a").first.click()
    page.get_by_role("link", name="Show the first 20 rows").click()
    expect(page.get_by_role("group", name="First rows")).to_be_visible()
    look(page, "run failed")
    done = SyncQueueItem.objects.filter(status="completed")[0]
    page.goto(f"/runs/{done.execution_id}")
    look(page, "run done")
    page.goto("/search?q=a")
    look(page, "search")
    page.goto(f"/leave-out?run={done.execution_id}")
    look(page, "leave out")
    look(site.open("/runs", user=admin_user, bypass_csp=True), "runs for staff")
