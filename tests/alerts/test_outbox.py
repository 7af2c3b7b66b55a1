"""Messages are sent until they are taken, or for a day; in order, each with an id of its own."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import OperationalError

from sync.alerts import KINDS, Answer, Kind, Outcome, deliver, outbox, send_test
from sync.models import SyncAlertChannel, SyncAlertDelivery
from tests.alerts.conftest import Told
from tests.alerts.sink import KIND, Sink, sink

PAUSED = Kind.DESTINATION_PAUSED


@pytest.fixture
def receiver(told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """That of the channel, which is told of pauses alone."""
    monkeypatch.setattr(outbox, "KINDS", {**KINDS, "sink": KIND})
    with sink() as made:
        settings = {"address": made.address}
        SyncAlertChannel.objects.update(kind="sink", settings=settings, events=[PAUSED])
        yield made


@pytest.fixture
def opened(told: Told, receiver: Sink) -> SyncAlertDelivery:
    told.pause()
    told.look()
    return SyncAlertDelivery.objects.get()


def channel() -> SyncAlertChannel:
    return SyncAlertChannel.objects.get()


def tries(opened: SyncAlertDelivery, until: timedelta) -> list[timedelta]:
    """After how long each try was made, if somebody looks all the time."""
    made, now = [], opened.created_at
    while now <= opened.created_at + until:
        before = SyncAlertDelivery.objects.get(pk=opened.pk)
        deliver(now=now)
        after = SyncAlertDelivery.objects.get(pk=opened.pk)
        if after.tries > before.tries:
            made.append(now - opened.created_at)
        if after.delivered_at or after.given_up_at:
            break
        now = after.due_at
    return made


def test_a_message_is_sent_once(opened: SyncAlertDelivery, receiver: Sink, told: Told) -> None:
    assert deliver(now=opened.created_at) == 1
    assert deliver(now=opened.created_at) == 0
    assert [(id_, body["subject"]) for id_, body in receiver.got] == [(str(opened.pk), opened.message["subject"])]
    assert (channel().last_answer, channel().last_error, channel().failing_since) == ("It answered 200.", "", None)


def test_it_is_tried_for_a_day_with_the_same_id_and_then_given_up(
    opened: SyncAlertDelivery, receiver: Sink, told: Told
) -> None:
    receiver.status = 503
    made = tries(opened, timedelta(days=2))
    hours = [round(each.total_seconds() / 3600, 2) for each in made]
    assert hours == [0, 0, 0.08, 0.58, 2.58, 7.58, 17.58, 24]
    assert {id_ for id_, _ in receiver.got} == {str(opened.pk)}
    assert channel().given_up_at is not None
    assert (channel().last_error, channel().failing_since) == ("It answered 503.", opened.created_at)
    # The next one may be taken: then all is well again.
    receiver.status = 200
    told.resume()
    told.look()
    told.look()
    deliver(now=told.now + timedelta(days=3))
    assert receiver.subjects == ["Destination Prod works again"]
    assert (channel().given_up_at, channel().failing_since, channel().last_error) == (None, None, "")


def test_what_the_receiver_asks_us_to_wait_is_waited(opened: SyncAlertDelivery, receiver: Sink) -> None:
    receiver.status, receiver.retry_after = 429, "3600"
    assert tries(opened, timedelta(minutes=59)) == [timedelta(0)]
    opened.refresh_from_db()
    assert opened.due_at == opened.created_at + timedelta(hours=1)


def test_a_receiver_that_is_gone_pauses_its_channel(opened: SyncAlertDelivery, receiver: Sink) -> None:
    receiver.status = 410
    deliver(now=opened.created_at)
    opened.refresh_from_db()
    assert None not in (opened.given_up_at, channel().paused_at, channel().given_up_at)
    assert channel().last_error == "It answered 410."


def test_a_message_that_is_not_understood_is_given_up_alone(opened: SyncAlertDelivery, receiver: Sink) -> None:
    receiver.status = 400
    deliver(now=opened.created_at)
    opened.refresh_from_db()
    assert opened.given_up_at is not None
    assert (channel().paused_at, channel().given_up_at) == (None, None)


def test_an_end_never_comes_before_its_beginning(opened: SyncAlertDelivery, receiver: Sink, told: Told) -> None:
    receiver.status = 503
    deliver(now=opened.created_at)
    told.resume()
    told.look()
    told.look()
    receiver.status = 200
    # The first is not due again yet: the second waits for it.
    SyncAlertDelivery.objects.filter(pk=opened.pk).update(due_at=told.now + timedelta(minutes=5))
    assert deliver(now=told.now) == 0
    assert deliver(now=told.now + timedelta(minutes=5)) == 2
    assert receiver.subjects == [opened.message["subject"], "Destination Prod works again"]


def test_words_stay_those_of_the_moment(opened: SyncAlertDelivery, receiver: Sink, told: Told) -> None:
    receiver.status = 503
    deliver(now=opened.created_at)
    told.destination.name = "Renamed"
    told.destination.save()
    told.look()
    receiver.status = 200
    deliver(now=told.now + timedelta(hours=1))
    assert receiver.subjects == [opened.message["subject"]]
    assert "Prod" in opened.message["subject"]


def test_a_receiver_that_is_down_holds_up_no_other(
    opened: SyncAlertDelivery, receiver: Sink, told: Told, make_channel: Callable[..., SyncAlertChannel]
) -> None:
    fields = {"kind": "sink", "settings": {"address": "http://127.0.0.1:9"}, "created_at": told.now}
    down = make_channel(told.user, name="Down", **fields)
    for _ in range(20):
        SyncAlertDelivery.objects.create(channel=down, event="test", message=opened.message, due_at=opened.due_at)
    assert deliver(now=opened.created_at) == 1
    assert receiver.subjects == [opened.message["subject"]]


def test_a_message_that_this_version_cannot_read_holds_up_no_other(
    opened: SyncAlertDelivery, receiver: Sink, told: Told, make_channel: Callable[..., SyncAlertChannel]
) -> None:
    """A later version has queued it, and was taken back."""
    other = make_channel(told.user, name="Other", kind="sink", settings={"address": receiver.address})
    of_later = {**opened.message, "of_later": 1}
    SyncAlertDelivery.objects.create(channel=other, event="opened", message=of_later, due_at=opened.due_at)
    assert deliver(now=opened.created_at) == 1
    other.refresh_from_db()
    assert other.last_error == "It could not be sent: TypeError."


def test_who_died_while_sending_is_followed_after_two_minutes(
    opened: SyncAlertDelivery, receiver: Sink, told: Told
) -> None:
    now = told.now
    SyncAlertDelivery.objects.update(tries=1, claimed_until=now + timedelta(seconds=outbox.CLAIMED))
    assert deliver(now=now) == 0
    assert deliver(now=now + timedelta(seconds=outbox.CLAIMED)) == 1


def test_what_nobody_comes_back_from_is_given_up(opened: SyncAlertDelivery, receiver: Sink, told: Told) -> None:
    """It may be what ends whoever sends it."""
    SyncAlertDelivery.objects.update(tries=outbox.MOST_TRIES, claimed_until=told.now)
    assert deliver(now=told.now) == 0
    opened.refresh_from_db()
    assert opened.given_up_at == told.now
    assert "20 times" in opened.error


def test_a_success_counts_also_if_somebody_else_tries_by_now(
    opened: SyncAlertDelivery, receiver: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took so long that another process has begun: whatever that one finds, the message has been taken."""
    record = outbox._record

    def late(delivery: SyncAlertDelivery, *rest: object) -> int:
        SyncAlertDelivery.objects.update(tries=2)
        return record(delivery, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "_record", late)
    assert deliver(now=opened.created_at) == 1
    opened.refresh_from_db()
    assert opened.delivered_at is not None


