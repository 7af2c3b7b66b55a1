"""From the commit that completes an execution to its rows in Snowflake, on an idle system.

A worker with its usual settings runs; executions complete one at a time, at random moments of its probe interval. Time
runs from the return of the commit until the execution says `completed`, which it does after COPY has counted the rows.
"""

import statistics
import time
from dataclasses import dataclass
from random import Random

from benchmarks.common import Figure, at_most
from benchmarks.installation import Installation, installation
from benchmarks.workers import Workers, workers
from sandbox.snowflake.client import LocalSnowflake

_WARM_UP = 5
_A_ROUND = 16
_P50, _P95 = 0.3, 0.5

# Its last attempt's beginning, on the same machine's clock.
_BEGAN = "SELECT extract(epoch FROM max(started_at))::float FROM snowflake_sync_attempts"


@dataclass(frozen=True, slots=True)
class _Sample:
    """Seconds from the commit until a worker began, and until the execution was told that it is loaded."""

    begun: float
    loaded: float


def measure(rounds: int) -> list[Figure]:
    """The median and the 95th percentile of at least 64 executions."""
    random = Random(1)
    with LocalSnowflake() as server, installation(server.endpoint) as installed, workers(installed, 1) as running:
        for _ in range(_WARM_UP):
            _sample(installed, running, random)
        samples = [_sample(installed, running, random) for _ in range(max(rounds, 4) * _A_ROUND)]
    seconds = [sample.loaded for sample in samples]
    begun = statistics.median(sample.begun for sample in samples)
    detail = (
        f"{len(samples)} executions of 100 rows, {min(seconds):.2f} to {max(seconds):.2f} s; a worker began after "
        f"{begun:.2f} s in the median; {_WARM_UP} more before them, which log in and make the stage, left out"
    )
    return [
        at_most("commit to loaded, idle, median", statistics.median(seconds), "s", _P50, detail),
        at_most("commit to loaded, idle, 95th percentile", statistics.quantiles(seconds, n=20)[18], "s", _P95, detail),
    ]


def _sample(installed: Installation, running: Workers, random: Random) -> _Sample:
    time.sleep(random.uniform(0.5, 1.5))
    expected = installed.completed() + 1
    installed.complete(1)
    committed = time.time()
    running.wait_until(lambda: installed.completed() == expected, every=0.005)
    loaded = time.time() - committed
    return _Sample(installed.ask(_BEGAN)[0][0] - committed, loaded)
