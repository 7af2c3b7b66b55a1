"""What one user may ask for, in the API and in the admin alike: how often, how much, and how much at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from accounts.models import SnowflakeConfiguration
from accounts.usage import AtOnce, forget, parse_rate, seconds_to_wait
from sync.destinations.not_done import NotNowError, TooManyError, TooOftenError
from sync.snowflake.setup import LIMITS, LONGEST

# Threads of a web server's process that may wait for Snowflake, which may not answer.
WAITING = AtOnce(2)
# Threads of a web server's process that may count what is a lot, each for seconds, and those of one user among them.
COUNTING = AtOnce(4, each=2)
# Threads that may send files, which whoever is slow to take them may hold.
EXPORTING = AtOnce(2, each=1)
# Seconds after which whoever found no place may come again.
_SOON = 5.0
# Seconds after which somebody's check counts as over, though its process never said that it has ended.
CHECK_ENDED = LONGEST + LIMITS.longest_login + LIMITS.longest_statement


def check_rate(what: str, user_id: UUID | None) -> None:
    """Counts one act of a user's, if settings.API_RATES limits such acts. Raises TooOftenError."""
    rate = settings.API_RATES.get(what, "")
    if not rate:
        return
    limit, seconds = parse_rate(rate)
    wait = seconds_to_wait(f"{what}/{user_id}", limit, seconds)
    if wait is not None:
        raise TooOftenError(wait)


@contextmanager
def counting_place(user_id: UUID | None) -> Iterator[None]:
    """Stands around counting, or doing, what may take seconds. Raises TooOftenError where enough of it is going on."""
    with COUNTING.place(user_id) as free:
        if not free:
            raise TooOftenError(_SOON, "Enough is being counted at this moment.")
        yield


@contextmanager
def export_place(user_id: UUID) -> Iterator[None]:
    """Stands around a file that is being sent. Raises TooOftenError where enough are."""
    with EXPORTING.place(user_id) as free:
        if not free:
            raise TooOftenError(_SOON, "Another file is being sent.")
        yield


def check_number(user_id: UUID) -> None:
    """Raises TooManyError if a user may have no further destination."""
    number, most = SnowflakeConfiguration.objects.filter(user_id=user_id).count(), settings.SYNC_MAX_DESTINATIONS
    if number >= most:
        raise TooManyError(f"There are {number} destinations of this user's, and a user may have {most}.")


@contextmanager
def check_slot(user_id: UUID | None) -> Iterator[None]:
    """Stands around work that waits for Snowflake: one at a time for a user, few for a process. Raises NotNowError."""
    with WAITING.place() as free:
        if not free:
            raise NotNowError("Other checks are waiting for Snowflake. Try again in a minute.")
        key = f"check_slot/{user_id}"
        if seconds_to_wait(key, 1, CHECK_ENDED) is not None:
            raise NotNowError("Another check of yours is running, and one goes at a time. Try again when it has ended.")
        try:
            yield
        finally:
            forget(key)
