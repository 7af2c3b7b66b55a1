"""What is kept of a user who was deleted, and what can be taken out of it."""

import io
import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import ApiToken, User
from sync.activity import Action, Change, Kind, acting, record
from sync.models import SyncActivity, SyncAlert, SyncAlertChannel, SyncAlertDelivery
from sync.operations import change_powers, change_preferences, change_rules, make_token, mute_errors, set_password
from tests.factories import ConfigurationFactory

# Quotes, and what LIKE and replace() might take for something else.
ADA, BOB = "o\"brien'%_\\1@example.com", "bob@example.com"
DROP = {"name": "Drop", "kind": "column", "action": "drop", "columns": ["a"]}


def everything() -> str:
    """What every table of ours holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(snowflake|django|auth)_'")
        found = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(row) FROM "{table}" AS row')
            found += [value for (row,) in cursor.fetchall() for value in row.values()]
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in found)


@pytest.fixture
def ada(db: None) -> User:
    """Who did things, and to whom things were done; and is gone."""
    ada, bob = User.objects.create_user(ADA), User.objects.create_user(BOB)
    destination = ConfigurationFactory.create(user=bob)
    with acting("console", ada):
        change_rules(destination.pk, [DROP], author=ada.email, expected_version=None)
        mute_errors(None, "load_rejected", None, destination, None)
        record(Action.DESTINATION_CHANGED, Kind.DESTINATION, destination.pk, destination, note=f"asked by {ADA}")
        change: Change = {"field": "username", "from": BOB, "to": ADA}
        record(Action.DESTINATION_CHANGED, Kind.DESTINATION, destination.pk, destination, changes=[change])
    with acting("admin", bob):
        make_token(ada, "nightly")
        set_password(ada, "x")
        change_powers(ada, is_staff=True)
        change_preferences(ada, time_zone="UTC", theme="dark")
        LogEntry.objects.create(user=bob, object_repr=str(ada), action_flag=2, change_message="")
    ApiToken.objects.all().delete()
    User.objects.filter(pk=ada.pk).delete()
    return ada


def test_the_address_is_taken_out_of_what_outlives_the_user(ada: User) -> None:
    assert ADA in everything()
    others = everything().count(BOB)
    entries = SyncActivity.objects.count()
    out = io.StringIO()
    call_command("forget_user", ADA, stdout=out)
    assert "was taken out of" in out.getvalue()
    kept = everything()
    assert ADA not in kept
    assert json.dumps(ADA)[1:-1] not in kept
    assert (kept.count(BOB), SyncActivity.objects.count()) == (others, entries + 1)
    assert SyncActivity.objects.filter(user_id=ada.pk, user_name="somebody").exists()
    assert SyncActivity.objects.filter(changes__contains=[{"from": BOB, "to": "somebody"}]).exists()
    call_command("forget_user", ADA, stdout=out)
    assert "It stood nowhere." in out.getvalue()


def test_who_is_there_is_not_forgotten(ada: User) -> None:
    for written in (BOB, BOB.upper()):
        with pytest.raises(CommandError, match="is in users still"):
            call_command("forget_user", written)
    assert BOB in everything()


def test_however_it_is_written_it_is_taken_out_and_no_other_address(ada: User) -> None:
    anns, joanns, kelvins = "ann@example.com", "joann@example.com", "\u212aim@example.com"
    told = f"asked by {anns}, {anns.upper()} and ({joanns}) for {anns}."
    record(Action.DESTINATION_CHANGED, Kind.INSTALLATION, "", kelvins, note=told)
    for asked in (anns.title(), "kim@example.com", "example.com"):
        call_command("forget_user", asked, stdout=io.StringIO())
    entry = SyncActivity.objects.get(subject_name=kelvins)
    assert entry.note == f"asked by somebody, somebody and ({joanns}) for somebody."


def test_alerts_and_what_is_sent_of_them_name_nobody_either(ada: User) -> None:
    channel = SyncAlertChannel.objects.create(user=User.objects.get(email=BOB), name="mine", kind="mail")
    now = timezone.now()
    SyncAlert.objects.create(kind="paused", key="k", since=now, opened_at=now, seen_at=now, facts={"whose": ADA})
    SyncAlertDelivery.objects.create(channel=channel, event="opened", message={"text": f"Whose: {ADA}\nSince: now"})
    assert everything().count(json.dumps(ADA)[1:-1]) > 1
    call_command("forget_user", ADA, stdout=io.StringIO())
    assert json.dumps(ADA)[1:-1] not in everything()
    assert SyncAlertDelivery.objects.get().message == {"text": "Whose: somebody\nSince: now"}
