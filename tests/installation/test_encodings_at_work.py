"""A database in another encoding than UTF8: what it cannot hold of an error's text keeps nothing from going on."""

import pytest

from tests.conftest import Snowflake
from tests.installation.app import ANN, REPORT
from tests.installation.at_work import Installation
from tests.installation.server import Server
from tests.long import first

_APPLICATION = f"""
INSERT INTO users (id, email) VALUES ('{ANN}', 'zoë@example.com');
INSERT INTO workflows (id, workflow_id, name, user_id) VALUES ('{REPORT}', 'w', 'Übersicht', '{ANN}');
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows)
VALUES ('new', '{REPORT}', 'completed', '[{{"name": "größe", "type": "integer"}}]', '[[1]]')
"""
_ITEM = "SELECT status, error_code FROM snowflake_sync_queue"
_TOLD = "SELECT coalesce(breaker_reason, error_message) FROM snowflake_sync_queue, snowflake_sync_destination_states"
_AGAIN = """
UPDATE ONLY snowflake_sync_queue SET run_after = now();
UPDATE snowflake_sync_destination_states SET breaker_until = now()
"""


@pytest.fixture
def installed(server: Server, snowflake: Snowflake) -> Installation:
    return Installation(server.installed(encoding="LATIN1"), snowflake)


@pytest.mark.parametrize(("code", "ours"), first(1, [("099999", "refused_unknown"), ("000666", "account_suspended")]))
def test_an_error_that_quotes_letters_of_another_script(code: str, ours: str, installed: Installation) -> None:
    installed.database.run(_APPLICATION, installed.database.owner)
    installed.destination(ANN)
    installed.snowflake.server.inject("COPY", "error", code=code, message="売上 … café", times=1)
    _, said = installed.manage("run_sync_worker", "--once")
    assert installed.rows(_ITEM) == [("pending", ours)], said
    ((told,),) = installed.rows(_TOLD)
    assert told.endswith("?? ? café.")
    installed.database.run(_AGAIN)
    exit_code, said = installed.manage("run_sync_worker", "--once")
    assert (exit_code, installed.rows(_ITEM)) == (0, [("completed", None)]), said
