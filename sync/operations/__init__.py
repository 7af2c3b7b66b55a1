from sync.operations.backfill import LEFT_ALONE, BackfillCounts, backfill_executions
from sync.operations.change import (
    ChangeCounts,
    ChangePreview,
    apply_change,
    count_others,
    find_item,
    preview_change,
    retry_failed_sync,
)
from sync.operations.encryption import rotate_encryption_keys
from sync.operations.end_to_end import sync_one
from sync.operations.progress import Progress, silent
from sync.operations.prune import prune_history

__all__ = [
    "LEFT_ALONE",
    "BackfillCounts",
    "ChangeCounts",
    "ChangePreview",
    "Progress",
    "apply_change",
    "backfill_executions",
    "count_others",
    "find_item",
    "preview_change",
    "prune_history",
    "retry_failed_sync",
    "rotate_encryption_keys",
    "silent",
    "sync_one",
]
