"""The worker: rescue, route, claim, load in a thread pool, heartbeat, stop.

One unit of work is `step`; the loop around it is trivial. Threads load, the main thread claims for no more threads than
are free, and a thread that gets free wakes it.
"""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import Error, connection

from sync import queue
from sync.postgres import Unquoted, explained, first_line, is_passing
from sync.queue import Line, ScanStart
from sync.reporting import history
from sync.results import Spool
from sync.snowflake.session import Limits, Pool
from sync.worker.aside import Aside
from sync.worker.attempt import Batch, by_thread, hand_back
from sync.worker.host import Host
from sync.worker.lease import Lease
from sync.worker.wakeup import Wakeup

logger = logging.getLogger(__name__)

PAGE = 500  # rows in one statement: the application waits for none of them for long
# Up to so many idle workers each look at the queue in their own interval; more workers share as many looks.
LOOKERS = 2
# Looks at the queue that may fail in a row before --once gives up.
GIVE_UP = 20
# Seconds that a worker which is to stay waits for PostgreSQL when it starts, and between two tries.
PATIENCE = 60.0
_AGAIN = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """Intervals in seconds.

    `statement`: how long one in a named transaction may take. `drain`: how long a stop waits for loads in flight before
    it hands them back.
    """

    concurrency: int = field(default_factory=lambda: settings.SYNC_MAX_CONCURRENT)
    check_interval: float = field(default_factory=lambda: settings.SYNC_CHECK_INTERVAL)
    probe_interval: float = field(default_factory=lambda: settings.SYNC_PROBE_INTERVAL)
    lease: float = field(default_factory=lambda: settings.SYNC_LEASE_SECONDS)
    statement: int = field(default_factory=lambda: settings.SYNC_STATEMENT_SECONDS)
    max_retries: int = field(default_factory=lambda: settings.SYNC_MAX_RETRIES)
    batch: int = field(default_factory=lambda: settings.SYNC_BATCH_SIZE)
    sweep_interval: float = 120.0
    idle: float = 600.0
    drain: float = 30.0


