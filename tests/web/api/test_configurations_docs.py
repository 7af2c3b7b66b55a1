"""The curl lines of docs/api.md about configurations work as printed, from the first to the last."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import ApiToken, SnowflakeConfiguration
from tests.world import World

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text()
SECTION = DOCUMENT[DOCUMENT.index("\n## Configurations") : DOCUMENT.index("\n## In Python")]
BLOCKS = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_curl_lines_work_as_printed(world: World, live_server: LiveServer, tmp_path: Path) -> None:
    SnowflakeConfiguration.objects.all().delete()
    token = ApiToken.objects.create(world.user)[1]
    (tmp_path / ".curlrc").write_text("fail-with-body\nsilent\n")
    said = []
    for block in BLOCKS:
        made = SnowflakeConfiguration.objects.first()
        lines = block.replace("https://sync.example.com", live_server.url).replace("Bearer TOKEN", f"Bearer {token}")
        lines = re.sub(r"/ID\b", f"/{made.pk if made else ''}", lines)
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", lines],
            env={"CURL_HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, f"{block}\n{run.stdout}\n{run.stderr}"
        said.append(run.stdout)
    everything = "\n".join(said)
    for expected in ("SET RSA_PUBLIC_KEY='MII", "\nUSE ROLE ACCOUNTADMIN;\n", '"ok":true', '"activated":true'):
        assert expected in everything, expected
    # The last line deletes it.
    assert not SnowflakeConfiguration.objects.exists()
    assert "/ID" in SECTION
