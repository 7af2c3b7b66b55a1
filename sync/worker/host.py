"""Whether this worker's host can take work: a full disk is no item's fault, and no destination's."""

import logging
import tempfile
import threading
import time
from pathlib import Path

logger = logging.getLogger(__name__)

# Seconds until the host is tried again; twice as long each time that it then fails once more.
SOON, LONGEST = 5.0, 300.0
_ENOUGH = 1 << 20  # bytes that have to find room


class Host:
    """Shared by a worker's threads. While something is wrong, nothing more is claimed."""

    def __init__(self) -> None:
        # The directory of staged files while they are made and sent; None: the system's place for temporary files.
        self.directory: Path | None = None
        self.trouble = ""
        self._pause = SOON
        self._next_try = 0.0
        self._lock = threading.Lock()

    def note(self, trouble: str) -> None:
        """Notes what went wrong on this host."""
        with self._lock:
            if not self.trouble:
                logger.error("No more items are taken until this host can hold their files: %s", trouble)
                self._next_try = time.monotonic() + self._pause
                self._pause = min(2 * self._pause, LONGEST)
            self.trouble = trouble

    def note_success(self) -> None:
        """Notes that this host held the files of a load."""
        self._pause = SOON

    def is_fit(self) -> bool:
        """Whether items may be claimed. While they may not, tries the directory from time to time."""
        if self.trouble and time.monotonic() >= self._next_try:
            self._try_out()
        return not self.trouble

    def _try_out(self) -> None:
        try:
            with tempfile.NamedTemporaryFile(dir=self.directory) as file:
                file.write(bytes(_ENOUGH))
                file.flush()
        except OSError:
            self._next_try = time.monotonic() + SOON
        else:
            self.trouble = ""
            logger.info("This host can hold files again; items are taken")
