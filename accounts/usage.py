"""Limits on how often somebody may ask, counted in PostgreSQL for all processes and hosts, and on how many at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from accounts.models import ApiUsage

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

# One row and one statement: of two that count at the same time, one waits for the other.
_COUNT = """
INSERT INTO snowflake_sync_api_usage AS usage (key, since, count)
VALUES (%(key)s, now(), 1)
ON CONFLICT (key) DO UPDATE SET
    since = CASE WHEN usage.since > now() - make_interval(secs => %(seconds)s) THEN usage.since ELSE now() END,
    count = CASE WHEN usage.since > now() - make_interval(secs => %(seconds)s)
        THEN least(usage.count, %(limit)s) + 1 ELSE 1 END
RETURNING
    count <= %(limit)s,
    extract(epoch FROM since + make_interval(secs => %(seconds)s) - now())::double precision
"""


def seconds_to_wait(key: str, limit: int, seconds: float) -> float | None:
    """Counts one question of `key`. Returns None if it is one of the first `limit` within `seconds`.

    Otherwise returns the seconds to wait before another. The time begins with the first question.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "limit": limit, "seconds": seconds})
        allowed, wait = cursor.fetchone()
    return None if allowed else max(0.0, wait)


def forget(key: str) -> None:
    """Forgets the count, as if `key` had never asked."""
    ApiUsage.objects.filter(key=key).delete()


def parse_rate(rate: str) -> tuple[int, int]:
    """`10/min` as (10, 60). Raises ValueError."""
    number, _, period = rate.partition("/")
    if period[:1] not in _SECONDS or int(number) < 1:
        raise ValueError(f"{rate!r} is no rate; write one as 10/min, with s, min, hour or day.")
    return int(number), _SECONDS[period[0]]


class AtOnce:
    """Places of this process for one kind of work, so that it does not take every thread; nobody waits for one.

    `each`: how many of them one user may have.
    """

    def __init__(self, places: int, *, each: int | None = None) -> None:
        self._places, self._each = places, each or places
        self._taken: Counter[Any] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def place(self, whose: Any = None) -> Iterator[bool]:
        """Yields whether there was a place, which is then taken until the context ends."""
        with self._lock:
            free = self._taken.total() < self._places and self._taken[whose] < self._each
            if free:
                self._taken[whose] += 1
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    # Who has none is not kept.
                    self._taken -= Counter({whose: 1})
