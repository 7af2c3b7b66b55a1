"""How the work of a parser grows with what it is given, so that nobody can hold a thread by a long text."""

import time
from collections.abc import Callable
from contextlib import suppress

# Four times the text takes 4 times as long where the work is linear, 16 times where it is quadratic.
TIMES = 4
LINEAR = 9
ENOUGH = 0.5


def growth(parse: Callable[[int], object], size: int) -> float:
    """How much longer TIMES the size takes, whatever comes of it.

    The shortest of several runs, taken in turns, by the thread's own clock: what else the machine does only adds to
    one. After three, what does not look LINEAR yet is tried on: ten times, and for ENOUGH seconds, since what takes
    microseconds may meet a slow moment of the machine ten times in a row.
    """
    shorter, longer, spent, turns = float("inf"), float("inf"), 0.0, 0
    while turns < 3 or (longer / shorter >= LINEAR and (turns < 10 or spent < ENOUGH)):
        short, long = _took(parse, size), _took(parse, TIMES * size)
        shorter, longer = min(shorter, short), min(longer, long)
        spent, turns = spent + short + long, turns + 1
    return longer / shorter


def _took(parse: Callable[[int], object], size: int) -> float:
    started = time.thread_time()
    for _ in range(3):
        with suppress(Exception):
            parse(size)
    return time.thread_time() - started
