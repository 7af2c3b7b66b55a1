"""What Prometheus collects: everything from PostgreSQL, so that it is the same whichever process is asked.

Counters and histograms are sums that sync.reporting.history keeps for ever: pruning does not make them go down. They
come some seconds after what they count. Labels are of a few known values; no destination, no user, no execution is a
label.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Sum
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from sync.errors import CATALOGUE
from sync.models import SyncQueueItem, SyncWorker
from sync.postgres import fetch, read_sql
from sync.reporting import history
from sync.reporting.counts import Scope
from sync.reporting.destinations import destinations
from sync.reporting.workers import alive, count_workers

_ATTEMPTS, _LATENCIES, _DESTINATIONS = read_sql(__file__, "attempts", "latencies", "destinations")
OUTCOMES = ("completed", "retry", "failed", "skipped", "released", "rescued", "refused", "paused")
# A code that the catalogue does not have: an earlier version's, or somebody's own.
OTHER = "other"
_TROUBLE = ("failed", "retry", "paused")


class SyncCollector(Collector):
    """Asks PostgreSQL at each collection."""

    def collect(self) -> Iterator[Metric]:
        """All families, those without a sample too. It only reads: the workers add up what is past."""
        now, past_at = history.clock()
        yield from _queue(now)
        yield from _attempts()
        yield from _latencies()
        yield from _destinations()
        yield from _workers(now)
        as_of = GaugeMetricFamily(
            "snowflake_sync_history_timestamp_seconds", "As of when counters and histograms are, in Unix time."
        )
        as_of.add_metric([], past_at.timestamp())
        yield as_of


def _queue(now: datetime) -> Iterator[Metric]:
    counts = Scope().counted(make=False)
    items = GaugeMetricFamily("snowflake_sync_items", "Items in the queue, by status.", labels=["status"])
    for status in SyncQueueItem.Status.values:
        items.add_metric([status], counts.total(status))
    yield items
    lag = GaugeMetricFamily(
        "snowflake_sync_oldest_due_seconds",
        "How long the oldest item that could be loaded has been waiting; not those of paused destinations.",
    )
    lag.add_metric([], destinations(Scope(), counts, now).lag)
    yield lag


def _attempts() -> Iterator[Metric]:
    lines = fetch(_ATTEMPTS)
    attempts = CounterMetricFamily("snowflake_sync_attempts", "Attempts that ended, by outcome.", labels=["outcome"])
    for outcome in OUTCOMES:
        attempts.add_metric([outcome], sum(line[2] for line in lines if line[0] == outcome))
    yield attempts
    yield _failures(lines)
    sums = {
        "rows": ("Rows loaded.", 3),
        "bytes": ("Bytes of staged files loaded, compressed.", 4),
        "statements": ("Statements sent to Snowflake.", 5),
    }
    for name, (meaning, place) in sums.items():
        family = CounterMetricFamily(f"snowflake_sync_{name}", meaning)
        family.add_metric([], float(sum(line[place] or 0 for line in lines)))
        yield family
    alone = {
        "rescues": ("Items taken from workers that had died.", "rescued"),
        "stale_finishes": ("Finishes that were refused because the claim was lost.", "refused"),
    }
    for name, (meaning, outcome) in alone.items():
        family = CounterMetricFamily(f"snowflake_sync_{name}", meaning)
        family.add_metric([], sum(line[2] for line in lines if line[0] == outcome))
        yield family


def _failures(lines: Sequence[tuple[Any, ...]]) -> Metric:
    family = CounterMetricFamily(
        "snowflake_sync_failures",
        "Attempts that ended with an error, by its code and what followed: failed for good, a retry, a pause.",
        labels=["code", "outcome"],
    )
    counts: dict[tuple[str, str], int] = {}
    for outcome, code, count, *_ in lines:
        if outcome in _TROUBLE:
            key = (_known(code), outcome)
            counts[key] = counts.get(key, 0) + count
    for labels, count in sorted(counts.items()):
        family.add_metric(labels, count)
    return family


def _latencies() -> Iterator[Metric]:
    kinds = {
        "claim": ("snowflake_sync_claim_wait_seconds", "From due to claimed by a worker."),
        "load": ("snowflake_sync_load_seconds", "From claimed to loaded, of completed attempts."),
    }
    rows = fetch(_LATENCIES)
    for kind, (name, meaning) in kinds.items():
        counts = {bound: count for of_kind, bound, count, _ in rows if of_kind == kind}
        below, buckets = 0, []
        for bound in (*history.BOUNDS, float("inf")):
            below += counts.get(bound, 0)
            buckets.append(("+Inf" if bound == float("inf") else str(bound), below))
        family = HistogramMetricFamily(name, meaning)
        family.add_metric([], buckets, sum(seconds for of_kind, _, _, seconds in rows if of_kind == kind))
        yield family


def _destinations() -> Iterator[Metric]:
    lines = fetch(_DESTINATIONS)
    states = GaugeMetricFamily("snowflake_sync_destinations", "Destinations, by state.", labels=["state"])
    for state in ("working", "paused", "off"):
        states.add_metric([state], sum(count for found, _, count in lines if found == state))
    yield states
    paused = GaugeMetricFamily(
        "snowflake_sync_destinations_paused", "Paused destinations, by the code of the reason.", labels=["code"]
    )
    counts: dict[str, int] = {}
    for state, code, count in lines:
        if state == "paused":
            counts[_known(code)] = counts.get(_known(code), 0) + count
    for code, count in sorted(counts.items()):
        paused.add_metric([code], count)
    yield paused


def _workers(now: datetime) -> Iterator[Metric]:
    counted = count_workers(now)
    states = GaugeMetricFamily(
        "snowflake_sync_workers", "Worker processes, by state; those held back live, too.", labels=["state"]
    )
    states.add_metric(["live"], counted.live)
    states.add_metric(["held_back"], counted.held_back)
    states.add_metric(["silent"], counted.silent)
    yield states
    in_flight = GaugeMetricFamily("snowflake_sync_in_flight", "Items that live workers are loading.")
    in_flight.add_metric([], SyncWorker.objects.filter(alive(now)).aggregate(all=Sum("in_flight"))["all"] or 0)
    yield in_flight


def _known(code: str) -> str:
    return code if code in CATALOGUE else OTHER
