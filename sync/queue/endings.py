"""The ways in which a claim can end, each defined once."""

from sync.errors import SyncError, failure
from sync.queue.rows import Attempt, Claim, Finish, Outcome, Removed


def completed(claim: Claim, outcome: Outcome, attempt: Attempt) -> Finish:
    """The result is in its table."""
    return Finish(claim, "completed", "completed", attempt, loaded=outcome)


def skipped(claim: Claim, error: SyncError, attempt: Attempt) -> Finish:
    """It is not to be loaded: as things are, there is nothing to do."""
    return Finish(claim, "skipped", "skipped", attempt, error=error)


def removed(claim: Claim, outcome: Removed, attempt: Attempt) -> Finish:
    """Its result is to be in Snowflake no more, and is not; its item forgets that it was."""
    return Finish(claim, "removed", "skipped", attempt, error=outcome.because)


def retried(claim: Claim, error: SyncError, attempt: Attempt, *, delay: float, counts: bool = True) -> Finish:
    """The item gets another try, after `delay` seconds."""
    return Finish(claim, "retry", "pending", attempt, delay=delay, counts=counts, error=error)


def failed(claim: Claim, error: SyncError, attempt: Attempt) -> Finish:
    """Another try would end the same way."""
    return Finish(claim, "failed", "failed", attempt, error=error)


def released(claim: Claim, attempt: Attempt, *, delay: float = 0.0) -> Finish:
    """The item is handed back, and no retry is counted."""
    return Finish(claim, "released", "pending", attempt, delay=delay)


def paused(claim: Claim, error: SyncError, attempt: Attempt) -> Finish:
    """The destination is at fault: the item keeps its retries."""
    return Finish(claim, "paused", "pending", attempt, delay=0, error=error)


def rescued(claim: Claim, *, delay: float) -> Finish:
    """The item's worker stopped without ending the claim, which counts as a try."""
    error = failure("worker_died", f"Execution {claim.execution_id}: the worker that had claimed it stopped")
    return Finish(claim, "rescued", "pending", counts=True, delay=delay, error=error)
