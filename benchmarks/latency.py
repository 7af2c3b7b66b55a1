"""From the commit that completes an execution to its rows in Snowflake, on an idle system.

A worker with its usual settings runs; executions complete one at a time, at random moments of its probe interval. Time
runs from the return of the commit until the execution says `completed`, which it does after COPY has counted the rows.
In the same time the worker's processor time is taken: what one load costs that no other shares its claim with, with all
that the worker does beside it.
"""

import statistics
import time
from dataclasses import dataclass
from random import Random

from benchmarks.common import Figure, at_most
from benchmarks.installation import Installation, installation
from benchmarks.peers import bare_connector
from benchmarks.workers import Workers, workers
from sandbox.snowflake.client import LocalSnowflake

_WARM_UP = 5
_A_ROUND = 16
_P50, _P95 = 0.3, 0.5
_PROCESSOR = 15

# Its last attempt's beginning, on the same machine's clock.
_BEGAN = "SELECT extract(epoch FROM max(started_at))::float FROM snowflake_sync_attempts"


@dataclass(frozen=True, slots=True)
class _Sample:
    """Seconds from the commit until a worker began, until it is `completed`, and of the worker's processor."""

    begun: float
    loaded: float
    cpu: float


def measure(rounds: int) -> list[Figure]:
    """The median and the 95th percentile of at least 64 executions."""
    random = Random(1)
    with LocalSnowflake() as server, installation(server.endpoint) as installed:
        installed.loads_alone()
        with workers(installed, 1) as running:
            for _ in range(_WARM_UP):
                _sample(installed, running, random)
            samples = [_sample(installed, running, random) for _ in range(max(rounds, 4) * _A_ROUND)]
        least = bare_connector.processor_time(installed, _A_ROUND) * 1000
    seconds = [sample.loaded for sample in samples]
    # A sample's own is counted in hundredths of a second: too coarse for a median.
    cpu = statistics.mean(sample.cpu for sample in samples) * 1000
    begun = statistics.median(sample.begun for sample in samples)
    detail = (
        f"{len(samples)} executions of 100 rows, {min(seconds):.2f} to {max(seconds):.2f} s; a worker began after "
        f"{begun:.2f} s in the median; {_WARM_UP} more before them, which log in and make the stage, left out"
    )
    return [
        at_most("commit to loaded, idle, median", statistics.median(seconds), "s", _P50, detail),
        at_most("commit to loaded, idle, 95th percentile", statistics.quantiles(seconds, n=20)[18], "s", _P95, detail),
        at_most(
            "a worker's processor time for a load alone",
            cpu,
            "ms",
            _PROCESSOR,
            f"mean; the connector's own: {least:.1f} ms",
        ),
    ]


def _sample(installed: Installation, running: Workers, random: Random) -> _Sample:
    time.sleep(random.uniform(0.5, 1.5))
    expected = installed.completed() + 1
    installed.complete(1)
    committed, used = time.time(), running.cpu()
    running.wait_until(lambda: installed.completed() == expected, every=0.005)
    loaded = time.time() - committed
    return _Sample(installed.ask(_BEGAN)[0][0] - committed, loaded, running.cpu() - used)
