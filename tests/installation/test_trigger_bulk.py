"""A lock that one row waited for is not waited for by each row of a bulk update."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.installation.server import Database, Server
from tests.installation.test_trigger_harmless import SOON, held
from tests.installation.triggered import Session, triggered

ROWS = 30


@pytest.fixture
def database(server: Server, django_db_blocker: Any) -> Iterator[Database]:
    with django_db_blocker.unblock():
        made = triggered(server)
    yield made
    server.drop(made)


def test_one_transaction_waits_once(database: Database) -> None:
    with Session(database) as app:
        for number in range(ROWS):
            app.start(f"bulk-{number}")
        with held(database, "LOCK TABLE snowflake_sync_queue IN SHARE MODE"):
            began = time.monotonic()
            app.run("UPDATE workflow_executions SET status = 'completed'")
            assert time.monotonic() - began < SOON
        assert len(app.warnings) == 1
        app.run("UPDATE workflow_executions SET status = 'running'")
        app.run("UPDATE workflow_executions SET status = 'completed'")
        assert len(app.warnings) == 1
    assert database.rows("SELECT count(*) FROM snowflake_sync_queue") == [(ROWS,)]
