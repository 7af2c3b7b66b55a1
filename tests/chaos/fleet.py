"""Workers: real processes of `manage.py run_sync_worker`, on several hosts, and what is done to them."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.chaos.postgres import ROOT
from tests.chaos.waiting import until


@dataclass
class WorkerProcess:
    """One process; its output goes to `log`."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path
    host: str

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def runs(self) -> bool:
        return self.popen.poll() is None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, words: str, seconds: float = 60.0) -> None:
        """Waits for these words in its output."""
        until(lambda: words in self.said() or not self.runs, f"{self.name} says {words!r}", seconds)
        assert words in self.said(), f"{self.name} ended without {words!r}:\n{self.said()}"


@dataclass
class Fleet:
    """All worker processes of a test. A host is a temporary directory that its workers share."""

    directory: Path
    environment: dict[str, str]
    processes: list[WorkerProcess] = field(default_factory=list)
    # The ports in use by processes when they were killed: how their sessions are known in Snowflake.
    ports_of_the_killed: set[int] = field(default_factory=set)
    exit_codes: dict[str, int] = field(default_factory=dict)

    def start(self, *options: str, host: str = "a", **environment: str) -> WorkerProcess:
        """Starts a worker on a host, with further variables in its environment."""
        name = f"worker-{len(self.processes)}"
        log = self.directory / f"{name}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "run_sync_worker", *options],
                env={
                    **os.environ,
                    **self.environment,
                    **environment,
                    "TMPDIR": str(self.host(host)),
                    "PGAPPNAME": name,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        process = WorkerProcess(name, popen, log, host)
        self.processes.append(process)
        return process

    def host(self, name: str) -> Path:
        directory = self.directory / f"host-{name}"
        directory.mkdir(exist_ok=True)
        return directory

    @property
    def hosts_of_the_killed(self) -> list[str]:
        return sorted({process.host for process in self.processes if process.popen.returncode})

    @property
    def running(self) -> list[WorkerProcess]:
        return [process for process in self.processes if process.runs]

    def kill(self, process: WorkerProcess) -> None:
        """SIGKILL."""
        # Held still while its ports are read, so that it opens no other before it dies.
        process.popen.send_signal(signal.SIGSTOP)
        self.ports_of_the_killed |= _ports(process)
        process.popen.kill()
        process.popen.wait(30)

    def freeze(self, process: WorkerProcess) -> None:
        process.popen.send_signal(signal.SIGSTOP)

    def thaw(self, process: WorkerProcess) -> None:
        process.popen.send_signal(signal.SIGCONT)

    def stop(self, *processes: WorkerProcess, seconds: float = 120.0) -> None:
        """SIGTERM, to all that run or to these; waits for them."""
        chosen = [process for process in processes or self.running if process.runs]
        ports = {process.name: _ports(process) for process in chosen}
        for process in chosen:
            process.popen.terminate()
        ends_at = time.monotonic() + seconds
        for process in chosen:
            while process.runs and time.monotonic() < ends_at:
                # A log-in that was under way when it was told may open another.
                ports[process.name] |= _ports(process)
                with suppress(subprocess.TimeoutExpired):
                    process.popen.wait(0.2)
            self.exit_codes[process.name] = process.popen.wait(0)
            if self.exit_codes[process.name]:
                self.ports_of_the_killed |= ports[process.name]

    def close(self) -> None:
        """Nothing outlives the test."""
        for process in self.running:
            process.popen.kill()
        for process in self.processes:
            process.popen.wait(30)

    def output(self) -> str:
        return "\n".join(f"--- {process.name}\n{process.said()}" for process in self.processes)


def _ports(process: WorkerProcess) -> set[int]:
    """The local ports of its connections."""
    try:
        return {found.laddr.port for found in psutil.Process(process.pid).net_connections("tcp") if found.laddr}
    except psutil.Error:
        return set()
