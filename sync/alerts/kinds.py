"""What people are told of: each kind of alert, in words."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    DESTINATION_PAUSED = "destination_paused"
    NEW_FAILURE = "new_failure"
    FAILURES_ABOVE = "failures_above"
    LATE = "late"
    NEW_COLUMN = "new_column"
    RULE_MATCHES_NOTHING = "rule_matches_nothing"
    NO_WORKER = "no_worker"
    OUT_OF_SPACE = "out_of_space"
    KEY_ENDS_SOON = "key_ends_soon"
    TOKEN_ENDS_SOON = "token_ends_soon"  # noqa: S105 - a word
    LOGINS_END = "logins_end"
    DRIFT = "drift"
    CHANNEL_FAILING = "channel_failing"


# Of a mute: whatever the kind.
ANY_KIND = "*"


class Words(NamedTuple):
    """As one chooses it; and of many at once, that they began and that they are over: after a number."""

    label: str
    began: str
    over: str


WORDS: dict[str, Words] = {
    Kind.DESTINATION_PAUSED: Words("a destination is paused", "destinations are paused", "destinations work again"),
    Kind.NEW_FAILURE: Words("runs fail in a new way", "new kinds of failure", "kinds of failure have been dealt with"),
    Kind.FAILURES_ABOVE: Words(
        "many runs fail", "destinations at which many runs fail", "destinations at which fewer runs fail again"
    ),
    Kind.LATE: Words("results are late", "destinations are late", "destinations have caught up"),
    Kind.NEW_COLUMN: Words(
        "a new column waits for a decision", "workflows have a new column", "workflows whose new columns are decided"
    ),
    Kind.RULE_MATCHES_NOTHING: Words(
        "a rule matches no column", "rules match no column", "rules match a column again, or are gone"
    ),
    Kind.NO_WORKER: Words("no worker is running", "times no worker is running", "times a worker is running again"),
    Kind.OUT_OF_SPACE: Words(
        "a host has no room for files", "hosts have no room for files", "hosts have room for files again"
    ),
    Kind.KEY_ENDS_SOON: Words("a key ends soon", "keys end soon", "keys have been renewed"),
    Kind.TOKEN_ENDS_SOON: Words("a token ends soon", "tokens end soon", "tokens have been renewed"),
    Kind.LOGINS_END: Words(
        "log-ins with a password end", "destinations log in with a password", "destinations log in without a password"
    ),
    Kind.DRIFT: Words(
        "tables in Snowflake were changed",
        "destinations have tables that were changed",
        "destinations whose tables are as they were loaded",
    ),
    Kind.CHANNEL_FAILING: Words("a channel fails", "channels fail", "channels work again"),
}
