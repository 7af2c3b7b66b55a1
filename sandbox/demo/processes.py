"""The web server and the worker of the demo, as processes of their own, which end with it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


class Processes:
    """Starts Django commands; ends them all, politely first."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._logs = logs
        self._started: dict[str, subprocess.Popen[bytes]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, *command: str) -> Path:
        """Its log's path."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            self._started[name] = subprocess.Popen(
                [sys.executable, str(MANAGE), *command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C comes to us alone: a second one would end the worker without its draining.
                start_new_session=True,
            )
        return log

    def ended(self) -> str | None:
        """The name of one that ended, which none should."""
        return next((name for name, process in self._started.items() if process.poll() is not None), None)

    def stop(self) -> None:
        """SIGTERM to all, and SIGKILL to what is still there after 15 s."""
        for process in self._started.values():
            process.terminate()
        for process in self._started.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port(wanted: int) -> int:
    """The port that is wanted, or another one where it is taken."""
    for port in dict.fromkeys((wanted, 0)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("No free port")


def wait_for_port(port: int, processes: Processes, *, tries: int = 300) -> None:
    """Until somebody listens there. RuntimeError where a process ended instead."""
    for _ in range(tries):
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if name := processes.ended():
            raise RuntimeError(f"The {name} ended; its log says why")
        time.sleep(0.1)
    raise RuntimeError("The web server does not answer")
