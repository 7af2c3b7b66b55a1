"""What a worker's main thread sleeps on."""

from contextlib import suppress
from queue import Empty, SimpleQueue


class Wakeup:
    """Ends a wait, from another thread or from a signal handler.

    A handler runs in the main thread, between any two of its steps. An Event has a lock that the wait takes, too: a
    handler that meets it held by the wait that it interrupts waits for itself for ever. A SimpleQueue's `put` may
    interrupt its `get`: https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[None] = SimpleQueue()

    def call(self) -> None:
        self._calls.put(None)

    def wait(self, seconds: float) -> None:
        """Returns at the first call since the last wait, and after so many seconds at the latest."""
        with suppress(Empty):
            self._calls.get(timeout=seconds)
            while True:
                self._calls.get_nowait()
