"""A progress bar on a terminal; elsewhere a plain line now and then."""

import sys
import time
from types import TracebackType
from typing import TextIO

WIDTH = 30


class ProgressLine:
    """Tells how far a service is: call it with the rows read and their total. Ends its line when it is left.

    A total of 0 means that there is nothing to read.
    """

    def __init__(
        self, what: str, *, out: TextIO | None = None, bar_every: float = 0.1, line_every: float = 5.0
    ) -> None:
        self._what = what
        self._out = out or sys.stderr
        self._bar = self._out.isatty()
        self._every = bar_every if self._bar else line_every
        self._last = time.monotonic() if not self._bar else 0.0
        self._open = False

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._open:
            self._out.write("\n")
            self._out.flush()

    def __call__(self, done: int, total: int) -> None:
        ends = done >= total
        if time.monotonic() - self._last < self._every and not (ends and self._open):
            return
        self._last = time.monotonic()
        self._out.write(self._drawn(done, total) if self._bar else f"{self._said(done, total)}\n")
        self._out.flush()
        self._open = self._bar

    def _said(self, done: int, total: int) -> str:
        return f"{done:,} of {total:,} {self._what}"

    def _drawn(self, done: int, total: int) -> str:
        filled = WIDTH * done // total if total else WIDTH
        bar = "█" * filled + "░" * (WIDTH - filled)
        return f"\r{bar} {self._said(done, total)}\x1b[K"
