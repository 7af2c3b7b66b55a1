"""Whether a promise is kept: counted once for each result, by month, and kept when attempts are pruned."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem
from sync.reporting import freshness, history
from tests.factories import ConfigurationFactory, QueuedFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def result(destination: SnowflakeConfiguration, *late: int, outcome: str = "completed", ended: datetime = NOW) -> None:
    """One that was tried as often as there are numbers; each was due so many minutes before it ended."""
    item: SyncQueueItem = QueuedFactory.create().sync_items.get()
    for number, minutes in enumerate(late, 1):
        last = number == len(late)
        SyncAttempt.objects.create(
            item=item,
            configuration=destination,
            outcome=outcome if last else "retry",
            generation=1,
            due_at=ended - timedelta(minutes=minutes),
            started_at=ended,
            finished_at=ended,
        )


def months(destination: SnowflakeConfiguration, after: int = 5) -> list[tuple[date, int, int]]:
    history.catch_up(now=NOW + timedelta(minutes=after))
    return [(each.month, each.ended, each.in_time) for each in freshness(destination.pk)]


def test_a_promise_is_kept_by_what_was_there_in_time_after_its_first_try_was_due() -> None:
    destination = ConfigurationFactory.create(freshness_minutes=15)
    result(destination, 15)
    result(destination, 16)
    # Its last try was on time, and its first was not.
    result(destination, 20, 1)
    result(destination, 1, outcome="failed")
    assert months(destination) == [(date(2026, 11, 1), 4, 1)]
    result(destination, 1, ended=NOW - timedelta(days=23))
    assert months(destination, 10) == [(date(2026, 11, 1), 4, 1), (date(2026, 10, 1), 1, 1)]
    SyncAttempt.objects.all().delete()
    assert months(destination, 15)[0] == (date(2026, 11, 1), 4, 1)


def test_a_schedule_is_no_delay_and_without_a_promise_nothing_is_counted() -> None:
    hourly = ConfigurationFactory.create(freshness_minutes=5, min_interval=timedelta(hours=1))
    result(hourly, 64)
    result(hourly, 66)
    free = ConfigurationFactory.create()
    result(free, 1)
    assert (months(hourly), months(free)) == ([(date(2026, 11, 1), 2, 1)], [])


def test_the_page_shows_it(ada: Owner, client: Client) -> None:
    ada.configuration.freshness_minutes = 15
    ada.configuration.save()
    result(ada.configuration, 1)
    result(ada.configuration, 60)
    months(ada.configuration)
    client.force_login(ada.user)
    said = words(text(client, f"/destinations/{ada.configuration.pk}"))
    assert "Promised within 15 min In time, November 50 %" in said
