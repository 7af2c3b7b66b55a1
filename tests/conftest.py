"""What all tests share: a local Snowflake. (tests/settings.py sets the environment.)"""

import gc
import signal
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.db.migrations.state import ProjectState, StateApps
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from django.utils.functional import SimpleLazyObject
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseMiddleware

from sandbox.snowflake.client import LocalSnowflake
from sandbox.snowflake.records import Statement
from tests.alerts.channels.receiver import Receiver, receiving

# As where CI is set: a run tries what the last one tried, and none of it has to be done within 200 ms. Others are tried
# with `--hypothesis-profile default`.
hypothesis.settings.load_profile("ci")
# Nor do its examples depend on what other tests have imported: Hypothesis tries the constants of all modules of ours.
providers._get_local_constants = Constants

pytest_plugins = ["tests.markers", "tests.world", "tests.installation.databases", "tests.installation.at_work"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The entry of activity that says who has made the database is none that tests know of.

    Where all tests of a run ask for the database in a way that pytest-django does not know, it has made none, and they
    would be at work in the one that DATABASE_URL names.
    """
    with django_db_blocker.unblock():
        is_made = connection.settings_dict["NAME"].startswith(TEST_DATABASE_PREFIX)
        own = [] if is_made else setup_databases(0, interactive=False, aliases={connection.alias: True})
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM snowflake_sync_activity")
    yield
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # A thread that a test has left behind may be at work in it still: then nobody could drop it.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        teardown_databases(own, 0)


# Rows that migrations made; three of them are counted on.
_EMPTY = """
DO $$
DECLARE
    written regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR written IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname NOT IN ('auth_permission', 'django_content_type', 'django_migrations',
                'snowflake_sync_alert_looks', 'snowflake_sync_history_state', 'snowflake_sync_install_log',
                'snowflake_sync_sweep')
    LOOP
        IF pg_relation_size(written) > 1000000 THEN
            EXECUTE 'TRUNCATE ' || written || ' CASCADE';
        ELSE
            EXECUTE 'DELETE FROM ' || written;
        END IF;
    END LOOP;
END $$;
UPDATE snowflake_sync_alert_looks SET looked_at = 'epoch', ended_at = 'epoch', unseen = '';
UPDATE snowflake_sync_history_state SET position = 0, as_of = 'epoch';
UPDATE snowflake_sync_sweep SET position = '', swept_at = '-infinity', completed_at = NULL;
"""


@dataclass
class Snowflake:
    """A database of a test's own on the local Snowflake."""

    server: LocalSnowflake
    database: str
    schema: str = "PUBLIC"
    _connections: list[Any] = field(default_factory=list)
    _reader: Any = None

    @property
    def endpoint(self) -> str:
        return self.server.endpoint

    def connect(self, **more: Any) -> Any:
        """A connection to the test's database, closed with the test."""
        settings = {"database": self.database, "schema": self.schema} | more
        connection = self.server.connect(**settings)
        self._connections.append(connection)
        return connection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one statement, in a session that all of a test's calls share."""
        if self._reader is None:
            self._reader = self.connect(session_parameters={"QUERY_TAG": "test"})
        with self._reader.cursor() as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
        return rows

    def statements(self, contains: str = "") -> list[Statement]:
        """What was asked in this test's database, except through `rows`."""
        found = self.server.statements(contains, self.database)
        return [statement for statement in found if statement.tag != "test"]

    def close(self) -> None:
        self.server.clear_faults()
        for opened in self._connections:
            opened.close()


def _empty_tables(_: TransactionTestCase) -> None:
    """After a test that commits: a tenth of the work that Django's `flush` is, and tables that no model maps, too."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)


TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[attr-defined]

_find_files = WhiteNoiseMiddleware.add_files_from_finders
_found: dict[str, dict[str, Any]] = {}


def _find_files_once(self: WhiteNoiseMiddleware) -> None:
    """Each of Django's test clients starts the middleware anew, and the files on disk are what they were."""
    if self.static_prefix not in _found:
        _find_files(self)
        _found[self.static_prefix] = dict(self.files)
    self.files.update(_found[self.static_prefix])


WhiteNoiseMiddleware.add_files_from_finders = _find_files_once


def _models_when_asked_for(state: ProjectState) -> Any:
    """Django makes classes of all models anew after each step of a migration; those of ours are SQL and ask for none.

    What is migrated in a process of its own does as Django does.
    """
    return SimpleLazyObject(lambda: StateApps(list(state.real_apps), state.models))


ProjectState.apps = property(_models_when_asked_for, fdel=lambda _: None)  # type: ignore[assignment, method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is made of thousands of tests stays: to look for garbage in it again and again takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(scope="session")
def snowflake_server() -> Iterator[LocalSnowflake]:
    """The local Snowflake: one process for the whole run."""
    with LocalSnowflake() as server:
        yield server


@pytest.fixture
def snowflake(snowflake_server: LocalSnowflake) -> Iterator[Snowflake]:
    """A fresh database on the local Snowflake; faults are cleared afterwards."""
    fresh = Snowflake(snowflake_server, f"TEST_{uuid.uuid4().hex[:12].upper()}")
    yield fresh
    fresh.close()


@pytest.fixture
def handlers() -> Iterator[None]:
    """Those of signals are put back."""
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A web server that channels of alerts may send to."""
    with receiving() as started:
        settings.ALERT_HOSTS = [f"http://127.0.0.1:{started.port}"]
        yield started
