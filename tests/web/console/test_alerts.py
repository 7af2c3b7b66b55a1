"""Alerts and channels as their user sees, makes, tries and mends them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook

from accounts.models import User
from sync.alerts import KINDS
from sync.models import SyncActivity, SyncAlertChannel, SyncAlertDelivery, SyncMute
from tests.alerts.channels.receiver import Receiver
from tests.factories import UserFactory
from tests.web.console.alerting import acted, made, opened
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

Login = Callable[[User], Client]

pytestmark = pytest.mark.django_db(transaction=True)
WEBHOOK = {"kind": "webhook", "name": "on-call", "which": "all"}


@pytest.fixture
def client(ada: Owner, login: Login) -> Client:
    return login(ada.user)


def test_nothing_is_there_at_first_and_the_page_says_what_to_do(client: Client) -> None:
    page = words(text(client, "/alerts"))
    assert "Nothing is open." in page
    assert "Nobody is told by you. Add a channel" in page
    assert all(about.label in text(client, "/alerts/channels/new") for about in KINDS.values())


def test_a_webhook_is_made_tried_and_told(client: Client, receiver: Receiver) -> None:
    answer = client.post("/alerts/channels/new", {**WEBHOOK, "value_url": receiver.url()})
    shown = re.search(r'value="(whsec_[^"]+)"', answer.content.decode())
    assert shown
    channel = SyncAlertChannel.objects.get()
    assert "whsec" not in (channel.secrets_encrypted or "")
    assert "The test was taken. It answered 200 OK." in acted(client, channel, "test")
    got = receiver.received[0]
    assert Webhook(shown[1]).verify(got.body, got.headers)["type"] == "alert.test"
    page = text(client, f"/alerts/channels/{channel.pk}")
    assert shown[1] not in page
    assert "A test of on-call" in page
    assert list(SyncActivity.objects.order_by("pk").values_list("action", flat=True)) == [
        "channel_made",
        "channel_tested",
    ]
    assert shown[1] not in str(list(SyncActivity.objects.values_list("changes", "note")))


def test_a_test_that_fails_is_shown_and_changes_nothing(client: Client, receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"we are down")]
    channel = made(client, **WEBHOOK, value_url=receiver.url())
    assert "The test was not taken. It answered 500 Internal Server Error: we are down" in acted(
        client, channel, "test"
    )
    assert "failing" in words(text(client, "/alerts"))
    receiver.answers = [(200, {}, b"")]
    assert "The test was taken." in acted(client, channel, "test")
    assert "working" in words(text(client, "/alerts"))


def test_a_new_secret_is_shown_once_and_both_sign(client: Client, receiver: Receiver) -> None:
    first = re.search(
        r"whsec_[^\"]+", client.post("/alerts/channels/new", {**WEBHOOK, "value_url": receiver.url()}).content.decode()
    )
    channel = SyncAlertChannel.objects.get()
    answer = client.post(f"/alerts/channels/{channel.pk}", {"act": "secret"})
    second = re.search(r"whsec_[^\"]+", answer.content.decode())
    assert first
    assert second
    assert first[0] != second[0]
    acted(client, channel, "test")
    for secret in (first[0], second[0]):
        Webhook(secret).verify(receiver.received[0].body, receiver.received[0].headers)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/", "has to begin with https://"),
        ("https://127.0.0.1/", "not on the public internet"),
        ("https://2130706433/", "This is no host"),
        ("", "This field is required"),
    ],
)
def test_what_may_not_be_asked_is_refused_beside_its_field(client: Client, url: str, said: str) -> None:
    answer = client.post("/alerts/channels/new", {**WEBHOOK, "value_url": url})
    assert answer.status_code == 400
    assert said in words(answer.content.decode())
    assert not SyncAlertChannel.objects.exists()


def test_a_secret_that_was_entered_is_never_shown_and_stays(client: Client) -> None:
    address = "https://hooks.slack.com/services/T000/B000/TheSecretOfSlack"
    channel = made(client, kind="slack", name="team", which="all", value_url=address)
    assert "TheSecretOfSlack" not in text(client, f"/alerts/channels/{channel.pk}") + text(client, "/alerts")
    assert "Saved" in acted(client, channel, "save", name="the team", which="some", events=["late"], value_url="")
    channel.refresh_from_db()
    assert (channel.name, channel.events, channel.secrets) == ("the team", ["late"], {"url": address})
    other = address.replace("Secret", "Other")
    acted(client, channel, "save", name="the team", which="all", value_url=other)
    channel.refresh_from_db()
    assert channel.secrets == {"url": other}
    assert "Slack" not in str(list(SyncActivity.objects.values_list("changes", flat=True)))


def test_it_is_paused_resumed_and_deleted(client: Client) -> None:
    channel = made(client, kind="email", name="me", which="all", value_to="ada@example.com", digest="daily")
    assert "Paused" in acted(client, channel, "pause")
    assert "paused" in words(text(client, "/alerts"))
    assert "Resume" not in acted(client, channel, "resume")
    SyncAlertDelivery.objects.create(channel=channel, event="test", message={"subject": "x"})
    assert "1 message that waits" in words(text(client, f"/alerts/channels/{channel.pk}/delete"))
    assert client.post(f"/alerts/channels/{channel.pk}/delete").status_code == 302
    assert not SyncAlertChannel.objects.exists()
    assert list(SyncActivity.objects.order_by("pk").values_list("action", flat=True)) == [
        "channel_made",
        "channel_paused",
        "channel_resumed",
        "channel_deleted",
    ]


def test_nobody_pages_with_a_digest_and_only_who_sees_all_is_told_of_all(
    client: Client, staff: User, login: Login
) -> None:
    pager = {"kind": "pagerduty", "name": "p", "which": "all", "value_key": "a" * 32, "value_region": "eu"}
    assert 'name="digest"' not in text(client, "/alerts/channels/new?kind=pagerduty")
    assert made(client, **pager, digest="daily", everyone="on").digest is None
    assert not SyncAlertChannel.objects.get().everyone
    mail = {"kind": "email", "name": "all", "which": "all", "value_to": "ops@example.com", "everyone": "on"}
    assert made(login(staff), **mail).everyone


def test_others_channels_are_not_there(client: Client, staff: User, login: Login) -> None:
    channel = made(client, kind="email", name="me", which="all", value_to="ada@example.com")
    for other in (UserFactory.create(), staff):
        for path in (f"/alerts/channels/{channel.pk}", f"/alerts/channels/{channel.pk}/delete"):
            assert login(other).get(path).status_code == 404
            assert login(other).post(path, {"act": "test"}).status_code == 404
    assert SyncAlertChannel.objects.exists()


def test_alerts_are_of_whose_things_they_are(client: Client, ada: Owner, staff: User, login: Login) -> None:
    opened(ada)
    opened(
        None,
        kind="no_worker",
        key="",
        facts={"what": "No worker is running", "remedy": "Start one.", "path": "/workers"},
    )
    gone = opened(
        ada, key="2", facts={"what": "Destination Old was paused"}, closed_at=timezone.now() + timedelta(minutes=4)
    )
    assert gone.closed_at
    mine = words(text(client, "/alerts"))
    assert "Destination Prod is paused" in mine
    assert "What to do: Enter it again." in mine
    assert "Destination Old was paused" in mine
    assert "No worker" not in mine
    assert "No worker is running" in words(text(login(staff), "/alerts"))
    assert "paused" not in words(text(login(UserFactory.create()), "/alerts"))


def test_alerts_are_muted_and_unmuted(client: Client, ada: Owner) -> None:
    opened(ada, configuration_id=ada.configuration.pk)
    page = text(client, "/alerts")
    address = re.search(r'href="(/alerts/mute\?kind=destination_paused[^"]+)"', page)
    assert address
    assert "selected" in text(client, address[1].replace("&amp;", "&"))
    wanted = {"kind": "destination_paused", "destination": str(ada.configuration.pk), "how_long": "1d"}
    assert client.post("/alerts/mute", wanted).headers["Location"] == "/alerts"
    mute = SyncMute.objects.get()
    assert (mute.owner_id, mute.kind, mute.configuration_id) == (
        ada.user.pk,
        "destination_paused",
        ada.configuration.pk,
    )
    page = words(text(client, "/alerts"))
    assert "a destination is paused" in page
    assert "muted until" in page.partition("Your channels")[0]
    assert "Unmute… Destination Prod is paused" in page
    assert "Mute… Destination Prod" not in page
    assert client.post("/alerts/mute", {**wanted, "unmute": "1"}).status_code == 302
    assert not SyncMute.objects.exists()
    answer = client.post("/alerts/mute", {**wanted, "how_long": "date", "date": "2020-01-01"})
    assert answer.status_code == 400
    assert "is over" in words(answer.content.decode())


def test_only_what_waits_is_tried_again(client: Client, receiver: Receiver) -> None:
    receiver.answers = [(500, {}, b"")]
    channel = made(client, **WEBHOOK, value_url=receiver.url())
    page = acted(client, channel, "test")
    assert "The last message was not taken. It answered 500" in page
    assert "It is tried again" not in page
    SyncAlertDelivery.objects.create(channel=channel, event="opened", message={"subject": "x"}, tries=1, error="No.")
    assert "It is tried again for a day." in words(text(client, f"/alerts/channels/{channel.pk}"))


def test_staff_need_the_right_to_mute(login: Login) -> None:
    clerk = UserFactory.create(is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_syncqueueitem"))
    assert login(clerk).post("/alerts/mute", {"kind": "*", "how_long": "1d"}).status_code == 403


def test_home_says_that_nobody_is_told(client: Client, ada: Owner) -> None:
    ada.failed()
    assert "Nobody is told of this: set up alerts" in words(text(client, "/"))
    channel = made(client, kind="email", name="me", which="all", value_to="ada@example.com")
    assert "Nobody is told" not in words(text(client, "/"))
    SyncAlertChannel.objects.filter(pk=channel.pk).update(paused_at=timezone.now())
    assert "Nobody is told" in words(text(client, "/"))


def test_tests_and_channels_are_not_made_without_end(client: Client, receiver: Receiver, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "alert_test": "2/hour"}
    channel = made(client, **WEBHOOK, value_url=receiver.url())
    for _ in range(2):
        assert "was taken" in acted(client, channel, "test")
    assert client.post(f"/alerts/channels/{channel.pk}", {"act": "test"}).status_code in (302, 429)
    assert len(receiver.received) == 2


def test_what_this_installation_lacks_is_said(client: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = ""
    assert "its operator sets EMAIL_URL" in words(text(client, "/alerts/channels/new?kind=email"))
