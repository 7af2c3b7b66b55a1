"""Each kind of condition: from when to when it holds, and what is said of it."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync.alerts import Kind
from sync.models import SyncAlertChannel, SyncAttempt, SyncQueueItem, SyncWorker
from sync.operations.rules import change_rules
from tests.alerts.conftest import Told
from tests.factories import ConfigurationFactory

PAUSED = Kind.DESTINATION_PAUSED


def test_what_failed_long_ago_is_no_news(told: Told) -> None:
    told.fail()
    SyncQueueItem.objects.update(updated_at=told.now - timedelta(hours=2))
    told.look()
    assert told.open(Kind.NEW_FAILURE) == []


def test_a_held_column_is_told_as_such(told: Told) -> None:
    told.fail(2, code="new_column_held")
    told.look()
    assert (told.sent(Kind.NEW_COLUMN), told.sent(Kind.NEW_FAILURE)) == (["opened"], [])


def test_no_worker_is_told_after_two_minutes(told: Told) -> None:
    SyncWorker.objects.update(stopped_at=told.now)
    told.look(timedelta(minutes=1))
    assert told.open(Kind.NO_WORKER) == []
    told.look(timedelta(minutes=2))
    (alert,) = told.open(Kind.NO_WORKER)
    assert alert.facts["what"] == "No worker is running"
    assert "manage.py run_sync_worker" in alert.facts["remedy"]
    SyncWorker.objects.update(stopped_at=None, heartbeat_at=told.now + timedelta(hours=1))
    told.look()
    told.look()
    assert told.open(Kind.NO_WORKER) == []


def test_a_host_without_room_is_told(told: Told) -> None:
    SyncWorker.objects.update(held_back="No space left on device")
    told.look()
    (alert,) = told.open(Kind.OUT_OF_SPACE)
    assert alert.facts["why"] == "No space left on device"


def test_results_that_are_late_for_what_was_promised(told: Told) -> None:
    SnowflakeConfiguration.objects.update(freshness_minutes=15)
    told.fail()
    SyncQueueItem.objects.update(status="pending", error_code=None, run_after=told.now - timedelta(minutes=16))
    told.look()
    assert told.sent(Kind.LATE) == ["opened"]
    told.pause()
    for _ in range(3):
        told.look()
    # A pause does not make it come in time.
    assert told.sent(Kind.LATE) == ["opened"]
    told.resume()
    SyncQueueItem.objects.update(status="completed")
    told.look()
    told.look()
    assert told.sent(Kind.LATE) == ["opened", "closed"]


def test_a_secret_that_ends_is_told_three_times(told: Told) -> None:
    ends = (told.now + timedelta(days=13)).date()
    SnowflakeConfiguration.objects.update(secret_ends_on=ends, auth_method="key_pair")
    for _ in range(15 * 4):
        told.look(timedelta(hours=6))
    assert told.sent(Kind.KEY_ENDS_SOON) == ["opened", "reminder", "reminder"]
    SnowflakeConfiguration.objects.update(secret_ends_on=None)
    told.look()
    told.look()
    assert told.sent(Kind.KEY_ENDS_SOON) == ["opened", "reminder", "reminder", "closed"]


def test_a_log_in_with_a_password_is_told_until_it_is_none(told: Told) -> None:
    ConfigurationFactory.create(user=told.user, name="Key", private_key_encrypted="x", auth_method="auto")
    SnowflakeConfiguration.objects.filter(name="Key").update(auth_method="auto")
    told.look()
    assert [alert.configuration_id for alert in told.open(Kind.LOGINS_END)] == [told.destination.pk]
    SnowflakeConfiguration.objects.update(auth_method="key_pair")
    told.look()
    told.look()
    assert told.open(Kind.LOGINS_END) == []


def test_nothing_is_told_of_the_time_before_a_destination_was_made(told: Told) -> None:
    made, ends = told.now - timedelta(hours=1), (told.now + timedelta(days=5)).date()
    SnowflakeConfiguration.objects.update(secret_ends_on=ends, auth_method="password", created_at=made)
    told.look()
    assert [alert.since for alert in told.open(Kind.LOGINS_END) + told.open(Kind.KEY_ENDS_SOON)] == [made, made]


def test_a_channel_that_was_given_up_is_told_by_the_others(
    told: Told, make_channel: Callable[..., SyncAlertChannel]
) -> None:
    broken = make_channel(told.user, name="Broken", given_up_at=told.now, failing_since=told.now)
    told.look()
    assert (told.sent(Kind.CHANNEL_FAILING), told.sent(Kind.CHANNEL_FAILING, broken)) == (["opened"], [])


def test_a_rule_that_matches_no_column_is_told_by_a_thorough_look(told: Told) -> None:
    def thorough() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE snowflake_sync_alert_looks SET number = 19")
        told.look()
        return [alert.facts["what"] for alert in told.open(Kind.RULE_MATCHES_NOTHING)]

    def rules(*columns: str) -> None:
        documents = [
            {"kind": "column", "action": "hash", "name": f"Hash {name}", "columns": [name], "workflow": workflow}
            for name, workflow in zip(columns, ("*", "another"), strict=True)
        ]
        change_rules(told.destination.pk, documents, author="", expected_version=None)

    rules("mail", "mail_too")
    assert thorough() == []
    told.fail(3)
    for item in SyncQueueItem.objects.all():
        SyncAttempt.objects.create(item=item, configuration=told.destination, outcome="completed")
    told.look()
    assert told.open(Kind.RULE_MATCHES_NOTHING) == []
    said = 'Rule "Hash mail" of destination Prod matches no column of the last 3 results that it is for'
    # Of the other one's workflow nothing was loaded.
    assert thorough() == [said]
    SyncAttempt.objects.all().delete()
    for _ in range(3):
        assert thorough() == [said]
    for item in SyncQueueItem.objects.all():
        SyncAttempt.objects.create(item=item, configuration=told.destination, outcome="completed")
    rules("camp*", "mail_too")
    thorough()
    assert thorough() == []
    assert told.sent(Kind.RULE_MATCHES_NOTHING) == ["opened", "closed"]


def test_a_queue_that_is_late_has_not_caught_up_because_its_workers_are_gone(told: Told) -> None:
    told.fail()
    due = told.now - timedelta(hours=1)
    SyncQueueItem.objects.update(status="pending", error_code=None, run_after=due)
    told.look()
    (alert,) = told.open(Kind.LATE)
    assert alert.facts["what"].startswith("The oldest due run for Prod has been waiting for ")
    SyncWorker.objects.update(stopped_at=told.now)
    for _ in range(8):
        told.look()
    assert (len(told.open(Kind.LATE)), len(told.open(Kind.NO_WORKER))) == (1, 1)
    SyncWorker.objects.update(stopped_at=None, heartbeat_at=told.now + timedelta(hours=1))
    SyncQueueItem.objects.update(status="completed")
    told.look()
    told.look()
    assert told.open(Kind.LATE) == []
