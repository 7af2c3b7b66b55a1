"""A failure is seen, understood, retried, and seen to complete; with and without scripts."""

import pytest
from playwright.sync_api import Page

from accounts.models import User
from sync.models import SyncQueueItem, WorkflowExecution
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
WRONG, RIGHT = [{"campaign": "Spring", "clicks": "many"}], [{"campaign": "Spring", "clicks": 17}]


def failed_items(page: Page) -> None:
    page.get_by_role("link", name="Queue items").first.click()
    page.locator("#changelist-filter").get_by_role("link", name="failed").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_failure_is_understood_retried_and_completes(
    site: Site, world: World, admin_user: User, scripts: bool
) -> None:
    good = world.complete(COLUMNS, RIGHT)
    execution = world.complete(COLUMNS, WRONG)
    world.work()
    page = site.open("/admin/", user=admin_user, scripts=scripts)
    failed_items(page)
    expect(page.get_by_role("row", name=execution.execution_id)).to_be_visible()
    expect(page.get_by_role("row", name=good.execution_id)).to_have_count(0)
    page.get_by_role("row", name=execution.execution_id).get_by_role("link", name="failed").click()
    expect(page.get_by_text("A value cannot be held by its column's type").first).to_be_visible()
    expect(page.get_by_text("Correct the value or declare a type").first).to_be_visible()
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()
    if scripts:
        look(page, "item failed")
    WorkflowExecution.objects.filter(pk=execution.pk).update(result_rows=RIGHT)
    SyncQueueItem.objects.filter(execution=execution, configuration=None).delete()
    page.get_by_role("link", name="Retry…").click()
    expect(page.get_by_text("Retry 1 item?")).to_be_visible()
    if scripts:
        look(page, "retry confirmation")
    page.get_by_role("button", name="Retry 1 item").click()
    expect(page.get_by_text("1 of 1 item is waiting again.")).to_be_visible()
    world.work()
    page.reload()
    expect(page.get_by_text("It is in Snowflake")).to_be_visible()
    expect(page.get_by_role("heading", name="Attempt 2")).to_be_visible()
    assert world.rows(execution) == [("Spring", 17)]
    if scripts:
        look(page, "item completed")


def test_all_that_match_are_retried_and_no_others(site: Site, world: World, admin_user: User) -> None:
    wrong = [world.complete(COLUMNS, WRONG) for _ in range(3)]
    other = world.complete(COLUMNS, [{"campaign": "Spring", "undeclared": 1}])
    world.work()
    page = site.open("/admin/sync/syncqueueitem/", user=admin_user)
    look(page, "items")
    page.get_by_label("Error code").select_option("value_does_not_fit")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Retry all that match…").click()
    page.get_by_role("button", name="Retry 3 items").click()
    expect(page.get_by_text("3 of 3 items are waiting again.")).to_be_visible()
    assert {world.item(execution).status for execution in wrong} == {"pending"}
    assert world.item(other).status == "failed"
