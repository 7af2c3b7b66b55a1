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
from sync.operations.channels import (
    NoSecretError,
    TooManyChannelsError,
    change_channel,
    delete_channel,
    make_channel,
    pause_channel,
    resume_channel,
    rotate_channel_secret,
    try_channel,
)
from sync.operations.encryption import rotate_encryption_keys
from sync.operations.end_to_end import sync_one
from sync.operations.erasure import UnderWayError, WithinReachError, erase_results, note_erased
from sync.operations.erasure_plan import ComesBackError, ErasedPlace, check_stays_away, plan_erasure
from sync.operations.findings import CURES, CannotCureError, Cure, cure_finding, cures_of, subject, what_to_do
from sync.operations.forgetting import StillThereError, forget_user
from sync.operations.mutes import SPANS, BadMuteError, mute_alerts, mute_errors, unmute_alerts, unmute_errors
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
from sync.operations.retention import (
    PrunePreview,
    Retention,
    preview_prune,
    prune_results,
    retention_of,
    set_retention,
)
from sync.operations.rules import *  # noqa: F403 - what that room's door offers is offered here, too
from sync.queue import Loaded

__all__ = [
    "CURES",
    "LEFT_ALONE",
    "SPANS",
    "BackfillCounts",
    "BadMuteError",
    "CannotCureError",
    "ChangeCounts",
    "ChangePreview",
    "ComesBackError",
    "Cure",
    "ErasedPlace",
    "Loaded",
    "NoSecretError",
    "NoSuchMakerError",
    "Progress",
    "PrunePreview",
    "Retention",
    "StillThereError",
    "TooManyChannelsError",
    "UnderWayError",
    "WithinReachError",
    "apply_change",
    "backfill_executions",
    "change_channel",
    "change_powers",
    "change_preferences",
    "check_stays_away",
    "count_others",
    "cure_finding",
    "cures_of",
    "delete_channel",
    "erase_results",
    "find_item",
    "forget_user",
    "make_channel",
    "make_token",
    "make_user",
    "mute_alerts",
    "mute_errors",
    "note_erased",
    "note_rights",
    "pause_channel",
    "plan_erasure",
    "preview_change",
    "preview_prune",
    "prune_history",
    "prune_results",
    "resume_channel",
    "retention_of",
    "retry_failed_sync",
    "revoke_tokens",
    "rotate_channel_secret",
    "rotate_encryption_keys",
    "set_password",
    "set_retention",
    "silent",
    "subject",
    "sync_one",
    "try_channel",
    "unmute_alerts",
    "unmute_errors",
    "what_to_do",
]
__all__ += rules.__all__
