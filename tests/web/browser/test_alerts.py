"""Who wants to be told sets it up, tries it, is told, and stops being told."""

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.models import User
from sync.models import SyncAlert
from tests.alerts.channels.receiver import Receiver
from tests.factories import ConfigurationFactory
from tests.long import with_and_without_scripts
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look


@pytest.fixture
def site(live_site: Site) -> Site:
    """Without a Snowflake: what the pages say comes from rows."""
    return live_site


@pytest.fixture
def ada(transactional_db: None) -> User:
    """Somebody with a destination that is paused."""
    ada = User.objects.create(email="ada.lovelace@example.com")
    destination = ConfigurationFactory.create(user=ada, name="Warehouse")
    now = timezone.now()
    facts = {
        "what": "Destination Warehouse is paused: Snowflake refused the log-in",
        "over": "Destination Warehouse works again",
        "remedy": "Enter valid credentials in the destination's settings; its runs wait for that.",
        "path": f"/destinations/{destination.pk}",
    }
    times = {"since": now, "opened_at": now, "seen_at": now}
    about = {"kind": "destination_paused", "key": "1", "user_id": ada.pk, "configuration_id": destination.pk}
    SyncAlert.objects.create(facts=facts, **about, **times)
    SyncAlert.objects.create(facts=facts, **{**about, "key": "2"}, **times, closed_at=now)
    return ada


@with_and_without_scripts
def test_a_webhook_is_made_tried_and_paused(site: Site, ada: User, receiver: Receiver, scripts: bool) -> None:
    page = site.open("/", user=ada, scripts=scripts)
    page.get_by_role("link", name="Alerts", exact=True).click()
    page.get_by_role("link", name="Add a channel").click()
    if scripts:
        look(page, "alert-kinds")
    page.get_by_role("link", name="Webhook").click()
    page.get_by_role("textbox", name="Name").fill("on-call")
    page.get_by_role("textbox", name="Address").fill("https://127.0.0.1/")
    page.get_by_role("button", name="Add the channel").click()
    expect(page.get_by_text("not on the public internet")).to_be_visible()
    page.get_by_role("textbox", name="Address").fill(receiver.url())
    page.get_by_label("these only").check()
    page.get_by_label("results are late").check()
    if scripts:
        look(page, "alert-channel-new")
    page.get_by_role("button", name="Add the channel").click()
    secret = page.get_by_role("textbox", name="The secret").input_value()
    if scripts:
        look(page, "alert-secret")
    page.get_by_role("link", name="I have it").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test was taken. It answered 200 OK.")).to_be_visible()
    Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)
    receiver.answers = [(500, {}, b"out of order")]
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The last message was not taken. It answered 500")).to_be_visible()
    if scripts:
        look(page, "alert-channel")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("link", name="Alerts", exact=True).click()
    expect(page.get_by_role("row", name="on-call")).to_contain_text("paused")
    if scripts:
        look(page, "alerts")


def test_alerts_of_a_destination_are_muted_from_where_they_stand(site: Site, ada: User) -> None:
    page = site.open("/alerts", user=ada)
    page.get_by_role("link", name="Mute… Destination Warehouse").click()
    expect(page.get_by_label("Of destination")).to_have_value(str(SyncAlert.objects.all()[0].configuration_id))
    look(page, "alert-mute")
    page.get_by_label("7 days").check()
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("row", name="a destination is paused")).to_contain_text("Warehouse")
    page.get_by_role("button", name="Unmute a destination is paused").click()
    expect(page.get_by_text("No longer muted.")).to_be_visible()
