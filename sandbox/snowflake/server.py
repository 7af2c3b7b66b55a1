"""The server process: fakesnow, mended, behind the layer, under uvicorn."""

import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any

import uvicorn
from fakesnow.instance import FakeSnow
from fakesnow.server import app

from sandbox.snowflake import mends
from sandbox.snowflake.layer import Layer
from sandbox.snowflake.listening import Server, listening
from sandbox.snowflake.mends import stages
from sandbox.snowflake.mends.locks import locks
from sandbox.snowflake.mends.patching import patch

_RESULTS_KEPT = 50


class _Results(OrderedDict[str, Any]):
    """fakesnow keeps every result for RESULT_SCAN, for ever; keep the latest."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        while len(self) > _RESULTS_KEPT:
            self.popitem(last=False)


def serve(port: int, *, log: Path | None, follow_stdin: bool, abandoned_after: float) -> None:
    """Serve until a signal, or until the parent process is gone; print the endpoint when ready."""
    warnings.filterwarnings("ignore", message="Arrow output on a DB-API result")
    mends.apply()
    locks.abandoned_after = abandoned_after
    patch("fakesnow.server", "shared_fs", _fresh())
    _log_to(log)
    config = uvicorn.Config(
        Layer(app),
        log_config=None,
        access_log=log is not None,
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
    )
    server = Server(config, listening(port))
    if follow_stdin:
        threading.Thread(target=_watch_parent, args=(server,), daemon=True).start()
    # uvicorn sends itself the signal once more when it is done; without this, nothing is cleaned up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"http://127.0.0.1:{server.port}", flush=True)
    try:
        server.run()
    except (SystemExit, KeyboardInterrupt):
        pass
    finally:
        stages.empty_bucket()
    logging.shutdown()
    # DuckDB complains at length of what is left when Python takes itself apart.
    os._exit(0)


def _fresh() -> Any:
    """A FakeSnow made after the mends, so that its own tables and views have them."""
    instance = FakeSnow()
    instance.results_cache = _Results()
    return instance


def _log_to(path: Path | None) -> None:
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "fakesnow.server"):
        logger = logging.getLogger(name)
        logger.handlers = [logging.FileHandler(path) if path else logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.INFO)


def _watch_parent(server: Server) -> None:
    """Stop when standard input closes, or, should a fork hold it open, when the parent changes."""
    parent = os.getppid()
    threading.Thread(target=_follow_stdin, args=(server,), daemon=True).start()
    while os.getppid() == parent:
        time.sleep(1)
    _stop(server)


def _follow_stdin(server: Server) -> None:
    """Lines `refuse` and `accept` are answered when they are done."""
    # Not through sys.stdin: its lock, held by a waiting thread, is fatal when Python shuts down.
    while said := os.read(0, 1024):
        for command in said.split():
            server.refuse() if command == b"refuse" else server.accept()
            os.write(1, command + b"\n")
    _stop(server)


def _stop(server: Server) -> None:
    server.should_exit = True
    time.sleep(3)
    # A statement that waits for a lock would hold the process back.
    stages.empty_bucket()
    os._exit(0)
