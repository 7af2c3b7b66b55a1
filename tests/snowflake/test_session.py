"""Sessions, over a connector that does what it is told."""

from collections.abc import Callable

import pytest

from sync.errors import DestinationError, SyncError, TransientError, failure
from sync.snowflake.session import Session
from tests.snowflake.connector import BROKEN, LOST, REFUSED, Connection, Opener, Scripted


def cold(*trouble: BaseException | None, guard: Callable[[], None] = lambda: None) -> tuple[Session, Connection]:
    connection = Connection(*trouble)
    return Scripted(Opener(connection), guard=guard), connection


def test_an_answer() -> None:
    session, _ = cold()

    answer = session.execute("SELECT 1", "ask")

    assert answer.rows == ({"status": "done"},)
    assert (answer.query_id, answer.rowcount) == ("q", 1)
    assert (session.statements, session.query_ids) == (1, ["q"])
    assert not session.load_sent


def test_what_the_guard_raises_stops_the_statement() -> None:
    class LeaseLostError(Exception):
        pass

    def guard() -> None:
        raise LeaseLostError

    session, connection = cold(guard=guard)

    with pytest.raises(LeaseLostError):
        session.execute("COPY", "load", loads=True)
    assert connection.sent == []
    assert not session.load_sent
    assert session.usable


def test_a_load_counts_as_sent_even_if_it_fails() -> None:
    session, _ = cold(REFUSED)

    with pytest.raises(SyncError):
        session.execute("COPY", "load", loads=True)
    assert session.load_sent


@pytest.mark.parametrize(
    ("trouble", "usable"), [(REFUSED, True), (LOST, False), (BROKEN, False), (KeyError("x"), False)]
)
def test_a_session_in_doubt_is_not_used_again(trouble: Exception, usable: bool) -> None:
    session, _ = cold(trouble)

    with pytest.raises(SyncError):
        session.execute("SELECT 1", "ask")
    assert session.usable is usable


def test_an_interrupt_leaves_the_session_in_doubt() -> None:
    session, _ = cold(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        session.execute("SELECT 1", "ask")
    assert not session.usable


def test_errors_carry_nothing_of_the_connector() -> None:
    session, _ = cold(REFUSED)

    with pytest.raises(SyncError) as caught:
        session.execute("SELECT 1", "ask")
    assert caught.value.__context__ is None


def test_a_warm_session_that_has_ended_logs_in_again() -> None:
    old, new = Connection(LOST), Connection()
    opener = Opener(new)
    session = Scripted(opener, connection=old)

    session.execute("CREATE TABLE", "make")

    assert (old.closed, new.sent, opener.opened) == (1, ["CREATE TABLE"], 1)
    assert session.usable


def test_the_guard_is_asked_again_after_logging_in_again() -> None:
    asked: list[int] = []
    session = Scripted(Opener(Connection()), connection=Connection(LOST), guard=lambda: asked.append(1))

    session.execute("CREATE TABLE", "make")

    assert len(asked) == 2


def test_but_only_once() -> None:
    session = Scripted(Opener(Connection(LOST)), connection=Connection(LOST))

    with pytest.raises(TransientError) as caught:
        session.execute("CREATE TABLE", "make")
    assert caught.value.code == "session_lost"


def test_and_not_in_the_middle() -> None:
    opener = Opener(Connection())
    session = Scripted(opener, connection=Connection(None, LOST))
    session.execute("CREATE TEMPORARY TABLE", "make")

    with pytest.raises(TransientError):
        session.execute("COPY", "load")
    assert opener.opened == 0


def test_and_not_where_the_connector_has_tried_until_the_time_was_over() -> None:
    opener = Opener(Connection())
    session = Scripted(opener, connection=Connection(BROKEN))

    with pytest.raises(TransientError):
        session.execute("CREATE TABLE", "make")
    assert opener.opened == 0


def test_and_not_what_has_just_logged_in() -> None:
    session = Scripted(Opener(Connection(LOST), Connection()))

    with pytest.raises(TransientError):
        session.execute("CREATE TABLE", "make")


def test_logging_in_again_may_be_refused() -> None:
    refused = failure("login_refused", "Incorrect username or password was specified")
    session = Scripted(Opener(refused), connection=Connection(LOST))

    with pytest.raises(DestinationError) as caught:
        session.execute("CREATE TABLE", "make")
    assert caught.value.code == "login_refused"
    assert not session.usable


def test_a_transaction() -> None:
    session, connection = cold()

    with session.transaction():
        session.execute("DELETE", "delete")
        assert session.in_transaction

    assert connection.sent == ["BEGIN", "DELETE", "COMMIT"]
    assert not session.in_transaction


def test_a_failed_transaction_is_rolled_back_though_the_guard_objects() -> None:
    calls = iter([None, None])

    def guard() -> None:
        if next(calls, StopIteration) is StopIteration:
            raise TimeoutError

    session, connection = cold(guard=guard)

    def work() -> None:
        with session.transaction():
            session.execute("DELETE", "delete")
            session.execute("COPY", "load")

    with pytest.raises(TimeoutError):
        work()
    assert connection.sent == ["BEGIN", "DELETE", "ROLLBACK"]
    assert session.usable


@pytest.mark.parametrize(
    ("trouble", "sent"),
    [
        ((None, REFUSED), ["BEGIN", "DELETE", "ROLLBACK"]),
        ((None, None, REFUSED), ["BEGIN", "DELETE", "COMMIT", "ROLLBACK"]),
        ((None, None, BROKEN), ["BEGIN", "DELETE", "COMMIT"]),
        ((None, REFUSED, REFUSED), ["BEGIN", "DELETE", "ROLLBACK"]),
    ],
    ids=["statement refused", "commit refused", "commit lost", "rollback refused"],
)
def test_transactions_that_fail(trouble: tuple[Exception | None, ...], sent: list[str]) -> None:
    session, connection = cold(*trouble)

    with pytest.raises(SyncError), session.transaction():
        session.execute("DELETE", "delete")

    assert connection.sent == sent
    assert not session.in_transaction
    assert session.usable is (trouble.count(REFUSED) == 1 and BROKEN not in trouble)


def test_tidying_up_never_raises() -> None:
    session, connection = cold(REFUSED, LOST)

    assert not session.tidy_up("REMOVE", "tidy up")
    assert session.usable
    assert not session.tidy_up("REMOVE", "tidy up")
    assert not session.usable
    assert not session.tidy_up("REMOVE", "tidy up")
    assert connection.sent == ["REMOVE", "REMOVE"]


def test_closing_never_raises() -> None:
    session, connection = cold()

    session.close()

    assert connection.closed == 1
    assert not session.usable
