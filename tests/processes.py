"""Commands of ours as processes of their own, on the test's database."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.db import connection

MANAGE = Path(__file__).resolve().parents[1] / "manage.py"

# What a production environment has besides its database.
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": Fernet.generate_key().decode(),
    "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
}


def environment() -> dict[str, str]:
    """This process's, with the test's database."""
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{head.rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}" + (f"?{query}" if query else "")
    return {**os.environ, "DATABASE_URL": url}


@contextmanager
def killed_at_the_end(process: "subprocess.Popen[Any]") -> Iterator["subprocess.Popen[Any]"]:
    """A test that fails does not wait for what it has started, nor leaves it at work beside the next."""
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def web_server(
    *options: str, stderr: int | None = None, more: Mapping[str, str] | None = None
) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The documented web server, on a port of its own: the port, and the process; `more` is for its environment."""
    command = [sys.executable, str(MANAGE), "run_sync_web", "--listen", "127.0.0.1:0", *options]
    process = subprocess.Popen(
        command, env=environment() | dict(more or {}), stdout=subprocess.PIPE, stderr=stderr, text=True
    )
    assert process.stdout is not None
    with killed_at_the_end(process):
        listening = re.search(r":(\d+)$", process.stdout.readline().strip())
        assert listening, "it did not start; see its output above"
        yield int(listening[1]), process


def connected(port: int, timeout: float = 30) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)
