"""The breaker of a destination: it pauses, is tried by one at a time, and resumes."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sync.catalogue import CATALOGUE, message_of
from sync.errors import SyncError
from sync.queue.database import one_statement

# A pause doubles with every failure in a row, up to 32 times the first. Threads that fail together count as one.
# Refused credentials are tried twice and no more until something changes, unless they have let us in before: five
# wrong log-ins lock a user's Snowflake account.
_PAUSE = """
UPDATE snowflake_configurations
SET breaker_state = 'open',
    breaker_code = %(code)s,
    breaker_reason = %(reason)s,
    breaker_until = CASE
        WHEN %(refused)s AND last_login_at IS NULL AND breaker_code = ANY (%(refusals)s) THEN NULL
        ELSE coalesce(%(now)s, now()) + make_interval(secs => %(delay)s * 2.0 ^ least(breaker_failures, 5))
    END,
    breaker_failures = breaker_failures + 1,
    trial_until = NULL
WHERE id = %(configuration_id)s
    AND (breaker_state = 'closed' OR breaker_until <= coalesce(%(now)s, now()))
"""

_RESUME = """
UPDATE snowflake_configurations
SET breaker_state = 'closed', breaker_until = NULL, breaker_code = NULL, breaker_reason = NULL, breaker_failures = 0,
    trial_until = NULL
WHERE id = %(configuration_id)s
    AND (breaker_state <> 'closed' OR trial_until IS NOT NULL)
    AND (%(by_hand)s OR breaker_code IS DISTINCT FROM 'paused_by_hand')
"""

# What somebody paused stays so until somebody ends it: no probe, and no change of credentials.
_PAUSE_BY_HAND = """
UPDATE snowflake_configurations
SET breaker_state = 'open', breaker_until = NULL, breaker_code = 'paused_by_hand', breaker_reason = %(reason)s,
    breaker_failures = 0, trial_until = NULL
WHERE id = %(configuration_id)s
"""

_END_TRIAL = """
UPDATE snowflake_configurations SET trial_until = NULL WHERE id = %(configuration_id)s AND trial_until IS NOT NULL
"""

# A log-in of the last minutes, by whomever, says that the credentials are good: then there is no queue.
_ASK = """
WITH clock AS MATERIALIZED (
    SELECT coalesce(%(now)s, now()) AS now
),
state AS MATERIALIZED (
    SELECT
        configuration.breaker_state = 'open'
            AND (configuration.breaker_until > clock.now) IS NOT FALSE
            AND NOT %(by_hand)s AS paused,
        coalesce(configuration.last_login_at > clock.now - make_interval(secs => %(recent)s), false)
            AND NOT %(by_hand)s AS proven
    FROM snowflake_configurations AS configuration, clock
    WHERE configuration.id = %(configuration_id)s
),
taken AS (
    UPDATE snowflake_configurations AS configuration
    SET trial_until = clock.now + make_interval(secs => %(seconds)s)
    FROM state, clock
    WHERE configuration.id = %(configuration_id)s
        AND NOT state.paused
        AND NOT state.proven
        AND (configuration.trial_until IS NULL OR configuration.trial_until <= clock.now OR %(on_trial)s)
    RETURNING configuration.id
)
SELECT CASE
    WHEN state.paused THEN 'paused'
    WHEN state.proven THEN 'free'
    WHEN EXISTS (SELECT FROM taken) THEN 'taken'
    ELSE 'busy'
END
FROM state
"""

# Written at most once a minute: a log-in of many threads at once is one piece of news.
_NOTE_LOGIN = """
UPDATE snowflake_configurations
SET last_login_at = coalesce(%(now)s, now())
WHERE id = %(configuration_id)s
    AND (last_login_at IS NULL OR last_login_at < coalesce(%(now)s, now()) - interval '1 minute')
"""

# A log-in this young, in seconds, vouches for the credentials.
RECENT = 600.0

_REFUSALS = [code for code, entry in CATALOGUE.items() if entry.refuses]


class Login(StrEnum):
    """May this connection log in?"""

    FREE = "free"
    TAKEN = "taken"  # yes, and nobody else meanwhile
    BUSY = "busy"  # somebody else is trying
    PAUSED = "paused"


def pause_destination(configuration_id: UUID, error: SyncError, *, now: datetime | None = None) -> None:
    """The destination is at fault: nothing is claimed for it for a while, longer with each time in a row."""
    params = {
        "configuration_id": configuration_id,
        "code": error.code,
        "reason": str(error),
        "delay": error.entry.pause,
        "refused": error.entry.refuses,
        "refusals": _REFUSALS,
        "now": now,
    }
    one_statement(_PAUSE, params)


def resume_destination(configuration_id: UUID, *, by_hand: bool = False) -> None:
    """The destination works: its pause is over. One that somebody began ends by hand only."""
    one_statement(_RESUME, {"configuration_id": configuration_id, "by_hand": by_hand})


def pause_by_hand(configuration_id: UUID) -> None:
    """Nothing is claimed for the destination until `resume_destination(…, by_hand=True)`; its items wait."""
    one_statement(_PAUSE_BY_HAND, {"configuration_id": configuration_id, "reason": message_of("paused_by_hand")})


def end_trial(configuration_id: UUID) -> None:
    """Whoever tried the destination has come to no conclusion: somebody else may."""
    one_statement(_END_TRIAL, {"configuration_id": configuration_id})


def ask_login(
    configuration_id: UUID,
    *,
    seconds: float,
    on_trial: bool = False,
    by_hand: bool = False,
    now: datetime | None = None,
) -> Login:
    """Whether a connection may log in now; TAKEN keeps others from it for `seconds`, or until the trial ends.

    `on_trial`: the caller was given the trial with its claim. `by_hand`: somebody wants to know whether it works now,
    so that a pause does not count.
    """
    params = {
        "configuration_id": configuration_id,
        "seconds": seconds,
        "recent": RECENT,
        "on_trial": on_trial,
        "by_hand": by_hand,
        "now": now,
    }
    rows = one_statement(_ASK, params)
    return Login(rows[0][0]) if rows else Login.PAUSED


def note_login(configuration_id: UUID, *, now: datetime | None = None) -> None:
    """The destination let us in."""
    one_statement(_NOTE_LOGIN, {"configuration_id": configuration_id, "now": now})
