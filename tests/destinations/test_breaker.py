"""A destination that pauses, is tried by one at a time, and resumes; and the windows of a min_interval."""

from datetime import datetime, timedelta

import pytest

from accounts.models import SnowflakeConfiguration
from sync import destinations, queue
from sync.destinations import breaker
from sync.destinations.breaker import Login
from sync.errors import failure
from sync.models import Workflow
from tests.factories import ConfigurationFactory, ExecutionFactory
from tests.queue.conftest import LEASE

WRONG = failure("login_refused", "Wrong password")
NO_WAREHOUSE = failure("warehouse_missing", "There is no warehouse")


@pytest.fixture
def destination(workflow: Workflow, now: datetime) -> SnowflakeConfiguration:
    """New: it has never logged in. Five items wait for it."""
    made = ConfigurationFactory.create(user=workflow.user, last_login_at=None)
    for _ in range(5):
        ExecutionFactory.create(workflow=workflow)
    queue.route(now=now)
    return made


def claimed(worker_id: int, now: datetime) -> list[queue.Claim]:
    return queue.claim(worker_id, 5, lease_seconds=LEASE, now=now)


def asked(destination: SnowflakeConfiguration, now: datetime, *, on_trial: bool = False) -> Login:
    return breaker.ask_login(destination.pk, seconds=60, on_trial=on_trial, now=now)


def test_one_that_never_logged_in_is_tried_with_one_item(
    destination: SnowflakeConfiguration, worker_id: int, now: datetime
) -> None:
    (first,) = claimed(worker_id, now)
    assert first.on_trial
    assert claimed(worker_id, now) == []
    assert queue.probe(now=now)[:2] == (False, False)
    breaker.note_login(destination.pk, now=now)
    assert len(claimed(worker_id, now)) == 4


def test_a_trial_that_comes_to_no_conclusion_is_anothers(
    destination: SnowflakeConfiguration, worker_id: int, now: datetime
) -> None:
    assert len(claimed(worker_id, now)) == 1
    destinations.end_trial(destination.pk)
    assert len(claimed(worker_id, now)) == 1


def test_a_trial_ends_with_the_lease_of_whoever_died(
    destination: SnowflakeConfiguration, worker_id: int, now: datetime
) -> None:
    assert len(claimed(worker_id, now)) == 1
    later = now + timedelta(seconds=LEASE)
    other = queue.register_worker("another", 2, 5, now=later)
    assert len(claimed(other, later)) == 1


def test_wrong_credentials_are_tried_twice(destination: SnowflakeConfiguration, worker_id: int, now: datetime) -> None:
    destinations.pause_destination(destination.pk, WRONG, now=now)
    destination.refresh_from_db()
    assert destination.state.breaker_until == now + timedelta(minutes=15)
    again = destination.state.breaker_until
    destinations.pause_destination(destination.pk, WRONG, now=again)
    destination.refresh_from_db()
    assert destination.state.breaker_state == "open"
    assert destination.state.breaker_until is None
    for moment in (again, again + timedelta(days=30)):
        other = queue.register_worker("another", 2, 5, now=moment)
        assert claimed(other, moment) == []
        assert asked(destination, moment) == Login.PAUSED


def test_credentials_that_were_good_are_tried_again(destination: SnowflakeConfiguration, now: datetime) -> None:
    breaker.note_login(destination.pk, now=now)
    for _ in range(7):
        destination.refresh_from_db()
        now = destination.state.breaker_until or now
        destinations.pause_destination(destination.pk, WRONG, now=now)
    destination.refresh_from_db()
    assert destination.state.breaker_until == now + timedelta(hours=8)


def test_another_reason_does_not_use_up_the_tries(destination: SnowflakeConfiguration, now: datetime) -> None:
    destinations.pause_destination(destination.pk, NO_WAREHOUSE, now=now)
    destination.refresh_from_db()
    destinations.pause_destination(destination.pk, WRONG, now=destination.state.breaker_until)
    destination.refresh_from_db()
    assert destination.state.breaker_until is not None


