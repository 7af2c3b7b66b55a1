"""How the work of a parser grows with what it is given, so that nobody can hold a thread by a long text."""

import time
from collections.abc import Callable
from contextlib import suppress

# Four times the text takes 4 times as long where the work is linear, 16 times where it is quadratic.
TIMES = 4
LINEAR = 9


def growth(parse: Callable[[int], object], size: int) -> float:
    """How much longer TIMES the size takes, whatever comes of it.

    The shortest of several runs, taken in turns, by the thread's own clock: what else the machine does only adds to
    one. After three, only what does not look LINEAR yet is tried on.
    """
    shorter, longer = float("inf"), float("inf")
    for turn in range(10):
        shorter, longer = min(shorter, _took(parse, size)), min(longer, _took(parse, TIMES * size))
        if turn >= 2 and longer / shorter < LINEAR:
            break
    return longer / shorter


def _took(parse: Callable[[int], object], size: int) -> float:
    started = time.thread_time()
    for _ in range(3):
        with suppress(Exception):
            parse(size)
    return time.thread_time() - started
