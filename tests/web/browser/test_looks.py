"""Each of the admin's pages, in light, dark and narrow: no serious problem, and nothing that sticks out."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, SyncTable
from sync.operations import make_token
from tests.factories import ConfigurationFactory
from tests.web.browser.site import Site, look
from tests.world import World


@pytest.fixture
def busy(world: World) -> World:
    """Items in all states, and what is kept of them."""
    ConfigurationFactory.create(user=world.user, database=world.snowflake.database, schema="SECOND")
    names = [f"column_with_a_long_name_{number}" for number in range(40)]
    for number, status in enumerate(SyncQueueItem.Status.values):
        rows = [[f"value {place}" for place in range(40)] for _ in range(30)]
        execution = world.complete([(name, "string") for name in names], rows)
        queue.route()
        failed = {"error_code": "table_not_ours", "error_message": "There is a table of that name."}
        item = SyncQueueItem.objects.filter(execution=execution).order_by("created_at")[0]
        SyncQueueItem.objects.filter(pk=item.pk).update(
            status=status, retry_count=number % 4, **(failed if status == "failed" else {})
        )
        began = timezone.now() - timedelta(minutes=5)
        SyncAttempt.objects.create(
            item=item,
            configuration=world.configuration,
            worker_id=1,
            outcome=status if status in ("completed", "failed") else "retry",
            started_at=began,
            finished_at=began + timedelta(seconds=2),
            timings={"load": 1200.0, "extract": 300.0},
            row_count=1000,
            byte_count=1_400_000,
            statement_count=3,
            query_ids=[str(uuid.uuid4())],
            **(failed if status == "failed" else {}),
        )
    queue.register_worker("host-1.example.com", 4711, 5)
    SyncTable.objects.create(
        configuration=world.configuration,
        database_name=world.snowflake.database,
        schema_name="PUBLIC",
        table_name="WORKFLOW_EXECUTION_20260131_" + "A" * 40,
        execution_id=str(uuid.uuid4()),
        columns=[{"name": "A", "type": "VARCHAR"}],
    )
    return world


# All but the first two are long.
LISTS = (
    "sync/syncqueueitem",
    "accounts/snowflakeconfiguration",
    "sync/workflowexecution",
    "sync/workflow",
    "sync/syncattempt",
    "sync/syncworker",
    "sync/synctable",
    "accounts/user",
)


@pytest.mark.parametrize("name", [*LISTS[:2], *(pytest.param(name, marks=pytest.mark.long) for name in LISTS[2:])])
def test_lists_and_their_pages(site: Site, busy: World, admin_user: User, name: str) -> None:
    page = site.open(f"/admin/{name}/", user=admin_user)
    look(page, f"list {name}")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_load_state("load")
    look(page, f"page {name}")


def test_the_first_page_and_a_token(site: Site, busy: World, admin_user: User) -> None:
    make_token(busy.user, "nightly report")
    page = site.open("/admin/", user=admin_user)
    look(page, "admin")
    page.goto("/admin/accounts/apitoken/")
    look(page, "list accounts/apitoken")
