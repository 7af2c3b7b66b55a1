"""A look at the queue that costs next to nothing: is there anything to route, or to claim?"""

from datetime import datetime
from typing import NamedTuple

from sync.postgres import one_statement
from sync.queue.claim import Floors
from sync.queue.destinations_sql import CLOCK_AND_DESTINATIONS

_PROBE = f"""
WITH {CLOCK_AND_DESTINATIONS}
SELECT
    EXISTS (
        SELECT FROM snowflake_sync_queue AS item
        WHERE item.configuration_id IS NULL
            AND item.status = 'pending'
            AND item.run_after BETWEEN coalesce(%(route_floor)s, '-infinity'::timestamptz) AND (SELECT now FROM clock)
    ),
    EXISTS (
        SELECT FROM destination
        WHERE EXISTS (
            SELECT FROM snowflake_sync_queue AS item
            WHERE item.configuration_id = destination.id
                AND item.status = 'pending'
                AND item.lane IS NULL
                AND item.run_after BETWEEN destination.floor AND destination.due_until
        )
        OR EXISTS (
            SELECT FROM snowflake_sync_queue AS item
            WHERE item.configuration_id = destination.id
                AND item.status = 'pending'
                AND item.lane IS NOT NULL
                AND item.run_after <= destination.due_until
        )
    )
"""


class Due(NamedTuple):
    """What there is to do."""

    to_route: bool
    to_claim: bool


def probe(*, floors: Floors | None = None, route_floor: datetime | None = None, now: datetime | None = None) -> Due:
    """Whether there is anything to route or to claim. Writes nothing; a lane that is busy counts as something."""
    params = {
        "floor_ids": list(floors or ()),
        "floors": list((floors or {}).values()),
        "route_floor": route_floor,
        "now": now,
    }
    return Due(*one_statement(_PROBE, params)[0])
