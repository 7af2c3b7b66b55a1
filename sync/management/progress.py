"""A progress bar on a terminal; elsewhere a plain line now and then."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from sync.operations import Progress, silent

WIDTH = 30
# Seconds between two drawings of the bar, and between two lines.
BAR_EVERY = 0.1
LINE_EVERY = 5.0


@contextmanager
def progress_told(what: str, verbosity: int, again: str = "Run it again for the rest.") -> Iterator[Progress]:
    """Shows how far a service is, unless `verbosity` is 0. If it is broken off, the command exits 130."""
    line = _Line(what)
    try:
        yield line.tell if verbosity else silent
    except KeyboardInterrupt:
        raise CommandError(f"Broken off. {again}", returncode=130) from None
    finally:
        line.end()


class _Line:
    """Shows the rows read and their total; a total of 0 means that there is nothing to read."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._out = sys.stderr
        self._bar = self._out.isatty()
        self._every = BAR_EVERY if self._bar else LINE_EVERY
        self._last = 0.0 if self._bar else time.monotonic()
        self._open = False

    def tell(self, done: int, total: int) -> None:
        ends = done >= total
        if time.monotonic() - self._last < self._every and not (ends and self._open):
            return
        self._last = time.monotonic()
        said = f"{done:,} of {total:,} {self._what}"
        filled = WIDTH * done // total if total else WIDTH
        self._out.write(f"\r{'█' * filled + '░' * (WIDTH - filled)} {said}\x1b[K" if self._bar else f"{said}\n")
        self._out.flush()
        self._open = self._bar

    def end(self) -> None:
        if self._open:
            self._out.write("\n")
            self._out.flush()
