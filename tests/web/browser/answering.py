"""Requests that the live server is answering: those of a page go on when it is closed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.signals import request_finished, request_started

LONGEST = 60.0


@contextmanager
def answered_at_the_end() -> Iterator[None]:
    """Ends when all requests that began meanwhile are answered: after that, tables are emptied in peace."""
    under_way, changed = 0, threading.Condition()

    def count(change: int) -> None:
        nonlocal under_way
        with changed:
            under_way += change
            changed.notify_all()

    def begin(**_: object) -> None:
        count(1)

    def end(**_: object) -> None:
        count(-1)

    request_started.connect(begin)
    request_finished.connect(end)
    try:
        yield
        with changed:
            changed.wait_for(lambda: under_way <= 0, LONGEST)
    finally:
        request_started.disconnect(begin)
        request_finished.disconnect(end)
