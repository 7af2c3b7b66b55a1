"""The first page and the workers, in each state that they can be in, and the keys."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration, User
from sync import queue
from sync.activity import Action, Kind
from sync.models import SyncActivity, SyncAttempt, SyncQueueItem
from sync.reporting import history
from tests.factories import ConfigurationFactory, QueuedFactory, WorkflowFactory
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect, expect_page
from tests.web.browser.site import Site, look


@pytest.fixture
def site(live_site: Site) -> Site:
    """Without a Snowflake: what the pages say comes from rows."""
    return live_site


def item(user: User, name: str, status: str, destination: SnowflakeConfiguration, **fields: object) -> SyncQueueItem:
    workflow, _ = type(WorkflowFactory.build()).objects.get_or_create(
        user=user, name=name, defaults={"workflow_id": name.lower().replace(" ", "-")}
    )
    made: SyncQueueItem = QueuedFactory.create(workflow=workflow).sync_items.get()
    values = {"user": user, "configuration": destination, "status": status, **fields}
    SyncQueueItem.objects.filter(pk=made.pk).update(**values)
    return made


def day(
    made: SyncQueueItem, hours: range, loads: int, *, outcome: str = "completed", rows: int | None = 14_000
) -> None:
    """So many attempts, more or less, in each of these hours before now."""
    SyncAttempt.objects.bulk_create(
        SyncAttempt(
            item=made,
            configuration_id=SyncQueueItem.objects.get(pk=made.pk).configuration_id,
            outcome=outcome,
            due_at=(ended := timezone.now() - timedelta(hours=hour, minutes=1)) - timedelta(milliseconds=600),
            started_at=ended,
            finished_at=ended,
            row_count=rows,
        )
        for hour in hours
        for _ in range(max(1, loads + (hour * 7) % 5 - 2))
    )


@pytest.fixture
def busy(admin_user: User) -> User:
    """Somebody with a destination that works, one that is refused, one that was paused by hand."""
    ada = User.objects.create(email="ada.lovelace@example.com")
    good = ConfigurationFactory.create(user=ada, name="Warehouse")
    old = ConfigurationFactory.create(user=ada, name="Old account")
    idle = ConfigurationFactory.create(user=ada, name="Archive")
    ConfigurationFactory.create(user=ada, name="Switched off", is_active=False)
    paused = item(ada, "Channel mix", "pending", old)
    for _ in range(31):
        item(ada, "Channel mix", "pending", old)
    loaded = item(ada, "Campaign performance", "completed", good)
    day(loaded, range(24), 6)
    day(loaded, range(24 * 7, 24 * 8), 8)
    day(loaded, range(3, 5), 3, outcome="failed", rows=None)
    day(paused, range(9, 24), 4)
    day(paused, range(9), 1, outcome="paused", rows=None)
    history.catch_up()
    for state, code, configuration in (("open", "login_refused", old), ("open", "paused_by_hand", idle)):
        DestinationState.objects.filter(pk=configuration.pk).update(
            breaker_state=state, breaker_code=code, breaker_until=timezone.now() + timedelta(minutes=12)
        )
    SyncActivity.objects.create(
        at=timezone.now() - timedelta(hours=3),
        user_name=ada.email,
        face=SyncActivity.Face.CONSOLE,
        action=Action.DESTINATION_PAUSED,
        subject_kind=Kind.DESTINATION,
        subject_id=str(idle.pk),
    )
    now = timezone.now()
    for name, code, ago in (
        ("Campaign performance", "value_does_not_fit", 5),
        ("Campaign performance", "value_does_not_fit", 25),
        ("Journeys", "table_not_ours", 200),
        ("A workflow with a rather long name, as people give them", "no_results", 900),
    ):
        failed = {"error_code": code, "error_message": "It was refused.", "updated_at": now - timedelta(minutes=ago)}
        item(ada, name, "failed", good, **failed)
    worker = queue.register_worker("host-1.internal.example.com", 4711, 5)
    item(ada, "Campaign performance", "processing", good, worker_id=worker, claim_token=1)
    queue.register_worker("host-2.internal.example.com", 17, 5)
    return ada


def test_what_is_wrong_is_seen_at_once(site: Site, busy: User, admin_user: User) -> None:
    page = site.open("/", user=admin_user)
    expect(page.get_by_text("Old account has been paused for")).to_be_visible()
    expect(page.get_by_text("2 runs of Campaign performance failed for Warehouse in the last hour.")).to_be_visible()
    look(page, "home busy")
    page.get_by_text("As a table").click()
    look(page, "home table")
    page.get_by_role("link", name="Workers").click()
    expect(page.get_by_role("cell", name="1 run in 5 threads")).to_be_visible()
    look(page, "workers")
    look(site.open("/", user=busy), "home of a user")


def test_all_is_well(site: Site, admin_user: User) -> None:
    ada = User.objects.create(email="ada.lovelace@example.com")
    day(item(ada, "Campaign performance", "completed", ConfigurationFactory.create(user=ada)), range(24), 6)
    history.catch_up()
    queue.register_worker("host-1.internal.example.com", 4711, 5)
    page = site.open("/", user=ada)
    expect(page.get_by_text("All synced. Nothing is waiting.").first).to_be_visible()
    look(page, "home well")


def test_an_empty_installation_says_what_comes_next(site: Site, admin_user: User) -> None:
    page = site.open("/", user=admin_user)
    expect(page.get_by_role("heading", name="Until the first run is in Snowflake")).to_be_visible()
    look(page, "home empty")
    look(site.open("/", user=User.objects.create(email="ada@example.org")), "home of nobody yet")


def test_the_keys(site: Site, busy: User) -> None:
    page = site.open("/", user=busy)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    look(page, "keys")
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Warehouse", exact=True)).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Old account", exact=True)).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Warehouse", exact=True)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    page.keyboard.type("/jx?")
    expect(page.get_by_role("combobox", name="Search")).to_have_value("/jx?")
    page.get_by_role("combobox", name="Search").blur()
    page.keyboard.press("?")
    page.get_by_label("These keys work").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).not_to_be_focused()


@with_and_without_scripts
def test_the_menu_of_oneself(site: Site, busy: User, scripts: bool) -> None:
    page = site.open("/", user=busy, scripts=scripts)
    page.get_by_text(busy.email).first.click()
    if scripts:
        look(page, "menu")
    page.get_by_role("button", name="Log out").click()
    expect_page(page).to_have_url(f"{site.address}/log-in")


def test_the_apis_page_looks_like_the_rest(site: Site, busy: User) -> None:
    page = site.open("/api/docs", user=busy)
    expect(page.get_by_role("heading", name="Universal Snowflake Sync")).to_be_visible()
    page.get_by_text("Another try for a failed item").click()
    # Swagger UI has faults of its own; what is wider than the window would be ours.
    look(page, "api", check=lambda _page: [])
