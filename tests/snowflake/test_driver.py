"""What surrounds the process has no say in how the connector connects."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
from sync.errors import SyncError
from sync.snowflake.session import Session
from sync.snowflake.session.credentials import AccessToken
from sync.snowflake.session.destination import Destination, Limits
try:
    Session(
        Destination("acme", "DB", "PUBLIC", "WH", AccessToken("t"), endpoint="http://127.0.0.1:9"),
        Limits(login=1, network=1, socket=1, statement=1),
    )
except SyncError as error:
    print(error)
"""


def test_a_broken_file_in_the_home_directory_does_not_matter(tmp_path: Path) -> None:
    settings = tmp_path / ".snowflake"
    settings.mkdir()
    (settings / "config.toml").write_text("broken = [")
    environment = {**os.environ, "HOME": str(tmp_path)}
    environment.pop("SNOWFLAKE_HOME", None)

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "Could not log in to Snowflake account acme" in done.stdout
    assert str(settings) not in done.stdout + done.stderr
