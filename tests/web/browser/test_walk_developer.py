"""A developer: finds a run by what a log says, takes its SQL, makes a token, asks the API, and is seen to have."""

from typing import Any

import pytest
from django.test import Client

from sync import queue
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from tests.web.browser.remote import expect
from tests.web.browser.site import Site
from tests.web.browser.walking import WAYS, Walk
from tests.world import World

COLUMNS = [("campaign", "string"), ("clicks", "integer")]
WRONG, RIGHT = [{"campaign": "Spring", "clicks": "many"}], [{"campaign": "Spring", "clicks": 17}]


@pytest.mark.parametrize("way", WAYS)
def test_a_developer(site: Site, world: World, way: dict[str, Any]) -> None:
    Workflow.objects.filter(pk=world.workflow.pk).update(name="Campaign performance")
    wrong, right = world.complete(COLUMNS, WRONG), world.complete(COLUMNS, RIGHT)
    world.work()
    queue.register_worker("a-host", 1, 5)
    walk = Walk(site.open("/", user=world.user, **way), way["scripts"])
    page = walk.page

    page.get_by_role("combobox", name="Search").fill(right.execution_id[:8])
    page.get_by_role("combobox", name="Search").press("Enter")
    right.refresh_from_db()
    walk.reads("Campaign performance", f"SELECT * FROM {world.snowflake.database}.PUBLIC.{right.snowflake_table_name}")
    walk.link("Show the first 20 rows")
    expect(page.get_by_role("cell", name="17")).to_be_visible()
    walk.sees("developer run")

    walk.open(world.user.email)
    walk.link("You and your tokens")
    walk.fills(Name="nightly report")
    walk.button("Make a token")
    walk.reads("it is shown this once")
    api = Client(headers={"Authorization": f"Bearer {page.get_by_label('The token', exact=True).input_value()}"})
    walk.sees("developer token")
    failed = api.get("/api/snowflake-sync/failed").json()
    assert [each["execution_id"] for each in failed] == [wrong.execution_id]
    WorkflowExecution.objects.filter(pk=wrong.pk).update(result_rows=RIGHT)
    SyncQueueItem.objects.filter(execution=wrong, configuration=None).delete()
    assert api.post(f"/api/snowflake-sync/retry/{failed[0]['id']}").status_code == 200
    world.work()
    assert world.rows(wrong) == [("Spring", 17)]

    walk.link("Activity")
    expect(page.get_by_role("row", name="retry of run").first).to_contain_text("nightly report")
    walk.link("Destinations")
    walk.link(world.configuration.name)
    walk.link("Data")
    walk.link("Edit as a file")
    page.get_by_label("All rules, in order").fill("- {kind: column, action: hash, name: who, columns: [campaign]}")
    walk.button("Check")
    walk.reads("What it would change")
    walk.sees("developer rules")
    walk.button("Save")
    walk.reads("The rules are at version 1")
    walk.open(world.user.email)
    walk.link("API")
    assert page.url.endswith("/api/docs")
