"""Runs the web server: the console, the admin and the API.

waitress reads a whole request before a thread sees it: whoever sends a byte a second holds a connection, not a thread.
"""

import os
import signal
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import get_internal_wsgi_application
from waitress import create_server
from waitress.server import TcpWSGIServer
from waitress.wasyncore import dispatcher, loop

from sync.alerts import Watcher
from sync.management.arguments import positive

# More connections would need more open files than the 1,024 that a process has by default.
CONNECTIONS = 800
HEADER_BYTES = 65_536
# This is above Django's own limit, 2.5 MB, which answers in the API's words; a still larger request is not even read.
BODY_BYTES = 5_000_000
# Seconds within which requests have to end when the server stops.
GRACE = 30.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    help = "Serves the console, the admin and the API: one process; start several on other ports for more."
    # config.wsgi runs the checks.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:8000", metavar="HOST:PORT", help="(default 127.0.0.1:8000)")
        parser.add_argument("--threads", type=positive, default=8, help="Requests at once (default 8).")
        parser.add_argument(
            "--trusted-proxy",
            default="127.0.0.1",
            metavar="ADDRESS",
            help="Whose X-Forwarded-For and X-Forwarded-Proto are believed (default 127.0.0.1). It has to set both.",
        )

    def handle(self, *_args: Any, listen: str, threads: int, trusted_proxy: str, **_options: Any) -> None:
        application = get_internal_wsgi_application()
        try:
            server = create_server(
                application,
                listen=listen,
                threads=threads,
                trusted_proxy=trusted_proxy,
                trusted_proxy_count=1,
                trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"},
                connection_limit=CONNECTIONS,
                max_request_header_size=HEADER_BYTES,
                max_request_body_size=BODY_BYTES,
                ident=None,
            )
        except (OSError, ValueError) as error:
            raise CommandError(f"Cannot listen on {listen}: {error}") from error
        if not isinstance(server, TcpWSGIServer):
            raise CommandError(f"{listen} is more than one address; name one, such as 127.0.0.1:8000.")
        serving = _Serving(server)
        self.stdout.write(f"Listening on http://{server.effective_host}:{server.effective_port}")
        self.stdout.flush()
        with Watcher.of_web_server():
            serving.run()


class _Serving:
    """At SIGTERM or Ctrl-C the server takes no new connections, and ends when every request has its answer.

    At a second signal it ends at once. A handler runs between any two steps of the server, also within those that take
    a connection: it only wakes the loop, which does the rest.
    """

    def __init__(self, server: TcpWSGIServer) -> None:
        self._server = server
        self._ends = False
        for number in _SIGNALS:
            signal.signal(number, self._begin_to_end)

    def run(self) -> None:
        while not self._ends:
            self._turn(1.0)
        # Closes the listening socket alone: the server goes on with the connections that it has.
        dispatcher.close(self._server)
        ends_at = time.monotonic() + GRACE
        self._turn(0.05)
        while self._is_busy() and time.monotonic() < ends_at:
            self._turn(0.05)
        self._server.task_dispatcher.shutdown()

    def _turn(self, seconds: float) -> None:
        loop(seconds, use_poll=True, map=self._server._map, count=1)  # noqa: SLF001 - as its own run() does

    def _is_busy(self) -> bool:
        channels = self._server.active_channels.values()
        return any(channel.requests or channel.total_outbufs_len for channel in channels)

    def _begin_to_end(self, _number: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, _end_at_once)
        self._ends = True
        self._server.pull_trigger()


def _end_at_once(number: int, _frame: FrameType | None) -> None:
    os._exit(128 + number)
