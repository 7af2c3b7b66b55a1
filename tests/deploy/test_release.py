"""`make release`: what is published of a commit."""

import json
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.deploy.engine import ROOT, ran

# Nothing is to be installed in a clone: it has this environment.
_MAKE = ["make", "--old-file", ".venv/.dev-installed", "release"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    if not (ROOT / ".git").exists():
        pytest.skip("there is no history here")
    ran(["git", "clone", "--quiet", "--shared", ROOT, tmp_path / "clone"])
    (tmp_path / "clone" / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path / "clone"


def test_archive_contents_and_checksums(clone: Path) -> None:
    ran([*_MAKE, "-C", clone])
    made = clone / "build" / "release"
    assert ran(["sh", "-euc", f"cd '{made}'; sha256sum --check SHA256SUMS"]).count(": OK") == 2
    (archive,) = made.glob("universal-snowflake-sync-*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert names >= {"manage.py", "Dockerfile", "compose.yaml", "requirements/production.txt", "LICENSE"}
    assert not names & {".env", ".venv", "build"}

    (materials,) = made.glob("*.cdx.json")
    locked = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / "production.txt").read_text(), re.MULTILINE)
    found = json.loads(materials.read_text())
    assert sorted((each["name"], each["version"]) for each in found["components"]) == sorted(locked)
    assert found["metadata"]["component"]["name"] == "universal-snowflake-sync"


def test_what_is_not_committed_is_not_released(clone: Path) -> None:
    (clone / "new").touch()
    done = subprocess.run([*_MAKE, "-C", clone], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Commit first" in done.stdout
