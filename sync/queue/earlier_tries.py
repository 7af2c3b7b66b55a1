"""What earlier tries of an item, with the results that it has now, say about how the next try may end."""

from sync.postgres import one_statement, read_sql
from sync.queue.rows import Claim

# Seconds after the first look for which an item waits for results: an application may commit these after it has said
# that the execution completed. The trigger queues them as soon as they are there.
LATE_RESULTS = 60.0

# At most so many tries cost no retry if the worker's host was at fault. A result that is too large for the host ends
# every try like this, and each try keeps the worker from all other items meanwhile.
MOST_UNCOUNTED = 10

_MAY_COME, _ARE_SPENT = read_sql(__file__, "may_come", "are_spent")


def results_may_come(claim: Claim) -> bool:
    """Whether an execution that has no results may still get them."""
    params = {"item": claim.item_id, "generation": claim.generation, "patience": LATE_RESULTS}
    return bool(one_statement(_MAY_COME, params)[0][0])


def uncounted_are_spent(claim: Claim, code: str) -> bool:
    """Whether MOST_UNCOUNTED tries have ended with this code, so that the next one costs a retry."""
    params = {"item": claim.item_id, "generation": claim.generation, "code": code, "most": MOST_UNCOUNTED}
    return bool(one_statement(_ARE_SPENT, params)[0][0])
