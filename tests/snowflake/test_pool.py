"""The pool of warm sessions, over a connector that does what it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sync.errors import SyncError
from sync.snowflake.session import connection as connection_module
from sync.snowflake.session.credentials import Password
from sync.snowflake.session.destination import Destination
from sync.snowflake.session.pool import Pool
from tests.chaos.waiting import until
from tests.snowflake.connector import DESTINATION, LOST, REFUSED, Connection


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Every connection that the pool opened."""
    opened: list[Connection] = []

    def open_connection(*_: object) -> Connection:
        opened.append(Connection())
        return opened[-1]

    monkeypatch.setattr(connection_module, "open_connection", open_connection)
    return opened


def test_the_pool_keeps_sessions_warm(connections: list[Connection]) -> None:
    pool = Pool()
    for _ in range(3):
        with pool.session(DESTINATION) as session:
            session.execute("SELECT 1", "ask")
            assert session.statements == 1

    assert [connection.sent for connection in connections] == [["SELECT 1"] * 3]


def test_another_destination_gets_another_session(connections: list[Connection]) -> None:
    pool = Pool()
    other = Destination("acme", "DB", "PUBLIC", "WH", Password("ann", "changed"))
    for destination in (DESTINATION, other):
        with pool.session(destination):
            pass

    assert len(connections) == 2


def test_two_at_a_time_get_two(connections: list[Connection]) -> None:
    pool = Pool()
    with pool.session(DESTINATION):
        pass
    with pool.session(DESTINATION) as one, pool.session(DESTINATION) as other:
        assert one.connection is not other.connection

    assert len(connections) == 2


@pytest.mark.parametrize("trouble", [LOST, REFUSED])
def test_what_is_in_doubt_is_not_kept(connections: list[Connection], trouble: Exception) -> None:
    pool = Pool()

    def work() -> None:
        with pool.session(DESTINATION) as session:
            connections[0].trouble = [trouble]
            session.execute("SELECT 1", "ask")

    with pytest.raises(SyncError):
        work()
    with pool.session(DESTINATION):
        pass

    assert len(connections) == (2 if trouble is LOST else 1)
    assert connections[0].closed == (1 if trouble is LOST else 0)


def test_idle_sessions_are_closed(connections: list[Connection]) -> None:
    pool = Pool()
    with pool.session(DESTINATION):
        pass

    assert pool.close_idle(3600) == 0
    assert pool.close_idle(0) == 1
    assert pool.close_idle(0) == 0
    until(lambda: connections[0].closed == 1, "the session is closed")


def test_no_log_out_is_waited_for_for_long(connections: list[Connection], monkeypatch: pytest.MonkeyPatch) -> None:
    begun, held = threading.Barrier(4), threading.Event()

    def say_nothing(*, retry: bool) -> None:
        assert not retry
        begun.wait(30)
        held.wait(60)

    monkeypatch.setattr("sync.snowflake.session.pool.PATIENCE", 0.01)
    pool = Pool()
    for end in (lambda: pool.close_idle(0), pool.close):
        connections.clear()
        with pool.session(DESTINATION), pool.session(DESTINATION), pool.session(DESTINATION):
            for connection in connections:
                monkeypatch.setattr(connection, "close", say_nothing)
        end()
        # All of them are on their way, and none has come to its end.
        begun.wait(30)
        assert not held.is_set()
    held.set()


def test_a_closed_pool_closes_what_comes_back(connections: list[Connection]) -> None:
    pool = Pool()
    with pool.session(DESTINATION), pool.session(DESTINATION):
        pool.close()

    assert [connection.closed for connection in connections] == [1, 1]


def test_every_log_in_passes_the_gate(connections: list[Connection]) -> None:
    passed: list[str] = []

    @contextmanager
    def login_lock() -> Iterator[None]:
        passed.append("in")
        yield
        passed.append("out")

    pool = Pool()
    with pool.session(DESTINATION, login_lock=login_lock):
        pass
    connections[0].trouble = [LOST]
    with pool.session(DESTINATION, login_lock=login_lock) as session:
        session.execute("SELECT 1", "ask")

    assert passed == ["in", "out"] * 2


def test_threads_never_share_a_session(connections: list[Connection]) -> None:
    pool, barrier = Pool(), threading.Barrier(8)
    in_use: set[int] = set()
    shared: list[int] = []
    done: list[int] = []

    def work() -> None:
        barrier.wait(10)
        for _ in range(200):
            with pool.session(DESTINATION) as session:
                mine = id(session.connection)
                if mine in in_use:
                    shared.append(mine)
                in_use.add(mine)
                session.execute("SELECT 1", "ask")
                in_use.discard(mine)
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (len(done), shared) == (8, [])
    assert len(connections) <= 8
