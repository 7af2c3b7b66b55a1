"""A backfill in the browser: a form, a dry run, then the same queued and loaded; with and without scripts."""

from accounts.models import User
from sync.models import SyncQueueItem
from tests.long import with_and_without_scripts
from tests.queue.past import past
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World


@with_and_without_scripts
def test_a_workflows_past_is_counted_queued_and_loaded(
    site: Site, world: World, admin_user: User, scripts: bool
) -> None:
    executions = [past(world.workflow) for _ in range(3)]
    page = site.open("/admin/sync/workflow/", user=admin_user, scripts=scripts)
    page.get_by_role("row", name="Campaign report").get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("backfill_selected")
    page.get_by_role("button", name="Go").click()
    if scripts:
        look(page, "backfill form")
    page.get_by_text("Limit", exact=True).click()
    page.get_by_label("Runs at most").fill("2")
    page.get_by_role("button", name="Count (dry run)").click()
    expect(page.get_by_text("2 runs would be queued")).to_be_visible()
    assert not SyncQueueItem.objects.exists()
    page.get_by_role("button", name="Change what is asked for").click()
    page.get_by_label("Runs at most").fill("")
    page.get_by_role("button", name="Count (dry run)").click()
    expect(page.get_by_text("3 runs would be queued")).to_be_visible()
    if scripts:
        look(page, "backfill dry run")
    page.get_by_role("button", name="Queue 3 runs").click()
    expect(page.get_by_text("3 runs of 3 queued.")).to_be_visible()
    world.work()
    assert {world.item(execution).status for execution in executions} == {"completed"}
