from sync.operations import rules
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
from sync.operations.mutes import SPANS, BadMuteError, mute_errors, unmute_errors
from sync.operations.people import (
    NoSuchMakerError,
    change_powers,
    change_preferences,
    make_token,
    make_user,
    note_rights,
    revoke_tokens,
    set_password,
)
from sync.operations.progress import Progress, silent
from sync.operations.prune import prune_history
from sync.operations.rules import *  # noqa: F403 - what that room's door offers is offered here, too
from sync.queue import Loaded

__all__ = [
    "LEFT_ALONE",
    "SPANS",
    "BackfillCounts",
    "BadMuteError",
    "ChangeCounts",
    "ChangePreview",
    "Loaded",
    "NoSuchMakerError",
    "Progress",
    "apply_change",
    "backfill_executions",
    "change_powers",
    "change_preferences",
    "count_others",
    "find_item",
    "make_token",
    "make_user",
    "mute_errors",
    "note_rights",
    "preview_change",
    "prune_history",
    "retry_failed_sync",
    "revoke_tokens",
    "rotate_encryption_keys",
    "set_password",
    "silent",
    "sync_one",
    "unmute_errors",
]
__all__ += rules.__all__
