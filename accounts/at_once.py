"""So many at once and no more: what takes long must not take every thread of the web server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class AtOnce:
    """Places of this process for one kind of work; nobody waits for one."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Whether there was one, which is then taken meanwhile."""
        taken = self._places.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self._places.release()