@pytest.mark.parametrize(
    "change",
    [
        {"password_encrypted": "another"},
        {"private_key_encrypted": "another"},
        {"token_encrypted": "another"},
        {"auth_method": "key_pair"},
        {"username": "ANOTHER"},
        {"account_identifier": "another-account"},
        {"role": "ANOTHER"},
        {"warehouse": "ANOTHER"},
        {"database": "ANOTHER"},
        {"schema": "ANOTHER"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_change_closes_it_at_once(destination: SnowflakeConfiguration, now: datetime, change: dict[str, str]) -> None:
    breaker.note_login(destination.pk, now=now)
    destinations.pause_destination(destination.pk, WRONG, now=now)
    SnowflakeConfiguration.objects.update(**change)
    destination.refresh_from_db()
    state = destination.state
    assert (state.breaker_state, state.breaker_failures) == ("closed", 0)
    assert (state.breaker_until, state.breaker_code, state.breaker_reason) == (None, None, None)
    assert (state.last_login_at, state.trial_until) == (None, None)
    assert state.settings_version == 1


def test_what_is_found_out_with_earlier_settings_says_nothing_of_these(
    destination: SnowflakeConfiguration, worker_id: int, now: datetime
) -> None:
    (old,) = claimed(worker_id, now)
    version = old.settings_version
    SnowflakeConfiguration.objects.update(password_encrypted="another")
    (new,) = claimed(worker_id, now)
    assert new.settings_version != version

    destinations.pause_destination(destination.pk, WRONG, version=version, now=now)
    breaker.note_login(destination.pk, version=version, now=now)
    destinations.end_trial(destination.pk, version=version)
    assert breaker.ask_login(destination.pk, seconds=60, version=version, on_trial=True, now=now) == Login.CHANGED
    destination.refresh_from_db()
    assert (destination.state.breaker_state, destination.state.last_login_at) == ("closed", None)
    assert destination.state.trial_until is not None

    destinations.pause_destination(destination.pk, WRONG, version=new.settings_version, now=now)
    destinations.resume_destination(destination.pk, version=version)
    destination.refresh_from_db()
    assert destination.state.breaker_state == "open"


def test_a_new_name_changes_nothing(destination: SnowflakeConfiguration, now: datetime) -> None:
    destinations.pause_destination(destination.pk, WRONG, now=now)
    SnowflakeConfiguration.objects.update(
        name="Another", layout="per_workflow", password_encrypted=destination.password_encrypted
    )
    destination.refresh_from_db()
    assert (destination.state.breaker_state, destination.state.settings_version) == ("open", 0)


def test_switching_it_on_again_is_a_change(destination: SnowflakeConfiguration, now: datetime) -> None:
    destinations.pause_destination(destination.pk, WRONG, now=now)
    SnowflakeConfiguration.objects.update(is_active=False)
    destination.refresh_from_db()
    assert destination.state.breaker_state == "open"
    SnowflakeConfiguration.objects.update(is_active=True)
    destination.refresh_from_db()
    assert destination.state.breaker_state == "closed"


def test_log_ins_go_one_at_a_time_until_one_succeeds(destination: SnowflakeConfiguration, now: datetime) -> None:
    assert [asked(destination, now) for _ in range(3)] == [Login.TAKEN, Login.BUSY, Login.BUSY]
    breaker.note_login(destination.pk, now=now)
    assert asked(destination, now) == Login.FREE
    later = now + timedelta(minutes=11)
    assert [asked(destination, later) for _ in range(2)] == [Login.TAKEN, Login.BUSY]
    destinations.end_trial(destination.pk)
    assert asked(destination, later) == Login.TAKEN


def test_who_was_given_the_trial_may_log_in(destination: SnowflakeConfiguration, worker_id: int, now: datetime) -> None:
    assert len(claimed(worker_id, now)) == 1
    assert asked(destination, now) == Login.BUSY
    assert asked(destination, now, on_trial=True) == Login.TAKEN


def test_nobody_logs_in_while_it_pauses(destination: SnowflakeConfiguration, now: datetime) -> None:
    breaker.note_login(destination.pk, now=now)
    destinations.pause_destination(destination.pk, NO_WAREHOUSE, now=now)
    assert asked(destination, now) == Login.PAUSED
    assert asked(destination, now, on_trial=True) == Login.PAUSED
    assert asked(destination, now + timedelta(seconds=61)) == Login.FREE


def test_a_destination_that_is_gone_lets_nobody_in(destination: SnowflakeConfiguration, now: datetime) -> None:
    destination.delete()
    assert asked(destination, now) == Login.PAUSED


def minute(now: datetime, number: float) -> datetime:
    return now + timedelta(minutes=number)


def test_items_wait_for_the_next_window(workflow: Workflow, now: datetime) -> None:
    ConfigurationFactory.create(user=workflow.user, min_interval=timedelta(minutes=10))

    def complete_and_claim(at: datetime) -> int:
        ExecutionFactory.create(workflow=workflow)
        queue.route(now=at)
        worker_id = queue.register_worker("host", 1, 5, now=at)
        said = queue.probe(now=at).to_claim
        count = len(claimed(worker_id, at))
        # It may be told to look for nothing, once.
        assert said or not count
        assert count or not queue.probe(now=at).to_claim
        return count

    # The first one opens a window, which stays open for a minute; what comes later waits for the next.
    numbers = (0, 0.5, 0.9, 2, 9, 10.1, 10.5, 12, 21)
    assert [complete_and_claim(minute(now, number)) for number in numbers] == [1, 1, 1, 0, 0, 3, 1, 0, 2]


def test_a_quiet_destination_opens_no_window(workflow: Workflow, worker_id: int, now: datetime) -> None:
    destination = ConfigurationFactory.create(user=workflow.user, min_interval=timedelta(minutes=10))
    assert claimed(worker_id, now) == []
    destination.refresh_from_db()
    assert destination.state.window_opened_at is None
