"""The ways in which a worker ends a claim, and what each of them is to be."""

from hypothesis import strategies as st

from sync.errors import failure
from sync.queue import Attempt, Finish, Outcome, Removed, endings
from tests.queue.machine.base import Held

# How often, and what it is: its outcome, what the item becomes, and whether a retry is counted.
WAYS = {
    "complete": (5, "completed", "completed", False),
    "retry": (4, "retry", "pending", True),
    "lock_wait": (1, "retry", "pending", False),
    "fail": (2, "failed", "failed", False),
    "not_completed": (0, "failed", "failed", False),
    "release": (2, "released", "pending", False),
    "snowflake_unreachable": (1, "paused", "pending", False),
    "login_refused": (1, "paused", "pending", False),
    "role_missing": (1, "paused", "pending", False),
    "leave_out": (0, "skipped", "skipped", False),
    "take_out": (0, "removed", "skipped", False),
}
ways = st.sampled_from([way for way, (weight, *_) in WAYS.items() for _ in range(weight)])

_OUT = {"leave_out": "excluded_by_rule", "take_out": "excluded_by_rule"}
_CODES = {"retry": "session_lost", "fail": "no_results", **_OUT}
_PLAIN = {"failed": endings.failed, "skipped": endings.skipped, "paused": endings.paused}


def ending_of(held: Held, way: str, *, sent: bool, had_read: bool) -> Finish:
    """As a worker ends it. What runs again is neither loaded nor read."""
    if way == "complete" and not held.completed:
        way, sent, had_read = "not_completed", False, False
    ending = _ending(held, way, _attempt(held, sent=sent or way in ("complete", "take_out"), had_read=had_read))
    assert (ending.outcome, ending.status, ending.counts) == WAYS[way][1:]
    return ending


def _attempt(held: Held, *, sent: bool, had_read: bool) -> Attempt:
    if held.excluded or not (sent or had_read):
        return Attempt(load_sent=sent, statements=int(sent))
    return Attempt(rows=held.results, load_sent=sent, result_hash=held.result_hash, source_version=held.version.xmin)


def _ending(held: Held, way: str, attempt: Attempt) -> Finish:
    claim, outcome = held.claim, WAYS[way][1]
    if outcome == "released":
        return endings.released(claim, attempt)
    if outcome == "completed":
        table = f"T_{claim.configuration_id.hex[-4:]}_{claim.execution_id}"
        return endings.completed(claim, Outcome("S", table, held.results or 0), attempt)
    error = failure(
        _CODES.get(way, way), held.excluded if way in _OUT and held.excluded else f"Try {claim.claim_token}"
    )
    if outcome == "removed":
        return endings.removed(claim, Removed(error), attempt)
    if outcome == "retry":
        return endings.retried(claim, error, attempt, delay=7, counts=way == "retry")
    return _PLAIN[outcome](claim, error, attempt)
