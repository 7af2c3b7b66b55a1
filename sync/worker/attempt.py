"""One attempt at claimed items: runs the pipeline, and turns what came of it into the queue's words."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.db import Error, connection

from sync import destinations, load, queue
from sync.destinations import ChangedError, NotNowError, login_lock
from sync.errors import DestinationError, PermanentError, SyncError, failure, host_trouble, is_of_the_host
from sync.load import Progress
from sync.postgres import Unquoted, first_line, is_lost, refusal
from sync.queue import BATCH, PATIENCE, Attempt, Claim, Finish, delay, endings, may_come, uncounted
from sync.snowflake.session import Pool
from sync.worker.host import Host
from sync.worker.lease import LeaseLostError, StoppingError

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# Seconds until an item is looked at again whose destination somebody else was trying.
NOT_NOW = 15.0


class Attempting:
    """Shared by a worker's threads."""

    def __init__(self, pool: Pool, check: Callable[[int | None], None], host: Host) -> None:
        self.pool = pool
        self._host = host
        # Where staged files lie while they are made and sent.
        self.directory: Path | None = None
        self._check = check
        self._progress: dict[int, Progress] = {}
        self._lock = threading.Lock()

    def attempt(self, claims: Sequence[Claim]) -> list[str]:
        """Does the work of claims that travel together and ends them; what each became, or `refused`."""
        batch = {claim: Progress(claim.execution_id) for claim in claims}
        with self._lock:
            self._progress |= {claim.claim_token: progress for claim, progress in batch.items()}
        try:
            concerns_all = self._run(batch)
            ended = [_ending(claim, progress, concerns_all) for claim, progress in batch.items()]
            became = [status for part in _parts(ended) for status in _finish(part)]
        finally:
            with self._lock:
                for claim in claims:
                    del self._progress[claim.claim_token]
        for ending, status in zip(ended, became, strict=True):
            _log(ending, status)
        _conclude(claims[0], ended)
        self._judge_host(ended)
        return [status or "refused" for status in became]

    def release(self, claims: Sequence[Claim]) -> None:
        """Hands back what could not be finished; what is still going on there ends as refused."""
        with self._lock:
            held = {claim: self._progress.get(claim.claim_token) for claim in claims}
        handed_back = [
            endings.released(claim, progress.as_attempt() if progress else Attempt())
            for claim, progress in held.items()
        ]
        for part in _parts(handed_back):
            _finish(part)
        if handed_back:
            logger.warning("Handed back %d items that were not finished in time", len(handed_back))

    def _run(self, batch: dict[Claim, Progress]) -> Exception | None:
        """Settles each as far as it can; what keeps all the others from it, if anything does."""
        # One that was closed while the thread had nothing to do is no failure of the next item.
        connection.close_if_unusable_or_obsolete()
        first = next(iter(batch))
        guard = partial(self._check, first.worker_id)
        lock = partial(login_lock, claim=first, seconds=self.pool.limits.longest_login, guard=guard)
        try:
            load.run(list(batch.values()), first.configuration_id, self.pool, guard, lock, self.directory)
        except (LeaseLostError, StoppingError, NotNowError, ChangedError, SyncError) as error:
            if isinstance(error, DestinationError):
                _pause(first, error)
            return error
        except Exception as error:
            if refused := refusal(first.execution_id, error):
                connection.close()
                return refused
            if is_of_the_host(error):
                return host_trouble(error, f"Execution {first.execution_id}", self.directory)
            logger.exception("Execution %s: unexpected error", first.execution_id, exc_info=Unquoted(error))
            return failure("unexpected", f"Execution {first.execution_id}: {type(error).__name__} in the worker")
        return None

    def _judge_host(self, ended: Sequence[Finish]) -> None:
        trouble = next((end.error for end in ended if end.error and end.error.entry.of_the_host), None)
        if trouble:
            self._host.note(trouble.happened, self.directory)
        elif any(ending.outcome == "completed" for ending in ended):
            self._host.note_success()


