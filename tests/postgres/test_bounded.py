"""Reading that ends by itself."""

import pytest
from django.db import connection

from sync.postgres import TooSlowError, bounded_reading, fetch

pytestmark = pytest.mark.django_db(transaction=True)


def limit() -> str:
    found: str = fetch("SHOW statement_timeout")[0][0]
    return found


@pytest.mark.parametrize(("outer", "inner", "shorter"), [(1.5, 10, "1500ms"), (120, 10, "10s"), (60, 90, "1min")])
def test_an_inner_limit_never_raises_an_outer_one(outer: float, inner: float, shorter: str) -> None:
    with bounded_reading(outer), bounded_reading(inner):
        assert limit() == shorter
    assert limit() == "0"


def test_a_transaction_of_its_own_has_its_limit_whatever_the_sessions_is() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '5s'")
    try:
        with bounded_reading(10):
            assert limit() == "10s"
        assert limit() == "5s"
    finally:
        connection.close()


def test_what_takes_longer_is_too_slow() -> None:
    with pytest.raises(TooSlowError), bounded_reading(10), bounded_reading(0.05):
        fetch("SELECT pg_sleep(5)")


def test_after_a_commit_that_was_cancelled_the_connection_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL looks for a cancel between reading COMMIT and doing it, which no test can hit: this is how it is then.

    The transaction is aborted and open, and psycopg2 does not send the ROLLBACK.
    """

    def cancelled() -> None:
        own = connection.connection
        own.commit()
        own.autocommit = True
        with own.cursor() as cursor:
            cursor.execute("BEGIN; SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT pg_sleep(5)")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "_commit", cancelled)
        with pytest.raises(TooSlowError), bounded_reading(10):
            fetch("SELECT 1")
    assert fetch("SELECT 2") == [(2,)]
