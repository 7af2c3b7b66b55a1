"""A change of how a destination is reached and what is noted of it stay together; a state that is missing is made."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

import psycopg2.errors
import pytest

from accounts.models import DestinationState
from sync import destinations
from sync.destinations import breaker
from sync.destinations.breaker import Login
from sync.errors import failure
from tests.factories import ConfigurationFactory
from tests.installation.app import ANN, DOCUMENTED_CONFIGURATION
from tests.installation.databases import NewDatabase
from tests.installation.server import Database

_CHANGE = "UPDATE snowflake_configurations SET password_encrypted = 'another'"
_STATE = """
SELECT password_encrypted, settings_version, breaker_state, last_login_at IS NULL
FROM snowflake_configurations JOIN snowflake_sync_destination_states ON configuration_id = id
"""
_PROVEN = "UPDATE snowflake_sync_destination_states SET last_login_at = now(), breaker_state = 'open'"


@pytest.fixture
def database(new_database: NewDatabase) -> Database:
    """With a destination that has let us in, and whose log-in has been refused since."""
    made = new_database(installed=True)
    made.run(f"INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@example.com')", made.owner)
    made.run(DOCUMENTED_CONFIGURATION.replace("%(user)s", f"'{ANN}'"), made.owner)
    made.run(_PROVEN)
    return made


@pytest.fixture
def holder(database: Database) -> Iterator[Callable[[], None]]:
    """Somebody holds the state; lets it go when called."""
    session = database.connect()
    session.autocommit = False
    with session.cursor() as cursor:
        cursor.execute("SELECT FROM snowflake_sync_destination_states FOR NO KEY UPDATE")
    yield session.rollback
    session.close()


def test_a_change_that_cannot_be_noted_is_not_made(database: Database, holder: Callable[[], None]) -> None:
    before = database.rows(_STATE)
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        database.run(f"SET lock_timeout = '100ms'; {_CHANGE}", database.owner)
    holder()
    assert database.rows(_STATE) == before
    database.run(_CHANGE, database.owner)
    assert database.rows(_STATE) == [("another", 1, "closed", True)]


def test_a_change_waits_for_as_long_as_it_takes(database: Database, holder: Callable[[], None]) -> None:
    # Longer than the application is ever held up where a row is new.
    with pytest.raises(psycopg2.errors.QueryCanceled):
        database.run(f"SET statement_timeout = '2500ms'; {_CHANGE}", database.owner)


def test_a_new_destination_is_made_whatever_befalls_its_state(database: Database) -> None:
    database.run("ALTER TABLE snowflake_sync_destination_states ADD CHECK (false) NOT VALID")
    database.run(DOCUMENTED_CONFIGURATION.replace("%(user)s", f"'{ANN}'").replace("PUBLIC", "OTHER"), database.owner)
    assert database.rows("SELECT count(*) FROM snowflake_configurations") == [(2,)]


def test_a_change_makes_the_state_that_is_missing(database: Database) -> None:
    database.run("DELETE FROM snowflake_sync_destination_states")
    database.run(_CHANGE, database.owner)
    assert database.rows(_STATE) == [("another", 1, "closed", True)]


@pytest.fixture
def stateless() -> UUID:
    """A destination that came by replication."""
    made: UUID = ConfigurationFactory.create().pk
    DestinationState.objects.all().delete()
    return made


@pytest.mark.django_db
def test_one_without_a_state_is_paused_and_resumes(stateless: UUID, now: datetime) -> None:
    destinations.pause_by_hand(stateless)
    assert DestinationState.objects.get().breaker_code == "paused_by_hand"
    DestinationState.objects.all().delete()
    destinations.pause_destination(stateless, failure("login_refused", "Wrong password"), now=now)
    assert DestinationState.objects.get().breaker_code == "login_refused"
    DestinationState.objects.all().delete()
    destinations.resume_by_hand(stateless)
    assert DestinationState.objects.get().breaker_state == "closed"


@pytest.mark.django_db
def test_one_without_a_state_is_tried_and_proven(stateless: UUID, now: datetime) -> None:
    assert breaker.ask_login(stateless, seconds=60, now=now) == Login.TAKEN
    DestinationState.objects.all().delete()
    breaker.note_login(stateless, now=now)
    assert DestinationState.objects.get().last_login_at == now


@pytest.mark.django_db
def test_one_that_is_gone_gets_no_state() -> None:
    gone = UUID(int=0)
    destinations.pause_by_hand(gone)
    breaker.note_login(gone)
    assert DestinationState.objects.count() == 0
