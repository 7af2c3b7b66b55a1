"""A signal is handled in the main thread, between any two steps of whatever that does."""

import logging
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from waitress import create_server
from waitress.wasyncore import close_all

from sync.management.commands.run_sync_web import _Serving
from tests.processes import connected


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("handlers")
def test_a_signal_may_come_while_a_connection_is_taken(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    both = threading.Barrier(2)

    def application(_environ: Any, start: Callable[..., Any]) -> list[bytes]:
        both.wait(30)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server: Any = create_server(application, listen="127.0.0.1:0", threads=2, ident=None)
    serving, accept, taken = _Serving(server), server.accept, []

    def interrupted() -> tuple[socket.socket, Any]:
        taken.append(1)
        if len(taken) == 2:
            signal.raise_signal(signal.SIGTERM)
        connection: tuple[socket.socket, Any] = accept()
        return connection

    monkeypatch.setattr(server, "accept", interrupted)
    clients = [connected(int(server.effective_port)) for _ in range(2)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    try:
        with caplog.at_level(logging.ERROR):
            serving.run()
    finally:
        close_all(server._map)
    with ExitStack() as open_:
        answers = [open_.enter_context(client).recv(12) for client in clients]
    assert answers == [b"HTTP/1.1 200"] * 2
    assert len(taken) == 2
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
