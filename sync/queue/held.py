"""What a rule has held goes on by itself once the rules have changed."""

import logging
import time
from contextlib import nullcontext
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import OperationalError

from sync.postgres import bounded_reading, fetch, read_sql, short_transaction
from sync.queue.execution_status import update_execution_status

logger = logging.getLogger(__name__)

(_RELEASE,) = read_sql(__file__, "release")
_PAGE = 500


class Released(NamedTuple):
    """So many items are pending again. `is_all`: the search for more came to its end."""

    number: int
    is_all: bool


def release_held(
    configuration_id: UUID | None = None, *, seconds: float | None = None, now: datetime | None = None
) -> Released:
    """Makes items pending again whose new columns were held under earlier rules; None: of all destinations.

    To be called after the change is committed. What somebody else holds, and what is being held at this moment, the
    workers' next pass finds; so it does what could not be done in about so many `seconds`, where these are given.
    """
    number, is_all = 0, False
    deadline = None if seconds is None else time.monotonic() + seconds
    while not is_all and (deadline is None or time.monotonic() < deadline):
        try:
            page = _release_page(configuration_id, deadline, now)
        except OperationalError:
            if deadline is None:
                raise
            break
        update_execution_status(page)
        number += len(page)
        is_all = len(page) < _PAGE
    if number:
        logger.info("Picked up %d items that earlier rules had held", number)
    return Released(number, is_all)


def _release_page(configuration_id: UUID | None, deadline: float | None, now: datetime | None) -> list[str]:
    params = {"configuration_id": configuration_id, "limit": _PAGE, "now": now}
    in_time = nullcontext() if deadline is None else bounded_reading(deadline - time.monotonic())
    with short_transaction(), in_time:
        return [row[0] for row in fetch(_RELEASE, params)]
