"""One attempt at a claimed item: runs the pipeline, and turns what came of it into the queue's words."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection

from sync import backoff, pipeline, queue
from sync.errors import DestinationError, PermanentError, SyncError, failure
from sync.lease import LeaseLostError, StoppingError
from sync.queue import Claim, Finish, endings
from sync.snowflake.pool import Pool

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# Seconds that a destination pauses at first; the queue doubles it with each failure in a row.
PAUSE = 60.0
# Waiting for others in Snowflake is nobody's failure: it costs no retry.
UNCOUNTED = frozenset({"lock_wait"})


class Attempting:
    """Shared by a worker's threads."""

    def __init__(self, pool: Pool, check: Callable[[int | None], None]) -> None:
        self.pool = pool
        self._check = check
        self._progress: dict[int, pipeline.Progress] = {}
        self._lock = threading.Lock()

    def attempt(self, claim: Claim) -> str:
        """Does the work of a claim and ends it; what the item became, or `refused`."""
        progress = pipeline.Progress()
        with self._lock:
            self._progress[claim.claim_token] = progress
        try:
            ending = self._ending(claim, progress)
            status = _persistently(lambda: queue.finish([ending]))[0]
        finally:
            with self._lock:
                del self._progress[claim.claim_token]
        _log(ending, status)
        if status == "completed" and claim.probes:
            queue.resume_destination(claim.configuration_id)
        return status or "refused"

    def release(self, claims: Sequence[Claim]) -> None:
        """Hands back what could not be finished; what is still going on there ends as refused."""
        with self._lock:
            held = {claim: self._progress.get(claim.claim_token) for claim in claims}
        handed_back = [
            endings.released(claim, (progress or pipeline.Progress()).as_attempt()) for claim, progress in held.items()
        ]
        if handed_back:
            _persistently(lambda: queue.finish(handed_back))
            logger.warning("Handed back %d items that were not finished in time", len(handed_back))

    def _ending(self, claim: Claim, progress: pipeline.Progress) -> Finish:
        try:
            guard = partial(self._check, claim.worker_id)
            outcome = pipeline.run(claim.execution_id, claim.configuration_id, self.pool, guard, progress)
            return endings.completed(claim, outcome, progress.as_attempt())
        except (LeaseLostError, StoppingError):
            return endings.released(claim, progress.as_attempt())
        except SyncError as error:
            return _after_error(claim, error, progress)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            return _after_error(claim, _lost_database(claim, error), progress)
        except Exception as error:
            logger.exception("Execution %s: unexpected error", claim.execution_id)
            happened = f"Execution {claim.execution_id}: {type(error).__name__} in the worker"
            return _after_error(claim, failure("unexpected", happened), progress)


def _after_error(claim: Claim, error: SyncError, progress: pipeline.Progress) -> Finish:
    """Fails, pauses the destination, or tries again later, as the error's class says."""
    attempt = progress.as_attempt()
    if isinstance(error, PermanentError):
        return endings.failed(claim, error, attempt)
    if isinstance(error, DestinationError):
        _pause(claim, error)
        return endings.paused(claim, error, attempt)
    delay = backoff.delay(claim.retry_count + 1)
    return endings.retried(claim, error, attempt, delay=delay, counts=error.code not in UNCOUNTED)


def _pause(claim: Claim, error: SyncError) -> None:
    try:
        _persistently(lambda: queue.pause_destination(claim.configuration_id, error, delay=PAUSE), tries=3)
    except Error as problem:
        # The item is handed back all the same; whoever takes it next meets the same error.
        logger.warning("Destination %s could not be paused: %s", claim.configuration_id, str(problem).strip())


def _lost_database(claim: Claim, error: Error) -> SyncError:
    first_line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return failure("database_unavailable", f"Execution {claim.execution_id}: {first_line}")


def _persistently(work: Callable[[], Result], *, tries: int = 8) -> Result:
    """Does the work again where PostgreSQL was away or a lock was held; it must be safe to repeat."""
    for number in range(1, tries):
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            logger.info("PostgreSQL did not take it, trying again: %s", str(error).strip())
            connection.close()
            time.sleep(backoff.delay(number, base=0.1, cap=5.0))
    return work()


def _log(ending: Finish, status: str | None) -> None:
    """By consequence: what is tried again is a warning, what is final an error."""
    execution_id = ending.claim.execution_id
    if status is None:
        logger.info("Execution %s: the claim was lost; nothing was written", execution_id)
    elif ending.outcome == "completed":
        logger.info(
            "Successfully synced execution %s to Snowflake: %s rows, %s",
            execution_id,
            ending.attempt.rows,
            ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in ending.attempt.timings.items()),
        )
    elif status == "failed":
        logger.error("Execution %s failed: %s", execution_id, ending.error_message)
    elif ending.error_message:
        logger.warning("Execution %s will be tried again: %s", execution_id, ending.error_message)
