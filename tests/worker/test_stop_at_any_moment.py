"""A signal is handled in the main thread, between any two steps of whatever that does."""

import sys
from itertools import count
from types import FrameType
from typing import Any

import pytest

from sync.worker import Options, Worker


class _Handler:
    """Calls stop() before the step of this number, as a signal would that arrives then."""

    def __init__(self, worker: Worker, at: int) -> None:
        self._worker = worker
        self._at = at
        self.steps = 0

    def __call__(self, frame: FrameType, event: str, _arg: Any) -> "_Handler":
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.steps += 1
            if self.steps == self._at:
                self._worker.stop()
        return self


@pytest.mark.timeout(60)
def test_a_signal_may_come_between_any_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    traced = sys.gettrace()
    for at in count(1):
        worker = Worker(Options(probe_interval=0.0001))
        looks = count()
        monkeypatch.setattr(worker.spool, "touch", lambda: None)
        # It stops by itself once it has looked and waited: then there is no step of this number.
        monkeypatch.setattr(worker, "step", lambda worker=worker, looks=looks: next(looks) and worker.stop())
        handler = _Handler(worker, at)
        sys.settrace(handler)
        try:
            worker._until_stopped()
        finally:
            sys.settrace(traced)
        if handler.steps < at:
            break
    assert at > 100
