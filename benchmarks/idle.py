"""What workers with nothing to do cost PostgreSQL: a hundred processes with their usual settings, against none."""

import time
from dataclasses import dataclass

from benchmarks.common import Figure, reported
from benchmarks.installation import Installation, installation
from benchmarks.workers import Workers, workers

WORKERS = 100
_SECONDS = 60.0
# Until their first full passes are over.
_SETTLE = 45.0
_TRANSACTIONS = """
SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()
"""


@dataclass(frozen=True, slots=True)
class _Load:
    """A second's share: of a core in PostgreSQL, of a core in the workers, and transactions."""

    postgres: float
    workers: float
    transactions: float


def measure(rounds: int) -> list[Figure]:
    """The share of a core; a minute each, whatever `rounds` says."""
    del rounds
    with installation("http://localhost:1") as installed:
        none = _watch(installed, None)
        with workers(installed, WORKERS) as running:
            time.sleep(_SETTLE)
            many = _watch(installed, running)
    detail = (
        f"{many.transactions:.0f} transactions/s; {none.postgres:.2%} without workers; the workers themselves take "
        f"{many.workers:.1%} of a core together; heartbeats and full passes included"
    )
    share = (many.postgres - none.postgres) * 100
    return [reported(f"idle: {WORKERS} workers, PostgreSQL's processor time", share, "% of a core", detail)]


def _watch(installed: Installation, running: Workers | None) -> _Load:
    """What a minute takes."""
    started = time.monotonic()
    before = _used(installed, running)
    time.sleep(_SECONDS)
    took = time.monotonic() - started
    postgres, own, transactions = (
        (now - then) / took for now, then in zip(_used(installed, running), before, strict=True)
    )
    return _Load(postgres, own, transactions)


def _used(installed: Installation, running: Workers | None) -> tuple[float, float, float]:
    own = running.cpu() if running else 0.0
    return installed.postgres_cpu(), own, float(installed.ask(_TRANSACTIONS)[0][0])
