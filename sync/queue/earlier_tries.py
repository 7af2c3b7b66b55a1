"""What the earlier tries of an item's present results say about how the next one may end."""

from sync.postgres import one_statement, read_sql
from sync.queue.rows import Claim

# Seconds after the first look for which results are waited for: an application may commit them after it has said that
# the execution completed. A trigger queues them as soon as they are there.
LATE_RESULTS = 60.0

# Tries that cost no retry, since the worker's host was at fault. A result that is too large for what is free there
# ends every try so, and each keeps the worker from all else meanwhile.
MOST_UNCOUNTED = 10

_MAY_COME, _ARE_SPENT = read_sql(__file__, "may_come", "are_spent")


def results_may_come(claim: Claim) -> bool:
    """Whether an execution that has no results may still get them."""
    params = {"item": claim.item_id, "generation": claim.generation, "patience": LATE_RESULTS}
    return bool(one_statement(_MAY_COME, params)[0][0])


def uncounted_are_spent(claim: Claim, code: str) -> bool:
    """Whether as many tries have ended with this code as cost nothing."""
    params = {"item": claim.item_id, "generation": claim.generation, "code": code, "most": MOST_UNCOUNTED}
    return bool(one_statement(_ARE_SPENT, params)[0][0])
