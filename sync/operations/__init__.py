from sync.operations.backfill import BackfillCounts, backfill_executions
from sync.operations.confirm import RETRYING, SKIPPING, Carried, Handling, Mark, Prospect, carry_out, foresee
from sync.operations.encryption import rotate_encryption_keys
from sync.operations.end_to_end import PATIENCE, sync_one
from sync.operations.progress import Progress, silent
from sync.operations.prune import prune_history
from sync.operations.retry import retry_failed, retry_failed_sync

__all__ = [
    "PATIENCE",
    "RETRYING",
    "SKIPPING",
    "BackfillCounts",
    "Carried",
    "Handling",
    "Mark",
    "Progress",
    "Prospect",
    "backfill_executions",
    "carry_out",
    "foresee",
    "prune_history",
    "retry_failed",
    "retry_failed_sync",
    "rotate_encryption_keys",
    "silent",
    "sync_one",
]
