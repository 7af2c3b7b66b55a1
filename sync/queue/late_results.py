"""Results that their application commits after it has said that the execution completed."""

from sync.postgres import one_statement
from sync.queue.rows import Claim

# For so many seconds after the first look they are waited for; a trigger queues them as soon as they are there.
PATIENCE = 60.0

_MAY_COME = """
SELECT NOT EXISTS (
    SELECT FROM snowflake_sync_attempts AS attempt
    WHERE attempt.item_id = %(item)s
        AND attempt.generation = %(generation)s
        AND attempt.finished_at <= now() - make_interval(secs => %(patience)s)
)
"""


def may_come(claim: Claim) -> bool:
    """Whether the execution of a claim that has no results may still get them."""
    params = {"item": claim.item_id, "generation": claim.generation, "patience": PATIENCE}
    return bool(one_statement(_MAY_COME, params)[0][0])
