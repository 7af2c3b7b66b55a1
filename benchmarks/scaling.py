"""One, two and four worker processes, with a Snowflake that answers each statement after 200 ms.

The workers run and are logged in; then their executions complete in one transaction, as many for each worker whatever
their number, and the clock runs until the last one is loaded.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.answering import Answering
from benchmarks.common import Figure, at_least, ratio_of_pairs, reported
from benchmarks.installation import Installation, installation
from benchmarks.workers import Workers, cpu_of, workers

_DELAY = 0.2
_EACH = 120
_BARS = {2: 1.95, 4: 3.8}


@dataclass(frozen=True, slots=True)
class _Run:
    """A round with so many workers: executions a second, and the cores that were busy meanwhile."""

    rate: float
    worker_cores: float
    postgres_cores: float
    answering_cores: float


def measure(rounds: int) -> list[Figure]:
    """Rates of two and four processes over that of one."""
    counts = (1, *_BARS)
    runs: dict[int, list[_Run]] = {count: [] for count in counts}
    with Answering(_DELAY) as answering:
        for number in range(rounds):
            for count in counts if number % 2 == 0 else reversed(counts):
                with installation(answering.endpoint) as installed, workers(installed, count) as running:
                    runs[count].append(_run(installed, running, count))
    one = runs[1]
    alone = reported("one worker process, 200 ms an answer", _median_rate(one), "executions/s", _told(one))
    return [alone, *(_figure(count, runs[count], one, bar) for count, bar in _BARS.items())]


def _run(installed: Installation, running: Workers, count: int) -> _Run:
    # Everybody logs in: five executions at once keep each of a worker's threads busy.
    warm_up = 10 * count
    installed.complete(warm_up)
    running.wait_until(lambda: installed.completed() == warm_up)
    executions = _EACH * count
    before = _cpu(installed, running)
    started = time.monotonic()
    installed.complete(executions)
    running.wait_until(lambda: installed.completed() == warm_up + executions, every=0.05)
    seconds = time.monotonic() - started
    busy = [(after - earlier) / seconds for after, earlier in zip(_cpu(installed, running), before, strict=True)]
    return _Run(executions / seconds, *busy)


def _cpu(installed: Installation, running: Workers) -> tuple[float, float, float]:
    return running.cpu(), installed.postgres_cpu(), cpu_of("benchmarks.answering")


def _figure(count: int, runs: Sequence[_Run], one: Sequence[_Run], bar: float) -> Figure:
    ratio = ratio_of_pairs([(run.rate, alone.rate) for run, alone in zip(runs, one, strict=True)])
    detail = f"{ratio.spread}; {_median_rate(runs):.1f} executions/s; {_told(runs)}"
    return at_least(f"{count} worker processes ÷ one, 200 ms an answer", ratio.median, "times", bar, detail)


def _median_rate(runs: Sequence[_Run]) -> float:
    return statistics.median(run.rate for run in runs)


def _told(runs: Sequence[_Run]) -> str:
    cores = [
        statistics.median(run.worker_cores for run in runs),
        statistics.median(run.postgres_cores for run in runs),
        statistics.median(run.answering_cores for run in runs),
    ]
    return "cores busy: {:.2f} workers, {:.2f} PostgreSQL, {:.2f} stand-in".format(*cores)
