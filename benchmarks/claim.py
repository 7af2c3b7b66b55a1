"""What a claim touches, with few items in the queue and with millions, in the buffers of its very statements.

Buffers, unlike times, do not depend on what else the machine does: one round is enough. Beside them stands the
processor time of PostgreSQL.
"""

import json
import subprocess
import sys

from benchmarks.common import Figure, at_most, reported
from benchmarks.installation import installation

WAITING = 5_000_000
OTHERS = 100_000
DEAD = 150_000
# Case: what it is measured against, the bar, and what it is.
_CASES = {
    "waiting": ("few", 1.25, f"{WAITING:,} items waiting"),
    "delayed": ("few", 1.5, f"as well as {OTHERS:,} that are not due yet"),
    "paused": ("few", 1.5, f"as well as {OTHERS:,} of a paused destination"),
    "spread_many": (
        "spread_few",
        1.5,
        f"10,000 destinations, and one with {OTHERS:,} batch keys, against 10 and 1,000",
    ),
    "dead": ("few", 1.4, f"{DEAD:,} dead entries, of items completed while another transaction held an old snapshot"),
    "dead_small": ("few", 1.4, "as well as those of 5,000 claims of 5 items"),
}


def measure(rounds: int) -> list[Figure]:
    """Buffers against those of the case with few."""
    del rounds
    with installation("") as installed:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.claiming", str(WAITING), str(OTHERS), str(DEAD)],
            env=installed.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            stdout=subprocess.PIPE,
            check=True,
        )
    found = json.loads(done.stdout)
    few = found["few"]
    detail = f"of a claim of 5 items, its 5 updates included; {few['ms']:.2f} ms of processor time"
    return [
        reported("claim cost: 1,000 items waiting", few["buffers"], "buffers", detail),
        *(
            at_most(
                f"claim cost: {case}, ÷ {against}",
                found[case]["buffers"] / found[against]["buffers"],
                "×",
                bar,
                f"{found[case]['buffers']:.0f} buffers, {found[case]['ms']:.2f} ms; {what}",
            )
            for case, (against, bar, what) in _CASES.items()
        ),
        *(
            at_most(
                f"claims until another user's new item is claimed, {free} free threads",
                found[f"hogged_{free}"]["claims"],
                "claims",
                2,
                "while one user has 1,000,000 items waiting in 400 destinations",
            )
            for free in (1, 50)
        ),
    ]
