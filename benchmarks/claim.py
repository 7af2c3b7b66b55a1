"""What a claim touches, with few items in the queue and with millions, in the buffers of its very statement.

Buffers, unlike times, do not depend on what else the machine does: one round is enough.
"""

import json
import subprocess
import sys

from benchmarks.common import Figure, at_most, reported
from benchmarks.installation import installation

WAITING = 5_000_000
OTHERS = 100_000
DEAD = 150_000
_CASES = {
    "waiting": f"{WAITING:,} items waiting",
    "delayed": f"as well as {OTHERS:,} that are not due yet",
    "paused": f"as well as {OTHERS:,} of a paused destination",
    "dead": f"as well as {DEAD:,} dead entries, from items completed while another transaction held an old snapshot",
}


def measure(rounds: int) -> list[Figure]:
    """Buffers against those of the case with 1,000 items waiting."""
    del rounds
    with installation("") as installed:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.claiming", str(WAITING), str(OTHERS), str(DEAD)],
            env=installed.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            stdout=subprocess.PIPE,
            check=True,
        )
    buffers = json.loads(done.stdout)
    few = buffers.pop("few")
    return [
        reported("claim cost: 1,000 items waiting", few, "buffers", "of a claim of 5 items, its 5 updates included"),
        *(
            at_most(
                f"claim cost: {case}, ÷ 1,000 waiting", found / few, "×", 1.5, f"{found:.0f} buffers; {_CASES[case]}"
            )
            for case, found in buffers.items()
        ),
    ]
