"""What a worker remembers of the queue between two looks, so that it does not walk over what is done.

A claimed item leaves a dead entry behind in the index until vacuum may remove it, which a long transaction anywhere in
the database prevents: 150,000 of them cost every look 20 ms. A floor is a moment before which nothing is due any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sync.queue import Claim, Routed

# What has become due may be seen this much later: its transaction took so long.
SLACK = timedelta(seconds=60)


class Floors:
    """Learnt from the last claims; forgotten with every full pass, which sees what a longer transaction has brought."""

    def __init__(self) -> None:
        self.destinations: dict[UUID, datetime] = {}
        self.unrouted: datetime | None = None

    def forget(self) -> None:
        self.destinations, self.unrouted = {}, None

    def learn_routed(self, routed: Routed) -> None:
        """Items are routed in the order in which they became due."""
        if routed.first_due:
            self.unrouted = routed.first_due - SLACK

    def learn_claimed(self, claims: Sequence[Claim]) -> None:
        """So are items claimed, lanes apart: their batches leave few entries to walk over."""
        first: dict[UUID, datetime] = {}
        for claim in claims:
            if claim.run_after and claim.lane is None:
                due = claim.run_after - SLACK
                first[claim.configuration_id] = min(due, first.get(claim.configuration_id, due))
        self.destinations |= first
