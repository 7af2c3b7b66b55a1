"""A destination that refuses: it pauses, its items keep their retries, and it is never asked too often."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from accounts.models import DestinationState, SnowflakeConfiguration
from sync import queue
from sync.destinations import breaker
from sync.load.batch_load import CLEAR_EVERY
from sync.models import SyncQueueItem
from sync.snowflake.load.leftovers import staged_name
from sync.snowflake.session import connection, driver
from sync.snowflake.session.driver import Connection
from sync.snowflake.statements import STAGE
from tests.factories import ConfigurationFactory
from tests.world import World

CLICKS = [("clicks", "integer")]


@pytest.fixture
def new(world: World) -> World:
    """A destination that has never logged in, as a user of its own; 30 executions wait for it."""
    SnowflakeConfiguration.objects.update(username=f"USER_{uuid.uuid4().hex.upper()}")
    for n in range(30):
        world.complete(CLICKS, [[n]])
    return world


def ours() -> SnowflakeConfiguration:
    return SnowflakeConfiguration.objects.get(username__startswith="USER_")


def refuse(world: World) -> None:
    """Snowflake takes another password than the one that is stored."""
    world.snowflake.server.require_password(ours().username, "the right one")


def logins(world: World) -> int:
    username = ours().username
    return sum(login.user.upper() == username for login in world.snowflake.server.logins())


def destination() -> SnowflakeConfiguration:
    return SnowflakeConfiguration.objects.get()


def retries() -> set[tuple[str, int]]:
    return set(SyncQueueItem.objects.values_list("status", "retry_count"))


def test_a_wrong_password_is_tried_once_and_costs_no_item_a_retry(new: World) -> None:
    refuse(new)
    threads = [threading.Thread(target=new.work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert logins(new) == 1
    assert retries() == {("pending", 0)}
    paused = destination()
    assert (paused.state.breaker_state, paused.state.breaker_code) == ("open", "login_refused")
    assert "Incorrect username or password" in str(paused.state.breaker_reason)
    assert paused.state.breaker_until is not None

    # A second time when the pause is over; then not before something changes.
    for _ in range(3):
        DestinationState.objects.filter(breaker_until__isnull=False).update(breaker_until=timezone.now())
        new.work()
    assert logins(new) == 2
    assert destination().state.breaker_until is None
    assert retries() == {("pending", 0)}


def test_a_new_password_is_all_that_is_needed(new: World) -> None:
    refuse(new)
    new.work()
    changed = destination()
    changed.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, "the right one")
    changed.save()
    new.work()
    assert retries() == {("completed", 0)}
    assert (destination().state.breaker_state, destination().state.trial_until) == ("closed", None)
    assert destination().state.last_login_at is not None


def test_a_log_in_with_what_has_been_changed_meanwhile_says_nothing_of_it(
    new: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(new)
    real = driver.open_connection
    changes: list[SnowflakeConfiguration] = []

    def open_connection(*args: Any) -> Connection:
        if not changes:
            changed = destination()
            changed.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, "the right one")
            changed.save()
            changes.append(changed)
        return real(*args)

    monkeypatch.setattr(connection, "open_connection", open_connection)
    new.work()
    assert retries() == {("completed", 0)}
    ours_only = [login for login in new.snowflake.server.logins() if login.user.upper() == ours().username]
    assert [bool(login.error_code) for login in ours_only][:2] == [True, False]


def test_the_first_log_in_is_by_one_and_then_all_come(new: World) -> None:
    new.work(concurrency=5)
    assert retries() == {("completed", 0)}
    assert logins(new) <= 5


def test_a_log_in_that_could_not_be_noted_is_known_once_something_is_loaded(
    new: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else all goes one at a time, and what is beside loads not at all, for as long as sessions are kept."""
    note = breaker.note_login

    def away(*args: Any, **more: Any) -> None:
        monkeypatch.setattr(breaker, "note_login", note)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(breaker, "note_login", away)
    new.work(concurrency=1)
    assert retries() == {("completed", 0)}
    assert (logins(new), ours().state.last_login_at is not None) == (1, True)


def test_what_has_been_good_long_ago_goes_one_at_a_time_too(new: World) -> None:
    DestinationState.objects.update(last_login_at=datetime(2026, 1, 1, tzinfo=UTC))
    refuse(new)
    new.work(concurrency=5)
    assert logins(new) == 1
    assert retries() == {("pending", 0)}


