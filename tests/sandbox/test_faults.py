"""Faults of the local Snowflake that outlast a request: full stops, random faults, passwords; and their record."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from snowflake.connector.errors import DatabaseError, Error

from sandbox.snowflake.client import LocalSnowflake
from sandbox.snowflake.faults import Fault
from tests.conftest import Snowflake

PATIENT = {"network_timeout": 30, "socket_timeout": 30}


@pytest.fixture
def own(snowflake: Snowflake) -> Iterator[Snowflake]:
    """A server of the test's own, to be stopped."""
    with LocalSnowflake() as server:
        fresh = Snowflake(server, snowflake.database)
        yield fresh
        server.thaw()
        server.accept()
        fresh.close()


@pytest.fixture(autouse=True)
def _an_empty_log(snowflake: Snowflake) -> None:
    snowflake.server.reset_log()


def in_background(work: Any) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def until(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_full_stop_refuses_connections_and_keeps_what_is_there(own: Snowflake) -> None:
    cursor = own.connect(**PATIENT).cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    where = urlsplit(own.endpoint)

    own.server.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((str(where.hostname), int(where.port or 0)), 2)
    own.server.refuse()
    own.server.accept()
    own.server.accept()

    cursor.execute("INSERT INTO t VALUES (1)")
    assert cursor.execute("SELECT a FROM t").fetchall() == [(1,)]


def test_a_full_stop_cuts_what_is_under_way(own: Snowflake) -> None:
    cursor = own.connect(**PATIENT).cursor()
    own.server.inject("SELECT 1", "delay", seconds=60)
    found: list[Any] = []
    thread = in_background(lambda: found.extend(cursor.execute("SELECT 1").fetchall()))
    until(own.server.strikes)

    own.server.refuse()
    own.server.accept()
    thread.join(30)

    assert found == [(1,)]


def test_a_frozen_server_answers_when_it_is_thawed(own: Snowflake) -> None:
    cursor = own.connect(**PATIENT).cursor()
    own.server.freeze()
    found: list[Any] = []
    thread = in_background(lambda: found.extend(cursor.execute("SELECT 1").fetchall()))
    thread.join(0.5)
    assert thread.is_alive()

    own.server.thaw()
    thread.join(30)

    assert found == [(1,)]


def test_a_delay_after_the_statement_took_effect(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(**PATIENT).cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    snowflake.server.inject("INSERT", "delay_after", seconds=60)
    thread = in_background(lambda: cursor.execute("INSERT INTO t VALUES (1)"))
    until(snowflake.server.strikes)

    assert snowflake.rows("SELECT a FROM t") == [(1,)]
    assert thread.is_alive()
    snowflake.server.clear_faults()
    thread.join(20)
    assert not thread.is_alive()


def test_faults_that_are_taken_away_end_their_delays(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(**PATIENT).cursor()
    snowflake.server.inject("SELECT 1", "delay", seconds=60)
    thread = in_background(lambda: cursor.execute("SELECT 1"))
    until(snowflake.server.strikes)

    snowflake.server.clear_faults()
    thread.join(20)

    assert not thread.is_alive()


def test_a_fault_for_one_user_alone(snowflake: Snowflake) -> None:
    snowflake.server.inject("SELECT 1", "error", code="003001", sqlstate="42501", user="eve", times=None)

    assert snowflake.connect(user="ann").cursor().execute("SELECT 1").fetchall() == [(1,)]
    with pytest.raises(Error):
        snowflake.connect(user="Eve").cursor().execute("SELECT 1")
    (strike,) = snowflake.server.strikes()
    assert (strike.action, strike.code, strike.sql, strike.user.lower()) == ("error", "003001", "SELECT 1", "eve")


def test_strikes_tell_which_statement_they_struck(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(**PATIENT).cursor()
    snowflake.server.inject("SELECT 2", "drop_after")

    cursor.execute("SELECT 2")

    (strike,), (statement,) = snowflake.server.strikes(), snowflake.statements("SELECT 2")
    assert (strike.action, strike.sql, strike.request_id) == ("drop_after", statement.sql, statement.request_id)
    snowflake.server.reset_log()
    assert snowflake.server.strikes() == []


def test_a_required_password(snowflake: Snowflake) -> None:
    snowflake.server.require_password("ann-of-passwords", "right")

    with pytest.raises(DatabaseError, match="Incorrect username or password"):
        snowflake.connect(user="ANN-OF-PASSWORDS", password="wrong")
    snowflake.connect(user="ann-of-passwords", password="right").cursor().execute("SELECT 1")
    snowflake.connect(user="bob", password="whatever").cursor().execute("SELECT 1")
    assert "right" not in str(snowflake.server.logins())


def _struck(snowflake: Snowflake, seed: int) -> list[str]:
    snowflake.server.reset_log()
    cursor = snowflake.connect().cursor()
    faults = [(3.0, Fault("SELECT", "error", code="000604")), (1.0, Fault("SELECT", "error", code="000625"))]
    snowflake.server.disturb(0.3, seed, faults)
    for number in range(60):
        try:
            cursor.execute(f"SELECT {number}")
        except Error:
            continue
    snowflake.server.clear_faults()
    return [f"{strike.sql} {strike.code}" for strike in snowflake.server.strikes()]


def test_random_faults_strike_a_share_by_weight_and_a_seed_repeats_them(snowflake: Snowflake) -> None:
    struck = _struck(snowflake, 4)

    assert struck == _struck(snowflake, 4)
    assert struck != _struck(snowflake, 5)
    assert 8 <= len(struck) <= 30
    codes = Counter(text.split()[-1] for text in struck)
    assert codes["000604"] > codes["000625"] > 0


def test_a_repetition_by_the_driver_meets_a_random_fault_only_where_it_sticks(snowflake: Snowflake) -> None:
    cursor = snowflake.connect(**PATIENT).cursor()
    snowflake.server.disturb(1.0, 1, [(1.0, Fault("SELECT", "status"))])
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]
    assert len(snowflake.server.strikes()) == 1

    snowflake.server.disturb(1.0, 1, [(1.0, Fault("SELECT", "status", sticky=True))])
    with pytest.raises(Error):
        snowflake.connect(network_timeout=2).cursor().execute("SELECT 1")


def test_random_faults_leave_alone_what_none_of_them_matches(snowflake: Snowflake) -> None:
    snowflake.server.disturb(1.0, 1, [(1.0, Fault("login", "error", code="390100"))])

    with pytest.raises(DatabaseError):
        snowflake.connect()
    snowflake.server.clear_faults()
    cursor = snowflake.connect().cursor()
    snowflake.server.disturb(1.0, 1, [(1.0, Fault("login", "error", code="390100"))])
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_open_sessions_and_what_they_hold(snowflake: Snowflake) -> None:
    def of_ann() -> list[Any]:
        return [session for session in snowflake.server.sessions() if session.user == "ann-of-sessions"]

    connection = snowflake.connect(user="ann-of-sessions")
    connection.cursor().execute("CREATE TEMPORARY TABLE aside (a INT)")
    connection.cursor().execute("BEGIN")

    (session,) = of_ann()
    assert (session.temporary_tables, session.in_transaction, session.requests) == (["ASIDE"], True, 0)
    assert session.ports
    assert session.idle < 60
    connection.close()
    assert of_ann() == []
