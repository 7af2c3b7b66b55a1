"""The model of a destination's breaker."""

from collections.abc import Collection
from datetime import datetime, timedelta

from tests.queue.machine.state import Destination


def change(destination: Destination) -> None:
    """How it is reached was changed, or it was switched on: it has everything to prove again."""
    resume(destination)
    destination.logged_in = False


def pause(destination: Destination, code: str, seconds: float, refusals: Collection[str], now: datetime) -> None:
    """Longer with each time in a row; what fails during a pause counts with what began it.

    Credentials that were refused twice, and never let us in, are not tried again until they change.
    """
    if destination.open and (destination.until is None or destination.until > now):
        return
    twice = not destination.logged_in and code in refusals and destination.code in refusals
    delay = timedelta(seconds=seconds * 2 ** min(destination.failures, 5))
    destination.open, destination.code, destination.trial_until = True, code, None
    destination.until = None if twice else now + delay
    destination.failures += 1


def resume(destination: Destination) -> None:
    destination.open, destination.until, destination.code, destination.failures = False, None, None, 0
    destination.trial_until = None
