"""The thread that keeps a worker's lease."""

import threading
from itertools import count
from typing import Any

import pytest

from sync import queue
from sync.worker.host import Host
from sync.worker.lease import Lease


def test_nothing_ends_it_but_the_worker(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    tries, again = count(), threading.Event()

    def heartbeat(*_: Any, **__: Any) -> bool:
        if not next(tries):
            raise RuntimeError("".join(("a ", "value")))
        again.set()
        return True

    monkeypatch.setattr(queue, "register_worker", lambda *_: 1)
    monkeypatch.setattr(queue, "heartbeat", heartbeat)
    lease = Lease(0.06, 1, Host())
    lease.start()
    beats = again.wait(30)
    lease.end(sign_off=False)
    assert beats
    assert "RuntimeError" in caplog.text
    assert "a value" not in caplog.text
