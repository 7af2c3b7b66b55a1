"""Worker processes, as an operator would start them, and what they cost."""

import contextlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.installation import MANAGE, Installation

_LONGEST = 900.0
_COMMAND = (sys.executable, str(MANAGE), "run_sync_worker")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work took: seconds on the clock, and of processor time, here and in PostgreSQL."""

    seconds: float
    cpu: float
    postgres_cpu: float


def work_once(installed: Installation, executions: int) -> Cost:
    """Runs `run_sync_worker --once`, its start included. RuntimeError unless it loads so many executions."""
    before, postgres = _children_cpu(), installed.postgres_cpu()
    started = time.monotonic()
    done = subprocess.run(
        [*_COMMAND, "--once"],
        env=installed.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    cost = Cost(time.monotonic() - started, _children_cpu() - before, installed.postgres_cpu() - postgres)
    if (found := installed.completed()) != executions:
        raise RuntimeError(f"{found} of {executions} executions were loaded; the worker said: {done.stdout[-2000:]}")
    return cost


class Workers:
    """Workers that run until the end of `workers`."""

    def __init__(self, processes: list["subprocess.Popen[bytes]"], log: Path) -> None:
        self._processes = [psutil.Process(process.pid) for process in processes]
        self._log = log

    def cpu(self) -> float:
        """Seconds of processor time of all of them so far."""
        return float(sum(sum(process.cpu_times()[:2]) for process in self._processes))

    def peak_memory(self) -> int:
        """The largest of their peaks of resident memory, in KiB."""
        lines = [Path(f"/proc/{process.pid}/status").read_text() for process in self._processes]
        return max(int(text.split("VmHWM:")[1].split()[0]) for text in lines)

    def wait_until(self, reached: Callable[[], bool], *, every: float = 0.01) -> None:
        """Waits for something that they bring about. RuntimeError where they do not, or one of them ends."""
        deadline = time.monotonic() + _LONGEST
        while not reached():
            if time.monotonic() > deadline or not all(map(_runs, self._processes)):
                raise RuntimeError(f"The workers did not do it; they said: {self._log.read_text()[-2000:]}")
            time.sleep(every)


@contextmanager
def workers(installed: Installation, count: int) -> Iterator[Workers]:
    """So many running workers, which have registered themselves; stopped afterwards."""
    registered = "SELECT count(*) FROM snowflake_sync_workers WHERE stopped_at IS NULL"
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as running:
        log = Path(directory) / "workers.log"
        output = running.enter_context(log.open("wb"))
        processes = [running.enter_context(_worker(installed, output.fileno())) for _ in range(count)]
        found = Workers(processes, log)
        found.wait_until(lambda: bool(installed.ask(registered)[0][0] == count))
        yield found


@contextmanager
def _worker(installed: Installation, output: int) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        _COMMAND,
        env=installed.environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        # Ctrl-C comes to us alone.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_of(module: str) -> float:
    """Seconds of processor time of the process that this one has started with `python -m module`."""
    found = [child for child in psutil.Process().children() if module in child.cmdline()]
    return float(sum(sum(child.cpu_times()[:2]) for child in found))


def _children_cpu() -> float:
    """Seconds of processor time of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _runs(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
