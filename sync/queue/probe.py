"""A look at the queue that costs next to nothing: is there anything to route, or to claim?"""

from datetime import datetime
from typing import NamedTuple

from sync.postgres import one_statement, read_sql
from sync.queue.claim import CLOCK_AND_DESTINATIONS, Floors

(_PROBE,) = read_sql(__file__, "probe", clock_and_destinations=CLOCK_AND_DESTINATIONS)


class Due(NamedTuple):
    """What there is to do."""

    to_route: bool
    to_claim: bool


def probe(*, floors: Floors | None = None, route_floor: datetime | None = None, now: datetime | None = None) -> Due:
    """Whether there is anything to route or to claim. Writes nothing; a batch key that is busy counts as something."""
    params = {
        "floor_ids": list(floors or ()),
        "floors": list((floors or {}).values()),
        "route_floor": route_floor,
        "now": now,
    }
    return Due(*one_statement(_PROBE, params)[0])
