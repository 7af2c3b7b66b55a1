"""What changes while an alert is open: the clock, who owns what, who may see it; and looks that take long."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import SnowflakeConfiguration, User
from sync.alerts import KINDS, Kind, conditions, deliver, look, outbox
from sync.models import SyncAlertChannel, SyncAlertDelivery
from sync.postgres import one_statement
from tests.alerts.conftest import Told
from tests.alerts.sink import KIND, sink
from tests.factories import UserFactory

PAUSED = Kind.DESTINATION_PAUSED
RIGHTS = ["staff", "active"]


def lose(user: User, right: str) -> None:
    if right == "staff":
        user.change_login(is_staff=False, is_superuser=False)
    else:
        User.objects.filter(pk=user.pk).update(is_active=False)


def test_a_look_that_was_overtaken_is_written_unless_the_later_one_was(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where looks take longer than the time between them, each is overtaken: nothing would ever be told."""
    told.pause()
    real, at = conditions.see, told.now + timedelta(seconds=30)

    def slow(now: datetime, **kwargs: Any) -> Any:
        seen = real(now, **kwargs)
        one_statement(
            "UPDATE snowflake_sync_alert_looks SET number = number + 1, looked_at = %(at)s RETURNING id",
            {"at": now + timedelta(seconds=20)},
        )
        return seen

    monkeypatch.setitem(look.__globals__, "see", slow)
    assert look(now=at) is not None
    assert told.sent(PAUSED) == ["opened"]
    late = at + timedelta(minutes=5)
    monkeypatch.setitem(look.__globals__, "see", overtaken(real, late + timedelta(seconds=20)))
    assert look(now=late) is None


def overtaken(real: Callable[..., Any], later: datetime) -> Callable[..., Any]:
    """A look during which another one begins, and comes to its end."""
    depth: list[datetime] = []

    def see(now: datetime, **kwargs: Any) -> Any:
        if not depth:
            depth.append(now)
            assert look(now=later) is not None
        return real(now, **kwargs)

    return see


def test_a_clock_that_is_put_back_stops_no_looks(told: Told) -> None:
    assert look(now=told.now + timedelta(days=2)) is not None
    told.pause()
    assert look(older=15.0, now=told.now + timedelta(seconds=30)) is not None
    assert told.sent(PAUSED) == ["opened"]


def test_a_destination_that_is_handed_to_somebody_else_is_theirs(
    told: Told, make_channel: Callable[..., SyncAlertChannel]
) -> None:
    SyncAlertChannel.objects.update(remind_after=timedelta(minutes=15))
    heir = make_channel(UserFactory.create())
    told.pause()
    told.look()
    SnowflakeConfiguration.objects.update(user=heir.user)
    told.look()
    told.look(timedelta(hours=1))
    told.resume()
    told.look()
    told.look()
    assert (told.sent(PAUSED), told.sent(PAUSED, heir)) == (["opened"], ["opened", "closed"])


def test_that_many_runs_fail_is_told_to_whom_the_destination_is(
    told: Told, make_channel: Callable[..., SyncAlertChannel]
) -> None:
    heir = make_channel(UserFactory.create())
    told.fail(30)
    SnowflakeConfiguration.objects.update(user=heir.user)
    told.look()
    assert (told.sent(Kind.FAILURES_ABOVE), told.sent(Kind.FAILURES_ABOVE, heir)) == ([], ["opened"])


@pytest.mark.parametrize("right", RIGHTS)
def test_who_may_not_see_it_any_more_is_not_told_of_its_end(
    told: Told, make_channel: Callable[..., SyncAlertChannel], right: str
) -> None:
    staff = UserFactory.create(is_staff=True, is_superuser=True)
    of_all = make_channel(staff, everyone=True)
    told.pause()
    told.look()
    lose(staff, right)
    told.resume()
    told.look()
    told.look()
    assert (told.sent(PAUSED), told.sent(PAUSED, of_all)) == (["opened", "closed"], ["opened"])


def test_a_channel_that_was_made_later_is_reminded_of_a_secret_that_ends(told: Told) -> None:
    ends = (told.now + timedelta(days=13)).date()
    SnowflakeConfiguration.objects.update(secret_ends_on=ends, auth_method="key_pair")
    told.look()
    SyncAlertDelivery.objects.all().delete()
    SyncAlertChannel.objects.update(created_at=told.now + timedelta(minutes=1))
    for _ in range(15 * 4):
        told.look(timedelta(hours=6))
    assert told.sent(Kind.KEY_ENDS_SOON) == ["reminder", "reminder"]


@pytest.mark.parametrize("right", RIGHTS)
def test_nor_of_what_was_queued_before(
    told: Told, make_channel: Callable[..., SyncAlertChannel], monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    staff = UserFactory.create(is_staff=True, is_superuser=True)
    monkeypatch.setattr(outbox, "KINDS", {**KINDS, "sink": KIND})
    with sink() as receiver:
        settings = {"address": receiver.address}
        of_all = make_channel(staff, everyone=True, kind="sink", settings=settings, events=[PAUSED])
        SyncAlertChannel.objects.exclude(pk=of_all.pk).update(paused_at=told.now)
        told.pause()
        told.look()
        lose(staff, right)
        assert deliver(now=told.now) == 0
        assert receiver.got == []
    (dropped,) = SyncAlertDelivery.objects.filter(channel=of_all)
    assert dropped.given_up_at is not None
    of_all.refresh_from_db()
    assert (of_all.failing_since, of_all.given_up_at) == (None, None)


def test_a_storm_that_waits_takes_no_longer_to_look_through(told: Told) -> None:
    """What is compared with all the others takes seconds with thousands, for each message that is sent."""
    waiting = [
        SyncAlertDelivery(channel=told.channel, event="opened", alert_ids=[n], message={}, due_at=told.now)
        for n in range(4000)
    ]
    SyncAlertDelivery.objects.bulk_create(waiting)
    took = []
    # What else the machine does only adds to one of them.
    for minutes in (0, 3, 6):
        began = time.monotonic()
        asked = {"now": told.now + timedelta(minutes=minutes), "most": 8, "seconds": 120, "tries": outbox.MOST_TRIES}
        assert len(one_statement(outbox._CLAIM, asked)) == 1
        took.append(time.monotonic() - began)
    assert min(took) < 2
