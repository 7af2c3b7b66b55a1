"""The container's health check: what it takes for alive."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.chaos.waiting import until
from tests.deploy.engine import ROOT
from tests.processes import killed_at_the_end
from tests.world import World

LIVE = ROOT / "deploy" / "container" / "live.py"
LONG_AGO = time.time() - 3600


def is_live(spool: Path, **environment: str) -> bool:
    more = {"SYNC_SPOOL_DIRECTORY": str(spool), **environment}
    return subprocess.run([sys.executable, LIVE], env=os.environ | more, check=False).returncode == 0


def test_a_worker_is_while_its_loop_turns(world: World, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "run_sync_worker"]
    started = subprocess.Popen(command, env=world.environment | {"SYNC_SPOOL_DIRECTORY": str(tmp_path)})
    with killed_at_the_end(started) as worker:
        (spool,) = until(lambda: list(tmp_path.glob("spool-*")), "the worker has a spool")
        os.utime(spool, (LONG_AGO, LONG_AGO))
        until(lambda: is_live(tmp_path), "the worker dates its spool")
        worker.send_signal(signal.SIGSTOP)
        os.waitpid(worker.pid, os.WUNTRACED)
        os.utime(spool, (LONG_AGO, LONG_AGO))
        assert not is_live(tmp_path)
        worker.send_signal(signal.SIGCONT)
        worker.terminate()
        assert worker.wait(60) == 0
    # Without a spool it is not a worker, and no web server answers to that name.
    assert not is_live(tmp_path, ALLOWED_HOSTS="nobody.invalid")
