"""The worker's peak memory for a large result over that for one of a tenth of its rows."""

from benchmarks.common import Figure, at_most, ratio_of
from benchmarks.installation import installation
from benchmarks.workers import workers
from sandbox.snowflake.client import LocalSnowflake

_SMALL, _LARGE = 30_000, 300_000


def measure(rounds: int) -> list[Figure]:
    """Each load by a fresh worker; two rounds are enough for a figure that hardly varies."""
    with LocalSnowflake() as server:
        ratio = ratio_of(lambda: _peak(server, _LARGE), lambda: _peak(server, _SMALL), min(rounds, 2))
    detail = (
        f"{ratio.spread}; {ratio.candidate / 1024:.0f} MiB for {_LARGE:,} rows of 12 columns, "
        f"{ratio.control / 1024:.0f} MiB for {_SMALL:,}"
    )
    return [at_most("peak memory of a worker, 300,000 rows ÷ 30,000", ratio.median, "times", 1.05, detail)]


def _peak(server: LocalSnowflake, rows: int) -> float:
    """KiB, once the result is loaded."""
    with installation(server.endpoint) as installed, workers(installed, 1) as running:
        installed.complete(1, rows=rows)
        running.wait_until(lambda: installed.completed() == 1)
        return running.peak_memory()
