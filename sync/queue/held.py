"""What a rule has held goes on by itself once the rules have changed."""

import logging
from datetime import datetime
from uuid import UUID

from sync.postgres import one_statement, read_sql
from sync.queue.execution_status import update_execution_status

logger = logging.getLogger(__name__)

(_RELEASE,) = read_sql(__file__, "release")
_PAGE = 500


def release_held(configuration_id: UUID | None = None, *, now: datetime | None = None) -> int:
    """Makes items pending again whose new columns were held under earlier rules; None: of all destinations.

    To be called after the change is committed. Returns how many there were; what somebody else holds, and what is being
    held at this moment, the workers' next pass finds.
    """
    released, last = 0, _PAGE
    while last == _PAGE:
        found = one_statement(_RELEASE, {"configuration_id": configuration_id, "limit": _PAGE, "now": now})
        update_execution_status([row[0] for row in found])
        last = len(found)
        released += last
    if released:
        logger.info("Picked up %d items that earlier rules had held", released)
    return released
