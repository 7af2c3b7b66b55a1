"""A dump of the data alone is put back as docs/operations.md says."""

import os
import re
import subprocess
from pathlib import Path

from sandbox.postgres import POSTGRES_VERSIONS
from tests.installation.app import ANN, DOCUMENTED_CONFIGURATION
from tests.installation.databases import NewDatabase

_DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
_STORED = """
SELECT execution_id, breaker_state, (SELECT count(*) FROM django_migrations)
FROM snowflake_sync_queue, snowflake_sync_destination_states
"""
_FILL = f"""
INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@example.com');
INSERT INTO workflow_executions (execution_id, status) VALUES ('e', 'completed');
{DOCUMENTED_CONFIGURATION.replace("%(user)s", f"'{ANN}'")};
UPDATE snowflake_sync_destination_states SET breaker_state = 'open';
"""


def test_data_alone_is_put_back(new_database: NewDatabase) -> None:
    old, new = new_database(installed=True), new_database(installed=True)
    old.run(_FILL)
    before = old.rows(_STORED)
    assert [row[:2] for row in before] == [("e", "open")]
    (printed,) = re.findall(r"```sh\n(psql [^`]*--data-only[^`]*)```", _DOCUMENT.read_text(encoding="utf-8"))
    environment = old.environment()
    where = {
        "PATH": f"{POSTGRES_VERSIONS[18]}:{os.environ['PATH']}",
        "OLD": f"dbname={old.name}",
        "NEW": f"dbname={new.name}",
    }
    command = ["bash", "-euo", "pipefail", "-c", printed]
    done = subprocess.run(command, env=environment | where, capture_output=True, text=True, check=False)
    # A token may have been made with another, which pg_dump warns of; COPY looks at its end whether they are all there.
    told = done.stderr.replace("\n", " ")
    assert done.returncode == 0, told
    assert re.fullmatch(r"(pg_dump: warning: there are circular foreign-key constraints.*)?", told), told
    assert new.rows(_STORED) == before
