"""The metrics that Prometheus collects: all from PostgreSQL, so that every process gives the same answer.

Counters and histograms are sums that sync.reporting.history keeps for ever: pruning does not make them go down. An
attempt is in them some seconds after it ended. Labels have a few known values; no destination, user or execution is a
label.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from sync.errors import CATALOGUE
from sync.models import SyncQueueItem
from sync.postgres import fetch, read_sql
from sync.reporting import history
from sync.reporting.counts import Scope
from sync.reporting.destinations import destinations
from sync.reporting.workers import count_in_flight, count_workers

_ATTEMPTS, _LATENCIES, _DESTINATIONS, _ALERTS, _FINDINGS, _MESSAGES, _CATALOGUES = read_sql(
    __file__, "attempts", "latencies", "destinations", "alerts", "findings", "messages", "catalogues"
)
OUTCOMES = ("completed", "retry", "failed", "skipped", "released", "rescued", "refused", "paused", "removed")
# Stands for a code that the catalogue lacks: an earlier version's, or one that somebody wrote by hand.
OTHER = "other"
_FAILURES = ("failed", "retry", "paused")
_HISTOGRAMS = {
    "claim": ("snowflake_sync_claim_wait_seconds", "From due to claimed by a worker."),
    "load": ("snowflake_sync_load_seconds", "From claimed to loaded, of completed attempts."),
}


class SyncCollector(Collector):
    """Asks PostgreSQL at each collection."""

    def collect(self) -> Iterator[Metric]:
        """All families, also those without a sample. Only reads: the workers add up attempts."""
        now, as_of = history.clock()
        yield from _queue(now)
        yield from _attempts()
        yield from _latencies()
        yield from _destinations()
        yield from _workers(now)
        yield from _alerts()
        yield _gauge(
            "findings", "What is otherwise in Snowflake than it was loaded, by kind.", dict(fetch(_FINDINGS)), "kind"
        )
        yield _gauge(
            "catalogue_changes", "Changes that catalogues in Snowflake do not say yet.", fetch(_CATALOGUES)[0][0]
        )
        yield _gauge(
            "history_timestamp_seconds", "As of when counters and histograms are, in Unix time.", as_of.timestamp()
        )


def _family(
    kind: type[CounterMetricFamily | GaugeMetricFamily],
    name: str,
    meaning: str,
    value: float | Mapping[str, float] | Mapping[tuple[str, ...], float],
    *labels: str,
) -> Metric:
    """One sample, or one for each of the labels' values."""
    family = kind(f"snowflake_sync_{name}", meaning, labels=labels)
    for key, number in value.items() if isinstance(value, Mapping) else [((), value)]:
        family.add_metric([key] if isinstance(key, str) else key, number)
    return family


_counter = partial(_family, CounterMetricFamily)
_gauge = partial(_family, GaugeMetricFamily)


def _queue(now: datetime) -> Iterator[Metric]:
    counts = Scope().counted(make=False)
    items = {status: counts.total(status) for status in SyncQueueItem.Status.values}
    yield _gauge("items", "Items in the queue, by status.", items, "status")
    yield _gauge(
        "oldest_due_seconds",
        "How long the oldest item that could be loaded has been waiting; not those of paused destinations.",
        destinations(Scope(), counts, now).lag,
    )


def _attempts() -> Iterator[Metric]:
    lines = fetch(_ATTEMPTS)
    outcomes, failures = Counter(dict.fromkeys(OUTCOMES, 0)), Counter[tuple[str, ...]]()
    for outcome, code, count, *_ in lines:
        outcomes[outcome] += count
        if outcome in _FAILURES:
            failures[_known(code), outcome] += count
    yield _counter(
        "attempts", "Attempts that ended, by outcome.", {each: outcomes[each] for each in OUTCOMES}, "outcome"
    )
    yield _counter(
        "failures",
        "Attempts that ended with an error, by its code and what followed: failed for good, a retry, a pause.",
        dict(sorted(failures.items())),
        "code",
        "outcome",
    )
    yield _counter("rows", "Rows loaded.", sum(line[3] for line in lines))
    yield _counter("bytes", "Bytes of staged files loaded, compressed.", sum(line[4] for line in lines))
    yield _counter("statements", "Statements sent to Snowflake.", sum(line[5] for line in lines))
    yield _counter("rescues", "Items taken from workers that had died.", outcomes["rescued"])
    yield _counter("stale_finishes", "Finishes that were refused because the claim was lost.", outcomes["refused"])


def _latencies() -> Iterator[Metric]:
    rows = fetch(_LATENCIES)
    for kind, (name, meaning) in _HISTOGRAMS.items():
        counts = {bound: count for of_kind, bound, count, _ in rows if of_kind == kind}
        below, buckets = 0, []
        for bound in (*history.BOUNDS, float("inf")):
            below += counts.get(bound, 0)
            buckets.append(("+Inf" if bound == float("inf") else str(bound), below))
        family = HistogramMetricFamily(name, meaning)
        family.add_metric([], buckets, sum(seconds for of_kind, _, _, seconds in rows if of_kind == kind))
        yield family


def _destinations() -> Iterator[Metric]:
    states, codes = Counter({"working": 0, "untried": 0, "paused": 0, "off": 0}), Counter[str]()
    for state, code, count in fetch(_DESTINATIONS):
        states[state] += count
        if state == "paused":
            codes[_known(code)] += count
    yield _gauge("destinations", "Destinations, by state.", states, "state")
    paused = dict(sorted(codes.items()))
    yield _gauge("destinations_paused", "Paused destinations, by the code of the reason.", paused, "code")


def _workers(now: datetime) -> Iterator[Metric]:
    yield _gauge(
        "workers", "Worker processes, by state; those held back live, too.", count_workers(now)._asdict(), "state"
    )
    yield _gauge("in_flight", "Items that live workers are loading.", count_in_flight(now))


def _alerts() -> Iterator[Metric]:
    yield _gauge("alerts", "Alerts that are open, by kind.", dict(fetch(_ALERTS)), "kind")
    waiting, in_vain, channels, looked_at = fetch(_MESSAGES)[0]
    messages = {"waiting": waiting, "in_vain": in_vain}
    yield _gauge("alert_messages", "Messages to be sent: waiting, or tried in vain so far.", messages, "state")
    yield _gauge("alert_channels_failing", "Channels whose last message was not taken.", channels)
    yield _gauge("alert_look_timestamp_seconds", "When conditions were last looked for, in Unix time.", looked_at)


def _known(code: str) -> str:
    return code if code in CATALOGUE else OTHER
