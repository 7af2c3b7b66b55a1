"""Runs a worker: as many of these, on as many hosts, as the work needs."""

import logging
import os
import signal
from contextlib import suppress
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import Error, connection

from accounts.models import DestinationState, SnowflakeConfiguration
from config.log_lines import visible
from sync.alerts import Watcher, deliver, look
from sync.management.command import CheckedCommand
from sync.postgres import Unquoted, first_line
from sync.reporting import ends_pause, words
from sync.results import SpoolError
from sync.telemetry import trace_from_environment
from sync.worker import Looker, Options, Worker

logger = logging.getLogger(__name__)


class Command(CheckedCommand):
    help = "Loads finished workflow executions into their owners' Snowflake accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Work until nothing is due, then exit.")
        parser.add_argument(
            "--concurrency", type=int, default=settings.SYNC_MAX_CONCURRENT, help="Loads at once (default 5)."
        )
        parser.add_argument(
            "--check-interval",
            type=float,
            default=settings.SYNC_CHECK_INTERVAL,
            help="Seconds between full passes: rescue, sweep, switched destinations (default 30).",
        )

    def handle(self, *_args: Any, once: bool, concurrency: int, check_interval: float, **_options: Any) -> None:
        if concurrency < 1 or not 0 < check_interval <= 86_400:
            self.stderr.write("--concurrency has to be at least 1, --check-interval more than 0 and at most a day.")
            raise SystemExit(2)
        trace_from_environment()
        worker = Worker(Options(concurrency=concurrency, check_interval=check_interval))
        self._stop_on_signals(worker)
        try:
            drained = self._once(worker) if once else self._all_day(worker, check_interval)
        except SpoolError as error:
            raise CommandError(str(error)) from error
        except Exception as error:
            if not worker.drained:
                logger.exception("The worker could not go on", exc_info=Unquoted(error))
                self._exit_at_once(1)
            raise
        paused = self._report(worker) if once else 0
        if not drained:
            self._exit_at_once(1)
        if once and (worker.outcomes["failed"] or paused):
            raise SystemExit(1)

    @staticmethod
    def _all_day(worker: Worker, check_interval: float) -> bool:
        with Watcher.of_worker(check_interval), Looker(check_interval):
            return worker.run()

    @staticmethod
    def _once(worker: Worker) -> bool:
        drained = worker.run_once()
        if worker.stops:
            return drained
        try:
            look(older=settings.SYNC_CHECK_INTERVAL / 2)
            deliver(stops=lambda: worker.stops)
        except Error as error:
            logger.warning("Nobody could be told of what there is: %s", first_line(error))
            connection.close()
        return drained

    def _stop_on_signals(self, worker: Worker) -> None:
        def stop(number: int, _frame: FrameType | None) -> None:
            signal.signal(signal.SIGTERM, leave)
            signal.signal(signal.SIGINT, leave)
            worker.stop()
            said = f"{signal.Signals(number).name}: finishing what is in flight; once more ends at once.\n"
            # Nobody may read it any more.
            with suppress(OSError):
                os.write(2, said.encode())

        def leave(number: int, _frame: FrameType | None) -> None:
            self._exit_at_once(128 + number)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    @staticmethod
    def _exit_at_once(code: int) -> None:
        """Threads that wait for Snowflake cannot be ended, and would keep the process alive."""
        os._exit(code)

    def _report(self, worker: Worker) -> int:
        """Prints the summary; returns the number of destinations that are paused."""
        outcomes = worker.outcomes
        self.stdout.write(
            f"Completed {outcomes['completed']}, failed {outcomes['failed']}, skipped {outcomes['skipped']}, "
            f"waiting for another try {outcomes['pending']}."
        )
        if outcomes["refused"] or outcomes["unfinished"]:
            self.stdout.write(
                f"Refused {outcomes['refused']}, unfinished {outcomes['unfinished']}: what these attempts did was not "
                "written down, so their items are loaded again later. The log says more."
            )
        paused = SnowflakeConfiguration.objects.filter(
            is_active=True, stored_state__breaker_state=DestinationState.Breaker.OPEN
        )
        for configuration in paused:
            until = configuration.state.breaker_until
            when = words.exact(until) if until else "something changes"
            said = f"{configuration.state.breaker_reason or ''} {ends_pause(configuration)}".strip()
            self.stdout.write(visible(f"Destination {configuration} is paused until {when}: {said}"))
        return len(paused)
