"""Tries that cost an item no retry, since the worker's host was at fault: some, and not for ever.

A result that is too large for what is free there ends every try so, and each keeps the worker from all else meanwhile.
"""

from sync.postgres import one_statement
from sync.queue.rows import Claim

MOST = 10

_ARE_SPENT = """
SELECT count(*) >= %(most)s
FROM snowflake_sync_attempts
WHERE item_id = %(item)s AND generation = %(generation)s AND error_code = %(code)s
"""


def are_spent(claim: Claim, code: str) -> bool:
    """Whether the item of a claim has had as many tries of its results that ended with this code as cost nothing."""
    params = {"item": claim.item_id, "generation": claim.generation, "code": code, "most": MOST}
    return bool(one_statement(_ARE_SPENT, params)[0][0])
