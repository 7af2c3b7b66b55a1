"""An owner chooses what goes there, in a browser: a workflow out, a column hashed, only paid rows; and puts it back."""

import pytest

from sync.models import SyncQueueItem, Workflow
from sync.operations import rules_of
from tests.factories import WorkflowFactory
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World

COLUMNS = [("e_mail", "string"), ("note", "string"), ("state", "string"), ("spend", "decimal(12,2)")]
ROWS = [[f"somebody.{n}@a-long-domain.example.com", "private", "paid" if n % 2 else "open", n] for n in range(30)]


@pytest.fixture
def data(world: World) -> str:
    Workflow.objects.filter(pk=world.workflow.pk).update(name="Campaign performance")
    WorkflowFactory.create(user=world.user, workflow_id="noise", name="Noise report")
    return f"/destinations/{world.configuration.pk}/data"


@with_and_without_scripts
def test_what_goes_there_is_chosen_tried_applied_and_undone(site: Site, world: World, data: str, scripts: bool) -> None:
    execution = world.complete(COLUMNS, ROWS)
    world.work()
    page = site.open(data, user=world.user, scripts=scripts)
    page.get_by_role("switch", name="Noise report goes there").uncheck()
    page.get_by_label("Why (a note for people)").fill("test data")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Noise report: what completes from now on does not go there.")).to_be_visible()
    page.get_by_role("button", name="Save all the same").click()
    expect(page.get_by_text("The rules are at version 1")).to_be_visible()
    expect(page.locator("table").get_by_text("“test data”")).to_be_visible()
    if scripts:
        look(page, "data")
    page.get_by_role("link", name="Campaign performance").click()
    expect(page.get_by_text("somebody.1@a-long").first).to_be_visible()
    page.get_by_label("What becomes of e_mail").select_option("hash")
    page.get_by_label("What becomes of note").select_option("drop")
    page.get_by_label("Column of condition 1").fill("state")
    page.get_by_label("Value of condition 1").fill("paid")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("15 of 30 rows kept")).to_be_visible()
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    if scripts:
        look(page, "data workflow preview")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The rules are at version 2")).to_be_visible()
    if scripts:
        look(page, "data workflow")
    else:
        page.get_by_role("link", name="Count how many runs").click()
    page.get_by_role("link", name="Load 1 run again…").click()
    page.get_by_label("Runs since").fill("2026-01-01" if scripts else "")
    page.get_by_role("button", name="Count").click()
    if scripts:
        look(page, "data reload")
    page.get_by_role("button", name="Load 1 run again").click()
    expect(page.get_by_text("1 of 1 run queued to be loaded again.")).to_be_visible()
    assert SyncQueueItem.objects.get(execution=execution).status == "pending"
    world.work()
    assert len(world.rows(execution)) == 15
    page.get_by_role("link", name="Version 2").click()
    if scripts:
        look(page, "data version")
    page.get_by_role("link", name="Version 1").first.click()
    page.get_by_role("button", name="Put version 1 back").click()
    expect(page.get_by_text("It says what version 1 said.")).to_be_visible()
    assert [rule.name for rule in rules_of(world.configuration.pk).rules] == ["Noise report: left out"]


def test_the_other_pages(site: Site, world: World, data: str) -> None:
    world.complete(COLUMNS, ROWS)
    world.work()
    page = site.open(f"{data}/file", user=world.user)
    page.get_by_label("All rules, in order").fill("- name: Out\n  kind: scope\n  action: exclude\n  workflow: noise\n")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("+ rule 1 is added")).to_be_visible()
    look(page, "data file")
    page.goto("/workflows")
    look(page, "workflows")
    page.get_by_role("link", name="Campaign performance").click()
    expect(page.get_by_role("link", name="Columns and rows")).to_be_visible()
    look(page, "workflow")