class Worker:
    """Claims and loads until it is told to stop, or, with `run_once`, until nothing is due."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.outcomes: Counter[str] = Counter()
        self._host = Host()
        self._lease = Lease(self.options.lease, self.options.concurrency, self._host)
        # A statement has to end before the lease can: a late one could load while another worker loads. One in a named
        # transaction need not, because the other worker sees to its end.
        limits = Limits.within(int(self._lease.longest_statement), fenced=self.options.statement)
        self._pool = Pool(limits)
        self.spool = Spool(Path(settings.SYNC_SPOOL_DIRECTORY) if settings.SYNC_SPOOL_DIRECTORY else None)
        self._threads = ThreadPoolExecutor(self.options.concurrency, thread_name_prefix="sync")
        self._aside = Aside(self._pool, lambda: self._lease.check(self._lease.worker_id))
        self._in_flight: set[Batch] = set()
        self._scan_start = ScanStart()
        self._line = Line()
        self._idle_workers = 1
        self._lock = threading.Lock()
        self._wakeup = Wakeup()
        self.stops = False
        self._next_full_pass = 0.0
        self._failures = 0
        self._refusal: Error | None = None
        # Whether no thread of it is left behind.
        self.drained = True

    @property
    def in_flight(self) -> int:
        """Items that are being loaded."""
        return sum(len(batch.claims) for batch in tuple(self._in_flight))

    def stop(self) -> None:
        """Claims no more; items in flight are finished, or handed back. Safe in a signal handler."""
        self.stops = True
        self._wakeup.call()

    def run(self) -> bool:
        """Works until stop(). Returns False if a load did not end in time and its thread is left behind."""
        return self._run(self._until_stopped, patience=PATIENCE)

    def run_once(self) -> bool:
        """Works until nothing is due: nothing to route, to claim, or in flight."""
        return self._run(self._until_nothing_is_due)

    def _run(self, loop: Callable[[], None], *, patience: float = 0.0) -> bool:
        with self.spool as spool:
            self._host.directory = spool.directory
            self._begin(patience)
            try:
                loop()
            finally:
                self.drained = False
                self.drained = self._drain()
        return self.drained

    def _begin(self, patience: float) -> None:
        """Registers, and waits for PostgreSQL, which may be starting, for at most `patience` seconds."""
        gives_up_at = time.monotonic() + patience
        while True:
            try:
                return self._lease.start()
            except Error as error:
                if not is_passing(error) or self.stops or time.monotonic() >= gives_up_at:
                    raise
                logger.warning("PostgreSQL is not ready, trying again: %s", explained(error) or first_line(error))
                connection.close()
                self._wakeup.wait(_AGAIN)

    def _until_stopped(self) -> None:
        while not self.stops:
            self.spool.touch()
            if not self._try(self.step):
                self._wakeup.wait(min(self._interval() * 2 ** min(self._failures, 6), 30.0))

    def _interval(self) -> float:
        """Seconds until the next look. A hundred idle workers look as often, together, as a few."""
        return self.options.probe_interval * max(1.0, self._idle_workers / LOOKERS) * random.uniform(0.75, 1.25)  # noqa: S311

    def _until_nothing_is_due(self) -> None:
        self._full_pass(sweep_interval=0.0)
        while not self.stops:
            idle = not self.in_flight
            if self._try(self.step):
                continue
            if self._refusal and self._failures > GIVE_UP:
                raise self._refusal
            if idle and not self._failures and not self._rescue_and_follow():
                self._aside.finish(self._wakeup.call)
                while self._aside.is_busy and not self.stops:
                    self._wakeup.wait(self.options.probe_interval)
                return
            self._wakeup.wait(self.options.probe_interval)

    def _try(self, work: Callable[[], object]) -> bool:
        """Whether the work says to go on at once. False if the database refused it; then it is tried again."""
        try:
            again = bool(work())
        except Error as error:
            self._failures += 1
            self._refusal = error
            logger.warning("PostgreSQL did not take it, trying again: %s", explained(error) or first_line(error))
            connection.close()
            return False
        self._failures = 0
        return again

    def step(self) -> bool:
        """One look at the queue: routes new items, claims for the free threads. True: go again at once."""
        if self._lease.has_lapsed:
            logger.warning("The lease was lost; registering again")
            self._lease.register()
        due = queue.probe(line=self._line, **self._scan_start.params)
        self._line.learn(due.turn, due.due_at)
        routed = self._route() if due.to_route else 0
        claimed = self._claim() if (due.to_claim or routed) and self._host.is_fit() else 0
        if time.monotonic() >= self._next_full_pass:
            self._full_pass(self.options.sweep_interval)
        self._aside.begin()
        return routed == PAGE or claimed > 0

    def _route(self) -> int:
        routed = queue.route(PAGE, max_retries=self.options.max_retries, **self._scan_start.params)
        self.outcomes["skipped"] += len(routed.skipped)
        self._scan_start.learn(routed, more=routed.items == PAGE)
        return routed.items

    def _full_pass(self, sweep_interval: float) -> None:
        """Does the work that is rarely needed, each part on its own: one that fails must not keep the others away."""
        self._next_full_pass = time.monotonic() + self.options.check_interval
        self._scan_start.forget()
        self._line.forget()
        self._pool.close_idle(self.options.idle)
        self._try(self._rescue_and_follow)
        self._try(lambda: self._sweep(sweep_interval))
        self._try(self._refresh_idle_workers)
        self._try(lambda: history.add_up(older=self.options.check_interval / 2))

    def _rescue_and_follow(self) -> bool:
        """Rescues items, and follows destinations that were switched on or off. True: some may be due now."""
        with self._lock:
            held = [claim.claim_token for batch in self._in_flight for claim in batch.claims]
        rescued = queue.rescue(lease_seconds=self.options.lease, worker_id=self._lease.worker_id, held=held, limit=PAGE)
        if rescued:
            logger.warning("Rescued %d items of workers that stopped", rescued)
        followed = queue.follow_destinations(PAGE)
        if followed.failed:
            logger.error("Failed %d items whose executions row-level security hides", followed.failed)
        if followed.skipped:
            logger.info("Skipped %d items of destinations that were switched off", followed.skipped)
        if followed.reopened:
            logger.info("Picked up %d items for destinations that became active", followed.reopened)
        return bool(queue.release_held().number or rescued or any(followed))

    def _sweep(self, interval: float) -> None:
        swept = queue.sweep(interval=interval)
        if swept and (swept.missing or swept.changed):
            logger.info("The sweep queued %d executions", swept.missing + swept.changed)

    def _refresh_idle_workers(self) -> None:
        self._idle_workers = queue.count_idle(lease_seconds=self.options.lease)

    def _claim(self) -> int:
        free = self.options.concurrency - len(self._in_flight)
        if free <= 0 or self.stops:
            return 0
        began = time.time_ns()
        claims = queue.claim(
            self._lease.worker_id,
            free,
            lease_seconds=self.options.lease,
            batch=self.options.batch,
            line=self._line,
        )
        if claims:
            logger.info("Processing %d universal Snowflake sync items", len(claims))
        ended = time.time_ns()
        guard = partial(self._lease.check, self._lease.worker_id)
        for members in by_thread(claims):
            batch = Batch(members, self._pool, guard, self._host, claimed=(began, ended))
            with self._lock:
                self._in_flight.add(batch)
                self._lease.in_flight = self.in_flight
            self._threads.submit(self._work, batch)
        return len(claims)

    def _work(self, batch: Batch) -> None:
        outcomes = ["unfinished"] * len(batch.claims)
        try:
            outcomes = batch.attempt()
        except Exception as error:
            # The pool would swallow the error. The items stay claimed, and are rescued as items that nobody holds.
            execution_id = batch.claims[0].execution_id
            logger.exception("Execution %s: the attempt could not be finished", execution_id, exc_info=Unquoted(error))
        finally:
            with self._lock:
                self._in_flight.discard(batch)
                self._lease.in_flight = self.in_flight
                self.outcomes.update(outcomes)
            self._wakeup.call()

    def _drain(self) -> bool:
        """Waits for the loads in flight; hands items back, uncounted, whose loads do not end in time; signs off."""
        if self.in_flight:
            logger.info("Stopping: waiting up to %.0f s for %d loads", self.options.drain, self.in_flight)
        if not self._wait_for_loads(self.options.drain):
            self._lease.stop_loads()
            self._wait_for_loads(self.options.drain / 6)
        with self._lock:
            left = tuple(self._in_flight)
        noted = hand_back(left)
        aside = self._aside.stop(self.options.drain / 6)
        self._close_connections(abandoned=bool(left))
        self._pool.close()
        self._lease.end(sign_off=noted)
        return aside and not left

    def _wait_for_loads(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.in_flight and (remaining := deadline - time.monotonic()) > 0:
            self._wakeup.wait(remaining)
        return not self.in_flight

    def _close_connections(self, *, abandoned: bool) -> None:
        """Each thread has a connection to PostgreSQL of its own; a barrier makes sure that each gets a turn."""
        if not abandoned:
            barrier = threading.Barrier(self.options.concurrency)

            def close() -> None:
                barrier.wait(10)
                connection.close()

            for _ in range(self.options.concurrency):
                self._threads.submit(close)
        self._threads.shutdown(wait=not abandoned, cancel_futures=abandoned)
