"""How the work of a parser grows with what it is given, so that nobody can hold a thread by a long text."""

import time
from collections.abc import Callable
from contextlib import suppress

# Four times the text takes 4 times as long where the work is linear, 16 times where it is quadratic.
TIMES = 4
LINEAR = 9


def growth(parse: Callable[[int], object], size: int) -> float:
    """How much longer TIMES the size takes, whatever comes of it.

    The shortest of many runs, taken in turns, by the thread's own clock: what else the machine does only adds to one.
    """
    shorter, longer = zip(*((_took(parse, size), _took(parse, TIMES * size)) for _ in range(10)), strict=True)
    return float(min(longer) / min(shorter))


def _took(parse: Callable[[int], object], size: int) -> float:
    started = time.thread_time()
    for _ in range(5):
        with suppress(Exception):
            parse(size)
    return time.thread_time() - started
