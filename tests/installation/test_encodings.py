"""Databases of other encodings than UTF8: there, too, everything is made, an execution is queued, and nothing stays."""

from collections.abc import Iterator
from typing import Any

import pytest

from sync.installation.verify import check_installation
from tests.installation.server import Database, Server
from tests.installation.test_installation import DOWN


@pytest.fixture(params=[pytest.param("LATIN1", marks=pytest.mark.long), "SQL_ASCII"])
def database(request: pytest.FixtureRequest, server: Server, django_db_blocker: Any) -> Iterator[Database]:
    with django_db_blocker.unblock():
        made = server.encoded(request.param)
        yield made
        server.drop(made)


def test_up_and_down(database: Database) -> None:
    before = database.dump()
    database.migrate(verbosity=0)
    with database.as_django_database() as alias:
        assert [finding for finding in check_installation(alias) if not finding.ok] == []
    database.run(
        """INSERT INTO users (email) VALUES ('zoë@example.com');
        INSERT INTO workflows (workflow_id, name, user_id) SELECT 'w', 'Übersicht', id FROM users;
        INSERT INTO workflow_executions (execution_id, workflow_id, status)
        SELECT 'e', id, 'completed' FROM workflows""",
        database.owner,
    )
    assert database.rows("SELECT execution_id, status FROM snowflake_sync_queue") == [("e", "pending")]
    database.migrate(*DOWN, verbosity=0)
    assert database.dump() == before
