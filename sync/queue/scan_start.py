"""What a worker remembers of the queue between two looks, so that it does not walk over items that are done.

A claimed item leaves a dead entry behind in the index until vacuum may remove it, which a long transaction anywhere in
the database prevents: 150,000 dead entries cost every look 20 ms. A scan start is a moment before which nothing is due
any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sync.queue.rows import Claim, Routed

# An item that became due may become visible this much later, if its transaction took so long.
SLACK = timedelta(seconds=60)


class ScanStarts:
    """Scan starts are learnt from the last claims, and forgotten with every full pass.

    The full pass sees the items of longer transactions. While there is more than one look can take, the next look
    begins where the last one ended. Otherwise it begins a little earlier, for items that were committed late.
    """

    def __init__(self) -> None:
        self._first: dict[UUID, datetime] = {}
        self._scan_start: datetime | None = None
        self._more_to_claim = self._more_to_route = False

    @property
    def destinations(self) -> dict[UUID, datetime]:
        """The moment to look from in each destination."""
        slack = timedelta(0) if self._more_to_claim else SLACK
        return {destination: first - slack for destination, first in self._first.items()}

    @property
    def scan_start(self) -> datetime | None:
        """The moment to look from for items that have no destination yet."""
        return self._scan_start and self._scan_start - (timedelta(0) if self._more_to_route else SLACK)

    def forget(self) -> None:
        self._first, self._scan_start = {}, None

    def learn_routed(self, routed: Routed, *, more: bool) -> None:
        """Items are routed in the order in which they became due. `more`: as many as were asked for."""
        self._more_to_route = more
        self._scan_start = routed.first_due or self._scan_start

    def learn_claimed(self, claims: Sequence[Claim], *, more: bool) -> None:
        """Items are claimed in that order, too, except those of batch keys, which leave few dead entries behind."""
        self._more_to_claim = more
        first: dict[UUID, datetime] = {}
        for claim in claims:
            if claim.run_after and claim.batch_key is None:
                first[claim.configuration_id] = min(claim.run_after, first.get(claim.configuration_id, claim.run_after))
        self._first |= first
