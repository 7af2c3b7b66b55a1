"""A failure is ticked in the admin, retried on the console's page, and seen to complete; with and without scripts."""

from accounts.models import User
from sync.models import SyncQueueItem, WorkflowExecution
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
WRONG, RIGHT = [{"campaign": "Spring", "clicks": "many"}], [{"campaign": "Spring", "clicks": 17}]


@with_and_without_scripts
def test_a_failure_is_ticked_retried_and_completes(site: Site, world: World, admin_user: User, scripts: bool) -> None:
    good = world.complete(COLUMNS, RIGHT)
    execution, other = world.complete(COLUMNS, WRONG), world.complete(COLUMNS, WRONG)
    world.work()
    page = site.open("/", user=admin_user, scripts=scripts)
    page.locator("summary", has_text=admin_user.email).click()
    page.get_by_role("link", name="Admin").click()
    page.get_by_role("link", name="Queue items").first.click()
    page.locator("#changelist-filter").get_by_role("link", name="failed").click()
    expect(page.get_by_role("row", name=good.execution_id)).to_have_count(0)
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=RIGHT)
    SyncQueueItem.objects.filter(execution=execution, configuration=None).delete()
    page.get_by_role("row", name=execution.execution_id).get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option("retry_selected")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("1 ticked run, each in one destination")).to_be_visible()
    if scripts:
        look(page, "retry confirmation")
    page.get_by_role("button", name="Retry 1 run").click()
    expect(page.get_by_text("1 of 1 run is waiting again.")).to_be_visible()
    world.work()
    assert world.rows(execution) == [("Spring", 17)]
    assert world.item(other).status == "failed"
    page.goto(f"/admin/sync/syncqueueitem/?q={execution.execution_id}")
    page.get_by_role("link", name=execution.execution_id).click()
    expect(page.get_by_text("in Snowflake").first).to_be_visible()
    assert page.url.endswith(f"/runs/{execution.execution_id}")
