"""What the forms of channels and mutes take, offer, and say afterwards."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from sync.models import SyncAlertDelivery, SyncMute
from tests.web.console.alerting import acted, made, opened
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

Login = Callable[[User], Client]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(ada: Owner, login: Login) -> Client:
    return login(ada.user)


def test_an_alert_of_a_muted_failure_says_so(client: Client, ada: Owner) -> None:
    failed_at = timezone.now().isoformat()
    about = {"workflow_id": None, "configuration_id": ada.configuration.pk, "error_code": "load_rejected"}
    facts = {"what": "Runs fail", "remedy": "Mend it.", "failed_at": failed_at}
    opened(ada, kind="new_failure", facts=facts, **about)
    SyncMute.objects.create(owner_id=ada.user.pk, **about)
    page = text(client, "/alerts")
    assert "muted until another run fails so" in words(page)
    assert re.search(r'href="/errors"[^>]*>Unmute…', page)


def test_a_date_that_was_typed_counts(client: Client) -> None:
    tomorrow = f"{timezone.now() + timedelta(days=3):%Y-%m-%d}"
    client.post("/alerts/mute", {"kind": "late", "how_long": "1d", "date": tomorrow})
    assert f"{SyncMute.objects.get().until:%Y-%m-%d}" == tomorrow


def test_kinds_that_were_ticked_count_until_all_is_chosen_instead(client: Client) -> None:
    channel = made(client, kind="email", name="me", which="all", events=["late"], value_to="ada@example.com")
    assert channel.events == ["late"]
    kept = {"name": "me", "value_to": "ada@example.com", "which": "all"}
    acted(client, channel, "save", **kept, events=["late", "new_failure"])
    channel.refresh_from_db()
    assert channel.events == ["late", "new_failure"]
    acted(client, channel, "save", **kept, events=["late", "new_failure"])
    channel.refresh_from_db()
    assert channel.events is None


def test_the_form_offers_what_may_come_to_its_user(client: Client, staff: User, login: Login, ada: Owner) -> None:
    mine, everyones = (text(who, "/alerts/channels/new?kind=email") for who in (client, login(staff)))
    for offered in ("no worker is running", "a host has no room for files"):
        assert offered not in mine
        assert offered in everyones
    assert f'value="{ada.user.email}"' in mine
    assert "In the time zone UTC, which is yours." in mine


def test_a_new_channel_says_what_it_is_not_told(client: Client, ada: Owner) -> None:
    opened(ada)
    opened(ada, key="2", kind="late")
    opened(ada, key="3", closed_at=timezone.now())
    given = {"kind": "email", "name": "me", "which": "all", "value_to": "ada@example.com", "digest": "daily"}
    assert "is not told: 2 alerts." in words(
        client.post("/alerts/channels/new", {**given, "remind_after": "14400"}, follow=True).content.decode()
    )
    page = words(text(client, "/alerts"))
    assert "all alerts, a reminder every 4 h, a digest every day at 08:00" in page
    answer = client.post("/alerts/channels/new", {**given, "which": "some", "events": ["late"]}, follow=True)
    assert "is not told: 1 alert." in words(answer.content.decode())


def test_a_message_that_waits_for_others_is_held(client: Client) -> None:
    channel = made(client, kind="email", name="me", which="all", value_to="ada@example.com")
    waiting = SyncAlertDelivery.objects.create(channel=channel, event="opened", message={"subject": "x"})
    assert "on its way" in words(text(client, f"/alerts/channels/{channel.pk}"))
    waiting.due_at = timezone.now() + timedelta(minutes=4)
    waiting.save()
    page = words(text(client, f"/alerts/channels/{channel.pk}"))
    assert "to be sent with others like it" in page
    assert "on its way" not in page
