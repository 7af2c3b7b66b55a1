"""What operators see of alerts, what is forgotten of them, and secrets of channels."""

import contextlib
import io
import json
from datetime import timedelta

from cryptography.fernet import Fernet
from django.core.management import call_command
from pytest_django import Settings

from sync.alerts import Kind, prune_alerts, standing
from sync.models import SyncAlert, SyncAlertChannel, SyncAlertDelivery
from sync.operations import rotate_encryption_keys
from sync.reporting import SyncCollector
from tests.alerts.conftest import Told


def test_messages_of_an_open_alert_stay_so_that_nobody_is_told_twice(told: Told) -> None:
    told.pause()
    told.look()
    SyncAlertDelivery.objects.update(delivered_at=told.now)
    later = told.now + timedelta(days=400)
    assert prune_alerts(later) == (0, 0)
    told.resume()
    told.look()
    told.look()
    SyncAlertDelivery.objects.update(delivered_at=told.now)
    SyncAlert.objects.exclude(kind=Kind.DESTINATION_PAUSED).update(closed_at=told.now)
    for dry_run in (True, False):
        assert prune_alerts(later, dry_run=dry_run) == (3, 2)
    assert (SyncAlert.objects.count(), SyncAlertDelivery.objects.count()) == (0, 0)


def test_of_reminders_of_what_stays_open_the_last_one_is_kept(told: Told) -> None:
    SyncAlertChannel.objects.update(remind_after=timedelta(hours=1), events=[Kind.DESTINATION_PAUSED])
    told.pause()
    for _ in range(5):
        told.look(timedelta(hours=1))
    SyncAlertDelivery.objects.update(delivered_at=told.now)
    assert prune_alerts(told.now + timedelta(days=400)) == (4, 0)
    told.look(timedelta(minutes=30))
    assert SyncAlertDelivery.objects.count() == 1
    told.resume()
    told.look()
    told.look()
    assert told.sent(Kind.DESTINATION_PAUSED) == ["reminder", "closed"]


def test_a_terminal_says_what_is_open_and_what_was_not_taken(told: Told) -> None:
    told.pause()
    told.look()
    SyncAlertDelivery.objects.filter(kind=Kind.DESTINATION_PAUSED).update(error="Nobody answers.")
    SyncAlertChannel.objects.update(failing_since=told.now)
    output = io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command("sync_status", stdout=output, no_color=True)
    said = output.getvalue()
    assert "2 alerts are open:\n" in said
    assert "- Destination Prod is paused: " in said
    assert "1 message was not taken yet, by 1 channel: see /alerts." in said
    output = io.StringIO()
    with contextlib.suppress(SystemExit):
        call_command("sync_status", "--json", stdout=output)
    answer = json.loads(output.getvalue())
    assert (answer["open_alerts"], answer["messages_in_vain"]) == (2, 1)
    assert answer["alerts_looked_at"] == told.now.isoformat() == standing().looked_at.isoformat()  # type: ignore[union-attr]


def test_metrics_count_alerts_and_messages(told: Told) -> None:
    told.pause()
    told.look()
    samples = {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in SyncCollector().collect()
        for sample in family.samples
    }
    assert samples["snowflake_sync_alerts", ("destination_paused",)] == 1
    assert samples["snowflake_sync_alert_messages", ("waiting",)] == 2
    assert samples["snowflake_sync_alert_messages", ("in_vain",)] == 0
    assert samples["snowflake_sync_alert_look_timestamp_seconds", ()] == told.now.timestamp()


def test_secrets_of_channels_are_encrypted_anew_too(told: Told, settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    told.channel.seal_secrets({"token": "not-a-real-token"})
    told.channel.save()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    rotate_encryption_keys()
    settings.FIELD_ENCRYPTION_KEYS = [new]
    told.channel.refresh_from_db()
    assert told.channel.secrets == {"token": "not-a-real-token"}
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert rotate_encryption_keys().channels == [told.channel.pk]
