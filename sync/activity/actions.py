"""What can be done, in words: one for each action, the same on page, in exports and by the API."""

from enum import StrEnum


class Action(StrEnum):
    RETRY = "retry"
    SKIP = "skip"
    LOAD_AGAIN = "load_again"
    FINDING_ADOPTED = "finding_adopted"
    BACKFILL = "backfill"
    RULES_CHANGED = "rules_changed"
    RULES_APPLIED = "rules_applied"
    EXCLUDED_REMOVED = "excluded_removed"
    EXCLUDED_BROUGHT_BACK = "excluded_brought_back"
    RETENTION_CHANGED = "retention_changed"
    RESULTS_PRUNED = "results_pruned"
    ERASED = "erased"
    HASH_KEY_ROTATED = "hash_key_rotated"
    DESTINATION_MADE = "destination_made"
    DESTINATION_CHANGED = "destination_changed"
    DESTINATION_DELETED = "destination_deleted"
    DESTINATION_CHECKED = "destination_checked"
    DESTINATION_PAUSED = "destination_paused"
    DESTINATION_RESUMED = "destination_resumed"
    KEY_PREPARED = "key_prepared"
    KEY_ROTATED = "key_rotated"
    TOKEN_MADE = "token_made"  # noqa: S105 - a word
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a word
    PASSWORD_SET = "password_set"  # noqa: S105 - a word
    PREFERENCES_CHANGED = "preferences_changed"
    RIGHTS_CHANGED = "rights_changed"
    USER_MADE = "user_made"
    USER_FORGOTTEN = "user_forgotten"
    ERROR_MUTED = "error_muted"
    ERROR_UNMUTED = "error_unmuted"
    ALERTS_MUTED = "alerts_muted"
    ALERTS_UNMUTED = "alerts_unmuted"
    CHANNEL_MADE = "channel_made"
    CHANNEL_CHANGED = "channel_changed"
    CHANNEL_TESTED = "channel_tested"
    CHANNEL_PAUSED = "channel_paused"
    CHANNEL_RESUMED = "channel_resumed"
    CHANNEL_DELETED = "channel_deleted"
    ENCRYPTION_ROTATED = "encryption_rotated"
    HISTORY_PRUNED = "history_pruned"
    MIGRATED = "migrated"


class Kind(StrEnum):
    """What something is done to."""

    RUN = "run"
    RUNS = "runs"
    DESTINATION = "destination"
    WORKFLOW = "workflow"
    USER = "user"
    ERROR = "error"
    TOKEN = "token"  # noqa: S105 - a word
    GROUP = "group"
    ALERT = "alert"
    CHANNEL = "channel"
    INSTALLATION = "installation"


# As a word to choose by.
ACTIONS: dict[str, str] = {
    Action.RETRY: "retry",
    Action.SKIP: "skip",
    Action.LOAD_AGAIN: "load again",
    Action.FINDING_ADOPTED: "adopted as it is in Snowflake",
    Action.BACKFILL: "backfill",
    Action.RULES_CHANGED: "rules changed",
    Action.RULES_APPLIED: "rules applied to what is loaded",
    Action.EXCLUDED_REMOVED: "excluded runs taken out of Snowflake",
    Action.EXCLUDED_BROUGHT_BACK: "runs brought back that no rule excludes any more",
    Action.RETENTION_CHANGED: "retention changed",
    Action.RESULTS_PRUNED: "results past retention taken out of Snowflake",
    Action.ERASED: "results erased",
    Action.HASH_KEY_ROTATED: "new hash key",
    Action.DESTINATION_MADE: "destination made",
    Action.DESTINATION_CHANGED: "destination changed",
    Action.DESTINATION_DELETED: "destination deleted",
    Action.DESTINATION_CHECKED: "destination checked",
    Action.DESTINATION_PAUSED: "destination paused",
    Action.DESTINATION_RESUMED: "destination resumed",
    Action.KEY_PREPARED: "next key pair made",
    Action.KEY_ROTATED: "new key pair in use",
    Action.TOKEN_MADE: "token made",
    Action.TOKEN_REVOKED: "token revoked",
    Action.PASSWORD_SET: "password set",
    Action.PREFERENCES_CHANGED: "preferences changed",
    Action.RIGHTS_CHANGED: "rights changed",
    Action.USER_MADE: "user made",
    Action.USER_FORGOTTEN: "user forgotten",
    Action.ERROR_MUTED: "error muted",
    Action.ERROR_UNMUTED: "error no longer muted",
    Action.ALERTS_MUTED: "alerts muted",
    Action.ALERTS_UNMUTED: "alerts no longer muted",
    Action.CHANNEL_MADE: "channel of alerts made",
    Action.CHANNEL_CHANGED: "channel of alerts changed",
    Action.CHANNEL_TESTED: "channel of alerts tested",
    Action.CHANNEL_PAUSED: "channel of alerts paused",
    Action.CHANNEL_RESUMED: "channel of alerts resumed",
    Action.CHANNEL_DELETED: "channel of alerts deleted",
    Action.ENCRYPTION_ROTATED: "secrets encrypted anew",
    Action.HISTORY_PRUNED: "history pruned",
    Action.MIGRATED: "database migrated",
}
