"""How the work of a parser grows with what it is given, so that nobody can hold a thread by a long text."""

import time
from collections.abc import Callable
from contextlib import suppress


def growth(parse: Callable[[int], object], size: int) -> float:
    """How much longer twice the size takes, whatever comes of it: 2 where the work is linear, 4 where it is quadratic.

    The shortest of many runs, taken in turns: what else the machine does only makes a run longer.
    """
    shorter, longer = zip(*((_took(parse, size), _took(parse, 2 * size)) for _ in range(15)), strict=True)
    return float(min(longer) / min(shorter))


def _took(parse: Callable[[int], object], size: int) -> float:
    started = time.perf_counter()
    for _ in range(5):
        with suppress(Exception):
            parse(size)
    return time.perf_counter() - started
