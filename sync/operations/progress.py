"""How a long service tells how far it is."""

from collections.abc import Callable

# Called after each page with the rows read so far, and how many there were at the start.
Progress = Callable[[int, int], None]


def silent(_done: int, _total: int) -> None:
    """For callers who only want the result."""