def _ending(claim: Claim, progress: Progress, concerns_all: Exception | None) -> Finish:
    """Completes, fails, releases, or tries again later, as the error's class says."""
    attempt = progress.as_attempt()
    if progress.outcome:
        return endings.completed(claim, progress.outcome, attempt)
    error = progress.error or concerns_all or failure("unexpected", f"Execution {claim.execution_id} was passed over")
    if isinstance(error, SyncError) and error.entry.may_come and _persistently(partial(may_come, claim)):
        logger.info("Execution %s has no results yet; it is looked at again when they come", claim.execution_id)
        return endings.released(claim, attempt, delay=PATIENCE)
    if isinstance(error, PermanentError):
        return endings.failed(claim, error, attempt)
    if isinstance(error, DestinationError):
        return endings.paused(claim, error, attempt)
    if isinstance(error, SyncError):
        wait = error.entry.wait or delay(claim.retry_count + 1)
        return endings.retried(claim, error, attempt, delay=wait, counts=_counts(claim, error))
    return endings.released(claim, attempt, delay=NOT_NOW if isinstance(error, NotNowError) else 0.0)


def _counts(claim: Claim, error: SyncError) -> bool:
    if not error.entry.of_the_host:
        return error.entry.counts
    return _persistently(partial(uncounted.are_spent, claim, error.code))


def _parts(ended: Sequence[Finish]) -> Iterator[Sequence[Finish]]:
    """Some at a time: the application waits for none of their executions for long."""
    for start in range(0, len(ended), BATCH):
        yield ended[start : start + BATCH]


def _finish(ended: Sequence[Finish]) -> list[str | None]:
    """Ends claims together; where that does not go, each by itself, so that one does not hold up the others.

    None also for one whose execution somebody holds for too long: it is rescued, and loaded again.
    """
    if len(ended) > 1:
        try:
            return queue.finish(ended)
        except Error as error:
            if not is_lost(error):
                raise
            logger.info("PostgreSQL did not take it, one by one now: %s", first_line(error))
            connection.close()
    return list(_one_by_one(ended))


def _one_by_one(ended: Sequence[Finish]) -> Iterator[str | None]:
    tries = 8
    for ending in ended:
        try:
            yield _persistently(partial(queue.finish, [ending]), tries=tries)[0]
        except Error as error:
            if not is_lost(error):
                raise
            connection.close()
            reason = first_line(error)
            logger.error("Execution %s: its end could not be written: %s", ending.claim.execution_id, reason)  # noqa: TRY400
            # Waited for once: what comes after has waited as long.
            tries = 1
            yield None


def _conclude(claim: Claim, ended: Sequence[Finish]) -> None:
    """What the attempt says of a destination that was on trial."""
    if not claim.on_trial:
        return
    if any(ending.outcome == "completed" for ending in ended):
        destinations.resume_destination(claim.configuration_id, version=claim.settings_version)
    else:
        destinations.end_trial(claim.configuration_id, version=claim.settings_version)


def _pause(claim: Claim, error: SyncError) -> None:
    pause = partial(destinations.pause_destination, claim.configuration_id, error, version=claim.settings_version)
    try:
        _persistently(pause, tries=3)
    except Error as problem:
        # The items are handed back all the same; whoever takes them next meets the same error.
        logger.warning("Destination %s could not be paused: %s", claim.configuration_id, first_line(problem))


def _persistently(work: Callable[[], Result], *, tries: int = 8) -> Result:
    """Does the work again where PostgreSQL was away or a lock was held; it must be safe to repeat."""
    for number in range(1, tries):
        try:
            return work()
        except Error as error:
            if not is_lost(error):
                raise
            logger.info("PostgreSQL did not take it, trying again: %s", first_line(error))
            connection.close()
            time.sleep(delay(number, base=0.1, cap=5.0))
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
    elif ending.error and status == "failed":
        logger.error("Execution %s failed: %s", execution_id, ending.error)
    elif ending.error:
        logger.warning("Execution %s waits: %s. %s", execution_id, ending.error.happened, ending.error.meanwhile)
