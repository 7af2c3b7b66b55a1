"""Zones are known by all names that browsers give, whatever the system has."""

import subprocess
import sys

from tests.processes import environment

_ASKED = """
import django; django.setup()
from sync.web.shared import known_zones, offered_zones
from sync.web.shared.zone import Zone
for old in ("US/Pacific", "Asia/Calcutta", "Europe/Kiev", "Etc/GMT+5", "GB"):
    assert old in known_zones() and Zone(old).key == old, old
assert "Europe/Berlin" in offered_zones() and "GB" not in offered_zones()
"""


def test_the_names_of_old_are_known_where_the_system_has_no_zones() -> None:
    """Debian's package of zones has them in another one; an image may have neither."""
    done = subprocess.run(
        [sys.executable, "-c", _ASKED],
        env=environment() | {"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