def test_a_destination_that_is_down_does_not_hold_up_another(new: World) -> None:
    other = ConfigurationFactory.create(
        user=new.user, database=new.snowflake.database, schema="OTHER", username="ANOTHER", layout="per_workflow"
    )
    refuse(new)
    new.work()
    states = dict(SyncQueueItem.objects.order_by().values_list("configuration", "status").distinct())
    assert states == {ours().pk: "pending", other.pk: "completed"}


def test_what_an_execution_asked_for_is_its_own_fault(world: World) -> None:
    """A schema that is not there pauses the destination only where the configuration names it."""
    asked = world.complete(CLICKS, [[1]], snowflake_schema_name="NOWHERE")
    plain = [world.complete(CLICKS, [[n]]) for n in range(3)]
    missing = "Schema 'NOWHERE' does not exist or not authorized."
    world.snowflake.server.inject("NOWHERE", "error", code="002003", sqlstate="02000", message=missing, times=None)
    world.work()
    item = world.item(asked)
    assert (item.status, item.error_code) == ("failed", "target_refused")
    assert "NOWHERE" in str(item.error_message)
    assert {world.item(execution).status for execution in plain} == {"completed"}
    assert destination().state.breaker_state == "closed"


def test_a_missing_privilege_pauses_until_it_is_granted(world: World) -> None:
    execution = world.complete(CLICKS, [[1]])
    world.snowflake.server.inject(
        "CREATE TABLE", "error", code="003001", sqlstate="42501", message="Insufficient privileges", times=1
    )
    world.work()
    assert (world.item(execution).status, world.item(execution).retry_count) == ("pending", 0)
    assert destination().state.breaker_code == "privilege_missing"
    DestinationState.objects.update(breaker_until=timezone.now())
    world.work()
    assert world.item(execution).status == "completed"
    assert destination().state.breaker_state == "closed"


def test_the_worker_says_who_is_paused(new: World, capsys: pytest.CaptureFixture[str]) -> None:
    refuse(new)
    for _ in range(2):
        with pytest.raises(SystemExit):
            call_command("run_sync_worker", "--once")
        DestinationState.objects.filter(breaker_until__isnull=False).update(breaker_until=timezone.now())
    said = capsys.readouterr().out.splitlines()
    assert "is paused until" in said[1]
    assert "is paused until something changes: " in said[3]
    assert "Incorrect username or password" in said[3]


def test_staged_files_that_were_left_behind_are_removed_once_a_day(world: World) -> None:
    world.complete(CLICKS, [[1]])
    world.work()
    first = destination().state.stage_swept_at
    assert first is not None
    assert world.snowflake.statements("LIST") == []

    now = timezone.now()
    left = [staged_name(now - age, "0" * 31 + str(n)) for n, age in enumerate((CLEAR_EVERY * 2, timedelta(hours=1)))]
    for directory in left:
        put(world, directory)
    DestinationState.objects.update(stage_swept_at=now - CLEAR_EVERY * 1.5)
    for _ in range(2):
        world.complete(CLICKS, [[1]])
        world.work()
    assert len(world.snowflake.statements("LIST")) == 1
    assert staged(world) == left[1:]


def put(world: World, directory: str) -> None:
    connection = world.snowflake.connect()
    connection.cursor().execute(f"PUT 'file://{__file__}' @{STAGE}/{directory} AUTO_COMPRESS = FALSE OVERWRITE = TRUE")


def staged(world: World) -> list[str]:
    rows = world.snowflake.rows(f'LIST @"{world.snowflake.database}"."PUBLIC".{STAGE}')
    return [str(row[0]).split("/")[1] for row in rows]


def test_the_gate_lets_wait_and_then_hands_back(new: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else is trying for longer than anybody waits."""
    monkeypatch.setattr("sync.destinations.logins.PATIENCE", 0.2)
    DestinationState.objects.update(last_login_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert breaker.ask_login(destination().pk, seconds=60) == "taken"
    new.work()
    assert logins(new) == 0
    assert retries() == {("pending", 0)}


def test_a_destination_that_is_switched_off_and_on_is_logged_as_what_it_is(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.complete(CLICKS, [[1]])
    queue.route()
    for active, said in (
        (False, "Skipped 1 items of destinations that were switched off"),
        (True, "Picked up 1 items for destinations that became active"),
    ):
        SnowflakeConfiguration.objects.update(is_active=active)
        caplog.clear()
        with caplog.at_level("INFO", "sync.worker.loop"):
            world.work()
        told = [line for line in caplog.messages if line.startswith(("Skipped", "Picked up"))]
        assert told == [said]
