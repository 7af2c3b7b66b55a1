"""Why something failed, another try, and a mute: in as few clicks as people have patience for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from sync.models import SyncQueueItem
from tests.factories import ConfigurationFactory, QueuedFactory, WorkflowFactory
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look

MESSAGE = "Execution {}, column 'clicks', row 2: the value does not fit NUMBER(38,0), which takes a whole number."


@pytest.fixture
def site(live_site: Site) -> Site:
    """Without a Snowflake: what the pages say comes from rows."""
    return live_site


@pytest.fixture
def ada(transactional_db: None) -> User:
    """Somebody of whose runs some have failed, for several reasons, and some are held."""
    ada = User.objects.create(email="ada.lovelace@example.com")
    good = ConfigurationFactory.create(user=ada, name="Warehouse")
    now = timezone.now()
    for name, status, code, many, hours in (
        ("Campaign performance", "failed", "value_does_not_fit", 9, 7),
        ("Journeys", "failed", "table_not_ours", 1, 200),
        ("A workflow with a rather long name, as people give them", "failed", "owner_changed", 2, 30),
        ("Noise", "skipped", "excluded_by_rule", 3, 1),
        ("Channel mix", "pending", "session_lost", 2, 1),
    ):
        workflow = WorkflowFactory.create(user=ada, name=name, workflow_id=name.lower())
        for number in range(many):
            item: SyncQueueItem = QueuedFactory.create(workflow=workflow).sync_items.get()
            SyncQueueItem.objects.filter(pk=item.pk).update(
                user=ada,
                configuration=good,
                status=status,
                error_code=code,
                error_message=MESSAGE.format(item.execution_id),
                updated_at=now - timedelta(hours=hours * number, minutes=3),
            )
    return ada


@with_and_without_scripts
def test_why_it_failed_and_another_try(site: Site, ada: User, scripts: bool) -> None:
    page = site.open("/", user=ada, scripts=scripts)
    page.get_by_role("link", name="Errors", exact=True).click()
    expect(page.get_by_text("column 'clicks', row 2").first).to_be_visible()
    expect(page.get_by_text("Correct the value or declare a type").first).to_be_visible()
    if scripts:
        look(page, "errors")
    page.get_by_role("link", name="Retry 9").click()
    page.get_by_role("button", name="Retry 9").click()
    expect(page.get_by_text("9 of 9")).to_be_visible()
    assert SyncQueueItem.objects.filter(status="failed").count() == 3


@with_and_without_scripts
def test_a_mute(site: Site, ada: User, scripts: bool) -> None:
    page = site.open("/errors", user=ada, scripts=scripts)
    page.get_by_role("link", name="Mute… table not ours").click()
    if scripts:
        look(page, "mute")
    page.get_by_label("7 days").check()
    page.get_by_role("button", name="Mute", exact=True).click()
    page.get_by_text("1 muted").last.click()
    expect(page.get_by_text("Muted by ada.lovelace@example.com")).to_be_visible()
    if scripts:
        look(page, "errors muted")
    page.get_by_role("link", name="Unmute… table not ours").click()
    page.get_by_role("button", name="Unmute").click()
    expect(page.get_by_text("No longer muted.")).to_be_visible()


def test_nothing_has_failed(site: Site, transactional_db: None) -> None:
    page = site.open("/errors", user=User.objects.create(email="bob@example.com"))
    expect(page.get_by_text("Nothing has failed.")).to_be_visible()
    look(page, "errors none")
