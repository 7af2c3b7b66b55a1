"""A check logs in once, in turn with everybody else, and never often enough to lock the user."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration
from sync import destinations
from sync.destinations import breaker
from sync.destinations.not_done import NotNowError
from sync.snowflake.session.keys import make_private_key
from sync.snowflake.setup import check
from tests.destinations.checking import failed, logins, run, stored
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]

CLICKS = [("clicks", "integer")]
Method = SnowflakeConfiguration.AuthMethod


def test_a_refused_log_in_is_tried_once_says_what_to_run_and_pauses(target: World) -> None:
    execution = target.complete(CLICKS, [[1]])
    configuration = stored(target)
    configuration.set_secret(Method.KEY_PAIR, make_private_key())
    configuration.save()
    target.snowflake.rows(f"ALTER USER \"{configuration.username}\" SET RSA_PUBLIC_KEY='MIIB'")
    step = failed(run(target))
    assert (step.name, step.code, step.snowflake_code) == ("log_in", "login_refused", "390144")
    assert logins(target) == 1
    paused = stored(target)
    assert (paused.state.breaker_state, paused.state.breaker_code) == ("open", "login_refused")
    target.work()
    assert logins(target) == 1

    (statement,) = step.mend
    target.snowflake.rows(statement)
    assert run(target).checked.passed
    assert stored(target).state.breaker_state == "closed"
    target.work()
    assert target.rows(execution) == [(1,)]
    assert target.item(execution).retry_count == 0


def test_two_refusals_in_a_quarter_of_an_hour_are_enough(target: World) -> None:
    target.snowflake.server.require_password(target.configuration.username, "the right one")
    for _ in range(2):
        assert failed(run(target)).code == "login_refused"
    with pytest.raises(NotNowError, match="refused these credentials 2 times"):
        run(target)
    assert logins(target) == 2

    # Time, or another password.
    DestinationState.objects.update(check_refused_at=timezone.now() - timedelta(minutes=16))
    assert failed(run(target)).code == "login_refused"
    assert stored(target).state.check_refusals == 1
    assert failed(run(target)).code == "login_refused"
    changed = stored(target)
    changed.set_secret(Method.PASSWORD, "the right one")
    changed.save()
    assert run(target).checked.passed


def test_somebody_else_is_trying(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.destinations.logins.PATIENCE", 0.2)
    DestinationState.objects.update(last_login_at=None)
    assert breaker.ask_login(target.configuration.pk, seconds=60) == "taken"
    with pytest.raises(NotNowError, match="Somebody else"):
        run(target)
    assert logins(target) == 0
    destinations.end_trial(target.configuration.pk)
    assert run(target).checked.passed
    assert breaker.ask_login(target.configuration.pk, seconds=60) == "free"


def test_checks_at_once_log_in_one_after_the_other(target: World) -> None:
    DestinationState.objects.update(last_login_at=None)
    target.snowflake.server.require_password(target.configuration.username, "the right one")
    outcomes: list[str] = []

    def check() -> None:
        try:
            outcomes.append(failed(run(target)).code)
        except NotNowError:
            outcomes.append("not now")
        finally:
            connection.close()

    threads = [threading.Thread(target=check) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 5
    assert logins(target) <= 3


def test_a_change_during_the_check_is_not_overwritten(target: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = check.check_destination

    def change_meanwhile(*args: Any, **options: Any) -> Any:
        checked = real(*args, **options)
        SnowflakeConfiguration.objects.update(username="SOMEBODY_ELSE")
        return checked

    monkeypatch.setattr("sync.destinations.check.check_destination", change_meanwhile)
    report = run(target)
    assert report.checked.passed
    assert not report.current
    kept = stored(target)
    # What was seen before the change was noted step by step, and it is no check that has ended.
    assert kept.state.last_check
    assert kept.state.last_check["ended"] is False
    assert kept.state.last_login_at is None


def test_what_was_paused_by_hand_stays_so(target: World) -> None:
    destinations.pause_by_hand(target.configuration.pk)
    assert run(target).checked.passed
    assert stored(target).state.breaker_code == "paused_by_hand"
    changed = stored(target)
    changed.set_secret(Method.PASSWORD, "another")
    changed.save()
    assert stored(target).state.breaker_state == "open"
    destinations.resume_destination(target.configuration.pk, by_hand=True)
    assert stored(target).state.breaker_state == "closed"
