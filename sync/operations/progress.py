"""Long services work page by page and commit each page, so that a run that is broken off can be repeated."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

Id = TypeVar("Id")

# Called after each page with the rows read so far, and how many there were at the start.
Progress = Callable[[int, int], None]

# Rows that somebody else holds are tried again after so many seconds, when all the rest is done.
AGAIN_AFTER = (0.2, 0.4, 0.8)


def silent(_done: int, _total: int) -> None:
    """For callers who only want the result."""


class PagedRun(ABC, Generic[Id]):
    """The state of one run: rows read, of how many, those that somebody held, and whether it has come to its end."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, 0
        self.held: list[Id] = []
        self.ended = False

    @abstractmethod
    def page(self) -> None:
        """Does the next page, counts it, and says whether it was the last."""

    def run(self, progress: Progress, seconds: float = math.inf) -> None:
        """Does pages until the run has come to its end, or for about so many seconds; one page at least."""
        deadline = time.monotonic() + seconds
        while not self.ended:
            self.page()
            progress(self.done, max(self.done, self.total))
            if time.monotonic() > deadline:
                return

    def try_again(self, change: Callable[[list[Id]], None]) -> None:
        """Gives the rows that somebody held to `change` again, which records those that are held still."""
        for pause in AGAIN_AFTER:
            if self.held:
                time.sleep(pause)
                held, self.held = self.held, []
                change(held)
