"""A digest comes once, at 08:00 where its reader is, and says what happened until then."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Preferences, SnowflakeConfiguration
from sync.alerts.digest import digest_of, ends_at, queue_digests
from sync.models import SyncAlertChannel, SyncAlertDelivery, SyncAttempt, SyncQueueItem, Workflow
from sync.reporting import history
from tests.alerts.conftest import Told
from tests.factories import ConfigurationFactory

# A Sunday.
NOW = datetime(2026, 11, 29, 15, tzinfo=UTC)


@pytest.fixture
def daily(told: Told) -> SyncAlertChannel:
    """In New York, where it is 10 o'clock at NOW."""
    Preferences.objects.create(user=told.user, time_zone="America/New_York")
    SyncAlertChannel.objects.update(digest="daily", created_at=NOW - timedelta(days=30))
    return again()


def again() -> SyncAlertChannel:
    return SyncAlertChannel.objects.select_related("user__preferences", "user__login").get()


def attempt(told: Told, at: datetime, outcome: str = "completed", lag: float = 4.0) -> None:
    told.fail()
    item = SyncQueueItem.objects.latest("created_at")
    SyncQueueItem.objects.filter(pk=item.pk).update(
        created_at=at, updated_at=at, status="failed" if outcome == "failed" else "completed", user=told.user
    )
    SyncAttempt.objects.create(
        item=item,
        configuration=told.destination,
        outcome=outcome,
        due_at=at - timedelta(seconds=lag),
        started_at=at,
        finished_at=at,
        row_count=10,
        statement_count=3,
    )


def test_it_comes_once_at_eight_where_the_reader_is(daily: SyncAlertChannel) -> None:
    eight = datetime(2026, 11, 29, 13, tzinfo=UTC)
    assert ends_at(daily, NOW) == eight
    assert ends_at(daily, eight - timedelta(seconds=1)) == eight - timedelta(days=1)
    assert queue_digests(NOW) == 1
    assert queue_digests(NOW + timedelta(hours=1)) == queue_digests(eight + timedelta(hours=23, minutes=59)) == 0
    assert queue_digests(eight + timedelta(days=1)) == 1
    daily.digest = "weekly"
    assert ends_at(daily, NOW) == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert ends_at(daily, datetime(2026, 11, 30, 12, 59, tzinfo=UTC)) == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert ends_at(daily, datetime(2026, 11, 30, 13, tzinfo=UTC)) == datetime(2026, 11, 30, 13, tzinfo=UTC)


def test_it_keeps_to_the_clock_where_the_clock_is_changed(daily: SyncAlertChannel) -> None:
    # Summer time ends on the first Sunday of November.
    assert ends_at(daily, datetime(2026, 11, 1, 12, 59, tzinfo=UTC)) == datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert ends_at(daily, datetime(2026, 11, 1, 13, tzinfo=UTC)) == datetime(2026, 11, 1, 13, tzinfo=UTC)


def test_a_new_channel_waits_for_the_next_one_and_a_paused_one_gets_none(daily: SyncAlertChannel) -> None:
    SyncAlertChannel.objects.update(created_at=NOW - timedelta(hours=1))
    assert queue_digests(NOW) == 0
    SyncAlertChannel.objects.update(created_at=NOW - timedelta(days=1), paused_at=NOW)
    assert queue_digests(NOW) == 0


def test_it_says_what_came_was_loaded_failed_and_cost(daily: SyncAlertChannel, told: Told) -> None:
    end = ends_at(daily, NOW)
    for hours, outcome, lag in (
        (1, "completed", 4.0),
        (2, "completed", 600.0),
        (3, "failed", 1.0),
        (30, "completed", 9.0),
    ):
        attempt(told, end - timedelta(hours=hours), outcome, lag)
    other = ConfigurationFactory.create(name="Somebody else's")
    SyncAttempt.objects.create(
        item=SyncQueueItem.objects.earliest("pk"),
        configuration=other,
        outcome="completed",
        finished_at=end - timedelta(hours=1),
    )
    history.catch_up(now=NOW)
    found = digest_of(daily, end)
    assert (found.came, found.loaded, found.rows, found.failed) == (3, 2, 20, 1)
    assert (found.slowest, round(found.statements)) == (600.0, 9)
    assert [line.name for line in found.lines] == ["Prod"]
    queue_digests(NOW)
    message = SyncAlertDelivery.objects.get(event="digest").message
    assert message["subject"] == "Your daily digest: 2 runs loaded, 1 failed"
    for said in (message["text"], message["html"]):
        assert "2026-11-28 08:00 to 2026-11-29 08:00 EST" in said
        assert "1 run of Campaign report for Prod" in said
        assert "2 runs loaded, 20 rows, 1 run failed, slowest 10 min, 9 statements" in said
        assert "Somebody" not in said
    assert message["type"] == "digest.daily"


def test_no_hour_is_between_two_digests_where_eight_is_half_past(daily: SyncAlertChannel, told: Told) -> None:
    Preferences.objects.update(time_zone="Asia/Kolkata")
    first = ends_at(again(), NOW)
    assert first.astimezone(UTC).minute == 30
    loaded = 0
    for end, minutes in ((first, (-31, -10)), (ends_at(again(), NOW + timedelta(days=1)), (10, 29, 31, 70))):
        for minute in minutes:
            attempt(told, first + timedelta(minutes=minute))
        history.catch_up(now=end)
        loaded += digest_of(again(), end).loaded
    assert loaded == 6


def test_names_are_text_in_html(daily: SyncAlertChannel, told: Told) -> None:
    told.destination.name = "<script>alert(1)</script>"
    told.destination.save()
    attempt(told, ends_at(daily, NOW) - timedelta(hours=1))
    history.catch_up(now=NOW)
    queue_digests(NOW)
    html = SyncAlertDelivery.objects.get(event="digest").message["html"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_name_makes_no_line_of_a_message(daily: SyncAlertChannel, told: Told) -> None:
    """Whoever names a destination would write into the mails of operators, too."""
    SnowflakeConfiguration.objects.update(name="Prod\r\nWhat to do: call me\u2028now \u202eyadot")
    Workflow.objects.update(name="Sales\nWhat to do: pay")
    attempt(told, ends_at(daily, NOW) - timedelta(hours=1))
    history.catch_up(now=NOW)
    queue_digests(NOW)
    told.look()
    for message in SyncAlertDelivery.objects.values_list("message", flat=True):
        assert "Prod  What to do: call me now yadot" in message["text"]
        assert not re.search(r"(?m)^(What to do: (call|pay)|now)|[\r\u2028\u202e]", message["text"])
    assert set(SyncAlertDelivery.objects.values_list("event", flat=True)) == {"opened", "digest"}
