"""A key gives way to the next one, and no result is lost or delayed on the way."""

import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import SnowflakeConfiguration
from sync import destinations
from sync.destinations import access, keys
from sync.destinations.breaker import Login
from sync.destinations.configurations import change_configuration
from sync.destinations.keys import KeyStatement, activate_rotation, begin_rotation, register_statement
from sync.destinations.logins import ChangedError, admitted
from sync.destinations.not_done import ChangedMeanwhileError, KeyRefusedError, NoRotationError, NotNowError
from sync.models import SyncAttempt, SyncQueueItem
from sync.snowflake.session import Session, make_private_key
from tests.chaos.waiting import until
from tests.destinations.configurations import Api
from tests.world import World

CLICKS = [("clicks", "integer")]
Method = SnowflakeConfiguration.AuthMethod


@pytest.fixture
def keyed(world: World) -> World:
    """A destination with a key pair made here, whose public half its user has."""
    configuration = world.configuration
    configuration.username = world.snowflake.database.replace("TEST", "KEYED")
    configuration.set_secret(Method.KEY_PAIR, make_private_key())
    configuration.save()
    register = register_statement(configuration)
    assert register is not None
    world.snowflake.rows(register.statement)
    return world


def stored(world: World) -> SnowflakeConfiguration:
    return SnowflakeConfiguration.objects.get(pk=world.configuration.pk)


def rotate(world: World) -> KeyStatement:
    """A whole rotation; what removes the old key."""
    world.snowflake.rows(begin_rotation(world.configuration.pk).statement)
    old = activate_rotation(world.configuration.pk)
    assert old is not None
    return old


def logins_refused(world: World) -> int:
    user = world.configuration.username
    return sum(login.user == user and bool(login.error_code) for login in world.snowflake.server.logins())


def claims() -> set[int | None]:
    return set(SyncQueueItem.objects.filter(status="processing").values_list("claim_token", flat=True))


def have_ended(earlier: set[int | None]) -> bool:
    return not earlier & claims()


