"""What is so is opened at once, and closed after two looks that have not found it; each is told once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import override_settings

from accounts.models import DestinationState, SnowflakeConfiguration
from sync.alerts import Kind, conditions, look, standing
from sync.alerts.look import STEADY
from sync.models import SyncAlert, SyncAlertChannel, SyncAlertDelivery, SyncMute, SyncQueueItem
from tests.alerts.conftest import Told
from tests.factories import UserFactory, WorkflowFactory
from tests.queue.sessions import another_session

PAUSED = Kind.DESTINATION_PAUSED


def test_a_pause_is_told_once_and_its_end_after_two_clean_looks(told: Told) -> None:
    told.pause()
    told.look()
    told.look()
    assert told.sent(PAUSED) == ["opened"]
    told.resume()
    told.look()
    assert told.sent(PAUSED) == ["opened"]
    told.look()
    told.look()
    assert told.sent(PAUSED) == ["opened", "closed"]
    assert SyncAlert.objects.get(kind=PAUSED).closed_at is not None


def test_a_pause_that_comes_back_between_two_looks_is_no_news(told: Told) -> None:
    told.pause()
    told.look()
    for _ in range(3):
        told.resume()
        told.look()
        told.pause()
        told.look()
    assert told.sent(PAUSED) == ["opened"]


def test_what_comes_and_goes_stays_open_until_it_is_steady(told: Told) -> None:
    for _ in range(10):
        told.pause()
        told.look()
        told.resume()
        for _ in range(3):
            told.look()
    assert told.sent(PAUSED) == ["opened", "closed", "opened", "closed", "opened"]
    for _ in range(STEADY - 4):
        told.look()
    assert told.sent(PAUSED)[-1] == "opened"
    told.look()
    assert told.sent(PAUSED)[-1] == "closed"


@override_settings(SITE_URL="https://sync.example.com")
def test_a_message_says_what_to_whom_since_when_what_to_do_and_where(told: Told) -> None:
    told.pause()
    told.look()
    message = told.message(PAUSED)
    assert message["subject"].startswith("Destination Prod is paused: ")
    lines = message["text"].splitlines()
    assert f"Whose: {told.user.email}" in lines
    assert [line for line in lines if line.startswith("Since: 20")]
    assert [line for line in lines if line.startswith("What to do: ") and len(line) > 20]
    assert lines[-1] == f"https://sync.example.com/destinations/{told.destination.pk}"
    (alert,) = message["data"]["alerts"]
    assert (alert["kind"], alert["error_code"]) == ("destination_paused", "login_refused")
    told.resume()
    told.look()
    told.look()
    closed = told.message(PAUSED, "closed")
    assert closed["subject"] == "Destination Prod works again"
    assert "It took " in closed["text"]


def test_who_pauses_by_hand_is_not_told_and_an_alert_waits_meanwhile(told: Told) -> None:
    told.pause()
    told.look()
    DestinationState.objects.update(breaker_code="paused_by_hand", breaker_until=None)
    for _ in range(3):
        told.look()
    assert (told.sent(PAUSED), len(told.open(PAUSED))) == (["opened"], 1)


def test_a_destination_that_goes_is_not_said_to_work_again(told: Told) -> None:
    told.pause()
    told.look()
    SnowflakeConfiguration.objects.filter(pk=told.destination.pk).delete()
    told.look()
    told.look()
    assert "works again" not in told.message(PAUSED, "closed")["subject"]
    assert "switched off or gone" in told.message(PAUSED, "closed")["subject"]


def test_only_its_owner_is_told_and_whoever_sees_everything(
    told: Told, make_channel: Callable[..., SyncAlertChannel]
) -> None:
    other = make_channel(UserFactory.create())
    staff = UserFactory.create(is_staff=True, is_superuser=True)
    of_all, of_own = make_channel(staff, everyone=True), make_channel(staff)
    pretender = make_channel(UserFactory.create(), everyone=True)
    told.pause()
    told.look()
    assert told.sent(PAUSED) == told.sent(PAUSED, of_all) == ["opened"]
    assert told.sent(PAUSED, other) == told.sent(PAUSED, of_own) == told.sent(PAUSED, pretender) == []


def test_a_channel_gets_the_kinds_that_it_wants_and_nothing_of_before_it(
    told: Told, make_channel: Callable[..., SyncAlertChannel]
) -> None:
    unfitting = make_channel(told.user, events=[Kind.LATE])
    told.pause()
    told.look()
    later = make_channel(told.user, created_at=told.now + timedelta(seconds=1))
    told.look()
    assert told.sent(PAUSED, unfitting) == told.sent(PAUSED, later) == []


def test_a_paused_channel_is_told_afterwards_if_it_is_still_so(told: Told) -> None:
    SyncAlertChannel.objects.update(paused_at=told.now)
    told.pause()
    told.look()
    assert told.sent(PAUSED) == []
    SyncAlertChannel.objects.update(paused_at=None)
    told.look()
    told.look()
    assert told.sent(PAUSED) == ["opened"]


def test_a_mute_keeps_it_back_until_it_ends(told: Told) -> None:
    until = told.now + timedelta(minutes=10)
    SyncMute.objects.create(owner_id=told.user.pk, kind=PAUSED, error_code="", until=until)
    told.pause()
    told.look()
    assert (told.sent(PAUSED), len(told.open(PAUSED))) == ([], 1)
    told.look(timedelta(minutes=11))
    assert told.sent(PAUSED) == ["opened"]


def test_a_muted_group_of_failures_sends_nothing(told: Told) -> None:
    group = {
        "error_code": "value_does_not_fit",
        "workflow_id": told.workflow.pk,
        "configuration_id": told.destination.pk,
    }
    SyncMute.objects.create(owner_id=told.user.pk, until=told.now + timedelta(days=1), **group)
    told.fail(3)
    told.fail(code="bad_columns")
    told.look()
    assert {alert.error_code for alert in told.open(Kind.NEW_FAILURE)} == {"value_does_not_fit", "bad_columns"}
    assert told.sent(Kind.NEW_FAILURE) == ["opened"]
    assert told.message(Kind.NEW_FAILURE)["data"]["alerts"][0]["error_code"] == "bad_columns"


def test_a_reminder_comes_if_it_is_wanted(told: Told) -> None:
    SyncAlertChannel.objects.update(remind_after=timedelta(hours=1))
    told.pause()
    told.look()
    told.look(timedelta(minutes=50))
    assert told.sent(PAUSED) == ["opened"]
    told.look(timedelta(minutes=11))
    told.look(timedelta(minutes=11))
    assert told.sent(PAUSED) == ["opened", "reminder"]
    assert told.message(PAUSED, "reminder")["subject"].startswith("Still so: Destination Prod is paused")


def test_five_hundred_failures_are_one_message_with_a_count(told: Told) -> None:
    told.fail(500)
    told.look()
    told.fail(3)
    told.look()
    assert told.sent(Kind.NEW_FAILURE) == ["opened"]
    assert "500 runs failed." in told.message(Kind.NEW_FAILURE)["text"]
    assert told.sent(Kind.FAILURES_ABOVE) == ["opened"]
    SyncQueueItem.objects.update(status="completed", error_code=None)
    told.look()
    told.look()
    assert told.sent(Kind.NEW_FAILURE) == told.sent(Kind.FAILURES_ABOVE) == ["opened", "closed"]


def test_a_storm_of_many_kinds_is_one_message_too_also_when_it_grows(told: Told) -> None:
    def storm(number: int) -> None:
        for _ in range(number):
            told.fail(workflow=WorkflowFactory.create(user=told.user))

    storm(10)
    told.look()
    assert told.sent(Kind.NEW_FAILURE) == ["opened"]
    assert told.message(Kind.NEW_FAILURE)["subject"] == "10 new kinds of failure"
    for _ in range(5):
        storm(5)
        told.look()
    assert len(told.open(Kind.NEW_FAILURE)) == 35
    # Three, and one that waits until the five minutes are over.
    assert told.sent(Kind.NEW_FAILURE) == ["opened"] * 4
    queued = SyncAlertDelivery.objects.filter(kind=Kind.NEW_FAILURE).order_by("created_at")
    numbers = [int(delivery.message["subject"].split()[0]) for delivery in queued]
    assert (numbers, len({id_ for delivery in queued for id_ in delivery.alert_ids})) == ([10, 5, 5, 15], 35)
    assert [delivery.due_at > told.now for delivery in queued] == [False, False, False, True]


def test_two_looks_within_an_interval_are_one(told: Told) -> None:
    assert told.look(older=15.0) is not None
    assert look(older=15.0, now=told.now + timedelta(seconds=14)) is None
    assert look(older=15.0, now=told.now + timedelta(seconds=15)) is not None


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_seen_neither_opens_nor_closes(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    told.pause()
    told.look()
    told.resume()
    told.fail(30)
    monkeypatch.setattr(conditions, "SECONDS", 0.1)
    with another_session("LOCK TABLE snowflake_sync_workers"):
        looked = [told.look() for _ in range(3)]
    assert [each and each[:3] for each in looked] == [(0, 0, 0)] * 3
    assert looked[0]
    assert looked[0].troubles
    assert (told.sent(PAUSED), told.open(Kind.NEW_FAILURE)) == (["opened"], [])
    assert standing().unseen == "PostgreSQL took longer than 0.1 s for a statement"
    monkeypatch.undo()
    told.look()
    told.look()
    assert (told.sent(PAUSED), told.sent(Kind.NEW_FAILURE)) == (["opened", "closed"], ["opened"])
    assert standing().unseen == ""


def test_a_pager_is_told_of_each_so_that_it_can_pair_them(told: Told) -> None:
    SyncAlertChannel.objects.update(kind="pagerduty")
    for _ in range(10):
        told.fail(workflow=WorkflowFactory.create(user=told.user))
    told.look()
    assert told.sent(Kind.NEW_FAILURE) == ["opened"] * 10