def test_what_one_takes_is_written_though_another_ones_answer_is_not(
    told: Told, receiver: Sink, make_channel: Callable[..., SyncAlertChannel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may hold the row of one channel for too long."""
    make_channel(told.user, kind="sink", settings=channel().settings, events=[PAUSED])
    told.pause()
    told.look()
    record, calls = outbox._record, count()

    def held(*of: Any) -> int:
        if not next(calls):
            raise OperationalError("canceling statement due to lock timeout")
        return record(*of)

    monkeypatch.setattr(outbox, "_record", held)
    with pytest.raises(OperationalError):
        deliver(now=told.now)
    assert len(receiver.got) == 2
    assert SyncAlertDelivery.objects.filter(delivered_at=None).count() == 1


def test_a_test_is_sent_at_once_and_never_again(told: Told, receiver: Sink) -> None:
    SyncAlertChannel.objects.update(paused_at=told.now)
    receiver.status = 500
    failed = send_test(channel())
    assert (failed.delivered_at, failed.error) == (None, "It answered 500.")
    assert failed.given_up_at is not None
    assert channel().given_up_at is None
    receiver.status = 200
    assert send_test(channel()).answer == "It answered 200."
    assert receiver.subjects == ["A test of Mail"]
    assert deliver() == 0


def test_a_channel_that_cannot_be_used_says_why(opened: SyncAlertDelivery, receiver: Sink) -> None:
    SyncAlertChannel.objects.update(secrets_encrypted="gAAAAAnonsense")
    deliver(now=opened.created_at)
    assert "FIELD_ENCRYPTION_KEYS" in channel().last_error
    SyncAlertChannel.objects.update(secrets_encrypted=None, kind="unknown")
    deliver(now=opened.created_at + timedelta(hours=1))
    assert channel().last_error == "This version has no such kind of channel."
    opened.refresh_from_db()
    assert isinstance(opened.due_at, datetime)
    assert opened.given_up_at is None


def test_who_never_ends_is_left_behind(
    opened: SyncAlertDelivery, receiver: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "CLAIMED", 0.2)
    ends = threading.Event()

    def never(*_: object) -> Answer:
        ends.wait(60)
        return Answer(Outcome.OK, "Late.")

    monkeypatch.setattr(outbox, "KINDS", {"sink": replace(KIND, send=never)})
    assert deliver(now=opened.created_at) == 0
    ends.set()
    opened.refresh_from_db()
    assert (opened.delivered_at, opened.tries) == (None, 1)