class Busy:
    """Workers, and an application that completes one execution after the other."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stop = threading.Event()
        self._completed = threading.Condition()
        self.count = 0
        self._threads = [threading.Thread(target=self._work) for _ in range(2)]
        self._threads.append(threading.Thread(target=self._complete))

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                self._world.work(concurrency=2)
        finally:
            connection.close()

    def _complete(self) -> None:
        try:
            while not self._stop.is_set():
                # Where workers are slow, what waits does not grow: all of it is to be loaded in the end.
                if SyncQueueItem.objects.exclude(status="completed").count() < 10:
                    self._world.complete(CLICKS, [[self.count]])
                    with self._completed:
                        self.count += 1
                        self._completed.notify_all()
                self._stop.wait(0.05)
        finally:
            connection.close()

    def wait_for(self, more: int) -> None:
        """Until so many more executions have completed."""
        with self._completed:
            wanted = self.count + more
            assert self._completed.wait_for(lambda: self.count >= wanted, 60)

    def __enter__(self) -> "Busy":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


@pytest.fixture
def busy(keyed: World) -> Iterator[Busy]:
    with Busy(keyed) as found:
        yield found


@pytest.fixture
def changed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[ChangedError]:
    """The log-ins of workers that were not tried: the key had changed since the worker read it."""
    met: list[ChangedError] = []

    def ask(*args: Any) -> Login:
        try:
            return admitted(*args)
        except ChangedError as error:
            met.append(error)
            raise

    monkeypatch.setattr(access, "admitted", ask)
    return met


def test_rotations_while_workers_load_lose_nothing(
    keyed: World, changed_meanwhile: list[ChangedError], busy: Busy
) -> None:
    """Round and round, the old key taken away each time: no log-in is refused, and no item spends a retry.

    A worker that has read the old key when the new one comes into use hands its bundle back, uncounted, before it logs
    in; nothing else is handed back.
    """
    for _ in range(4):
        busy.wait_for(3)
        begun = begin_rotation(keyed.configuration.pk)
        busy.wait_for(2)
        keyed.snowflake.rows(begun.statement)
        old, earlier = activate_rotation(keyed.configuration.pk), claims()
        busy.wait_for(3)
        until(partial(have_ended, earlier), "who may be about to log in with the old key has done so")
        assert old is not None
        assert old.slot != begun.slot
        keyed.snowflake.rows(old.statement)
    busy.__exit__()
    keyed.work()
    assert set(SyncQueueItem.objects.values_list("status", "retry_count")) == {("completed", 0)}
    assert SyncQueueItem.objects.count() == busy.count
    assert SyncAttempt.objects.filter(outcome="completed").count() == busy.count
    others = SyncAttempt.objects.exclude(outcome="completed").values_list("outcome", "worker_id", "finished_at")
    # What travels together is handed back together.
    assert Counter(outcome for outcome, *_ in set(others)) == Counter(released=len(changed_meanwhile))
    assert logins_refused(keyed) == 0
    assert stored(keyed).private_key_slot == 1


def test_the_slots_take_turns(keyed: World) -> None:
    first = begin_rotation(keyed.configuration.pk)
    assert (first.slot, "RSA_PUBLIC_KEY_2='" in first.statement) == (2, True)
    assert begin_rotation(keyed.configuration.pk) == first
    keyed.snowflake.rows(first.statement)
    old = activate_rotation(keyed.configuration.pk)
    user = keyed.configuration.username
    assert old is not None
    assert (old.statement, old.slot) == (f'ALTER USER "{user}" UNSET RSA_PUBLIC_KEY;', 1)
    now = stored(keyed)
    assert (now.private_key_slot, now.next_private_key_encrypted, now.auth_method) == (2, None, "key_pair")
    assert begin_rotation(keyed.configuration.pk).slot == 1


def test_a_key_that_the_user_does_not_have_yet_is_not_used(keyed: World) -> None:
    execution = keyed.complete(CLICKS, [[1]])
    begun = begin_rotation(keyed.configuration.pk)
    before = stored(keyed)
    with pytest.raises(KeyRefusedError) as refused:
        activate_rotation(keyed.configuration.pk)
    assert refused.value.what_to_do.endswith(f"run: {begun.statement}")
    after = stored(keyed)
    assert after.private_key_encrypted == before.private_key_encrypted
    assert (after.state.breaker_state, after.state.last_login_at) == ("closed", before.state.last_login_at)
    keyed.work()
    assert keyed.rows(execution) == [(1,)]

    # The user gets the key, and then it is used; two refusals in a row would have been enough.
    keyed.snowflake.rows(begun.statement)
    assert activate_rotation(keyed.configuration.pk) is not None


def test_activating_again_and_again_does_not_lock_the_user(keyed: World) -> None:
    begin_rotation(keyed.configuration.pk)
    for _ in range(2):
        with pytest.raises(KeyRefusedError):
            activate_rotation(keyed.configuration.pk)
    with pytest.raises(NotNowError):
        activate_rotation(keyed.configuration.pk)
    assert logins_refused(keyed) == 2


def test_a_change_while_the_new_key_is_tried_stays(keyed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keyed.snowflake.rows(begin_rotation(keyed.configuration.pk).statement)

    def change_meanwhile(*args: Any, **options: Any) -> Session:
        session = Session(*args, **options)
        SnowflakeConfiguration.objects.update(username="SOMEBODY_ELSE")
        return session

    monkeypatch.setattr(keys, "Session", change_meanwhile)
    before = stored(keyed)
    with pytest.raises(ChangedMeanwhileError):
        activate_rotation(keyed.configuration.pk)
    after = stored(keyed)
    assert (after.private_key_encrypted, after.private_key_slot) == (before.private_key_encrypted, 1)


def test_two_who_begin_at_once_get_the_same_key(keyed: World) -> None:
    barrier, begun = threading.Barrier(4), []

    def begin() -> None:
        barrier.wait(30)
        begun.append(begin_rotation(keyed.configuration.pk))
        connection.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(begun) == 4
    assert len(set(begun)) == 1


def test_a_next_key_is_for_one_user_of_one_account(keyed: World) -> None:
    begin_rotation(keyed.configuration.pk)
    change_configuration(keyed.configuration.pk, {"warehouse": "another"}, None)
    assert stored(keyed).next_private_key_encrypted
    change_configuration(keyed.configuration.pk, {"username": "SOMEBODY_ELSE"}, None)
    assert stored(keyed).next_private_key_encrypted is None
    with pytest.raises(NoRotationError):
        activate_rotation(keyed.configuration.pk)


def test_from_a_password_to_a_key_pair(world: World) -> None:
    execution = world.complete(CLICKS, [[1]])
    begun = begin_rotation(world.configuration.pk)
    assert begun.slot == 1
    world.snowflake.rows(begun.statement)
    assert activate_rotation(world.configuration.pk) is None
    now = stored(world)
    assert (now.method_in_use(), now.private_key_slot) == (Method.KEY_PAIR, 1)
    world.work()
    assert world.rows(execution) == [(1,)]
    assert world.snowflake.server.logins()[-1].authenticator == "SNOWFLAKE_JWT"


def test_a_destination_that_is_paused_by_hand_stays_so(keyed: World) -> None:
    destinations.pause_by_hand(keyed.configuration.pk)
    rotate(keyed)
    assert stored(keyed).state.breaker_code == "paused_by_hand"


def test_the_api_s_words(keyed: World) -> None:
    api = Api(keyed.user)
    path = f"/{keyed.configuration.pk}/rotate-key"
    assert api("POST", path, {"activate": True})[0] == 409
    status, begun = api("POST", path)
    assert (status, begun["activated"], begun["key"]["slot"]) == (200, False, 2)
    status, refused = api("POST", path, {"activate": True})
    assert status == 409
    assert "stay in use" in refused["detail"]
    keyed.snowflake.rows(begun["key"]["statement"])
    status, done = api("POST", path, {"activate": True})
    assert (status, done["activated"], done["key"]["slot"]) == (200, True, 1)
    assert "UNSET RSA_PUBLIC_KEY;" in done["key"]["statement"]
    assert "BEGIN" not in str([begun, refused, done])
