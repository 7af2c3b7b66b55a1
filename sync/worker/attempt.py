"""One attempt at claimed items: loads them, and ends each claim as its load ended."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.db import Error, connection
from django.utils import timezone

from sync import destinations, queue, warehouse
from sync.activity import acting
from sync.destinations import Access, ChangedError, NotNowError
from sync.errors import DestinationError, PermanentError, SyncError, failure, host_trouble, is_of_the_host
from sync.load import BatchLoad
from sync.postgres import Unquoted, first_line, is_passing, refusal
from sync.queue import (
    LATE_RESULTS,
    Attempt,
    Claim,
    ClaimLostError,
    Finish,
    OpenLoad,
    Outcome,
    Removed,
    delay,
    endings,
    results_may_come,
    uncounted_are_spent,
)
from sync.snowflake.session import Pool
from sync.telemetry import about, past, span
from sync.worker.finishing import finish, persistently
from sync.worker.host import Host
from sync.worker.lease import LeaseLostError, StoppingError

logger = logging.getLogger(__name__)

# Seconds until an item is tried again if somebody else was trying its destination.
NOT_NOW = 15.0
# Executions of a batch that its lines and spans name.
_NAMED = 20


class Batch:
    """Claims that travel together to their destination, on one thread of a worker.

    `guard` is called before every statement to Snowflake, and stops the load by raising. `claimed`: when their claim
    began and ended, in ns since 1970.
    """

    def __init__(
        self,
        claims: Sequence[Claim],
        pool: Pool,
        guard: Callable[[], None],
        host: Host,
        claimed: tuple[int, int] | None = None,
    ) -> None:
        self.claims = claims
        self._claimed = claimed
        self._pool = pool
        self._guard = guard
        self._host = host
        self._load = BatchLoad(claims, host.directory, warehouse.release)

    def attempt(self) -> list[str]:
        """Does the work of the claims and ends them. Returns what each item became, or `refused`."""
        known = self._known()
        began = self._claimed[0] if self._claimed else None
        with acting("worker"), about(**known), span("attempt", began, items=len(self.claims), **known):
            if self._claimed:
                past("claim", *self._claimed)
            return self._attempt()

    def _known(self) -> dict[str, str | int | list[str]]:
        """What log lines and spans name: `attempt` is the claim_token in snowflake_sync_attempts."""
        first, ids = self.claims[0], [claim.execution_id for claim in self.claims]
        company = {"executions": ids[:_NAMED]} if len(ids) > 1 else {}
        return {
            "destination": str(first.configuration_id),
            "execution": first.execution_id,
            "attempt": first.claim_token,
            **company,
        }

    def _attempt(self) -> list[str]:
        ended = self._endings(self._run())
        became = finish(ended)
        _conclude(self.claims[0], ended)
        _let_on(self.claims[0])
        self._judge_host(ended)
        return [status or "refused" for status in became]

    def handed_back(self) -> list[Finish]:
        """How its claims end now, while it is still loaded: its own finish will be refused. Raises Error."""
        return self._endings(StoppingError())

    def _endings(self, concerns_all: Exception | None) -> list[Finish]:
        """How each claim ends: by its outcome, or by what concerns all that have none.

        Where a statement may land late, the item says so: nobody loads it before that can have ended. Raises Error.
        """
        ended = [
            _ending(claim, self._record(claim), self._load.outcomes.get(claim.execution_id) or concerns_all)
            for claim in self.claims
        ]
        late = [
            end.claim for end in ended if not end.loaded and self._load.records[end.claim.execution_id].may_land_late
        ]
        if not late:
            return ended
        longest = self._pool.limits.longest_statement
        ends_by = timezone.now() + timedelta(seconds=longest)
        persistently(partial(_note_late, late, OpenLoad(ends_by)))
        # Not due before, if no new results come: a try would only find that it has to wait.
        return [replace(end, delay=max(end.delay or 0, longest)) if end.claim in late else end for end in ended]

    def _record(self, claim: Claim) -> Attempt:
        return self._load.records[claim.execution_id].as_attempt()

    def _run(self) -> Exception | None:
        """Loads the executions that can be loaded. Returns the error that kept all others from it, if there was one."""
        # A connection that was closed while the thread had nothing to do must not fail the next item.
        connection.close_if_unusable_or_obsolete()
        first = self.claims[0]
        try:
            trial = first.settings_version if first.on_trial else None
            self._load.run(Access(first.configuration_id, self._pool, self._guard, loads=True, trial=trial))
        except (LeaseLostError, ClaimLostError, StoppingError, NotNowError, ChangedError, SyncError) as error:
            if isinstance(error, DestinationError):
                _pause(first, error)
            return error
        except Exception as error:
            subject = self._subject()
            if refused := refusal(subject, error):
                connection.close()
                return refused
            if is_of_the_host(error):
                return host_trouble(error, subject, self._host.directory)
            logger.exception("%s: unexpected error", subject, exc_info=Unquoted(error))
            return failure("unexpected", f"{subject}: {type(error).__name__} in the worker")
        return None

    def _subject(self) -> str:
        """What an error is about that Python or PostgreSQL raises: it is not known of which execution, if of one."""
        first, *others = self.claims
        return f"Execution {first.execution_id}" + (f" and {len(others)} with it" if others else "")

    def _judge_host(self, ended: Sequence[Finish]) -> None:
        trouble = next((end.error for end in ended if end.error and end.error.entry.of_the_host), None)
        if trouble:
            self._host.note(trouble.happened)
        elif any(ending.outcome == "completed" for ending in ended):
            self._host.note_success()


def by_thread(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Items that travel together, in the order in which they were claimed."""
    threads: dict[int, list[Claim]] = {}
    for claim in sorted(claims, key=lambda claim: claim.claim_token):
        threads.setdefault(claim.thread, []).append(claim)
    return list(threads.values())


def hand_back(batches: Iterable[Batch]) -> bool:
    """Hands back items that could not be finished: all in one go, so that PostgreSQL is waited for once.

    False: what may land late could not be noted. Nobody may have these items before the lease is over.
    """
    try:
        left = [ending for batch in batches for ending in batch.handed_back()]
    except Error as error:
        if not is_passing(error):
            raise
        logger.warning("What was under way could not be noted; the lease ends by itself: %s", first_line(error))
        return False
    if left:
        finish(left)
        logger.warning("Handed back %d items that were not finished in time", len(left))
    return True


def _note_late(claims: Sequence[Claim], load: OpenLoad) -> None:
    """Notes it on those of the items that are still this worker's."""
    try:
        queue.note_open_load(claims, load)
    except ClaimLostError:
        for claim in claims if len(claims) > 1 else ():
            _note_late([claim], load)


def _ending(claim: Claim, attempt: Attempt, outcome: Outcome | Removed | Exception | None) -> Finish:
    """How the claim ends: completed, removed, handed back, or as the error's class says."""
    match outcome or failure("unexpected", f"Execution {claim.execution_id} was passed over"):
        case Outcome() as loaded:
            return endings.completed(claim, loaded, attempt)
        case Removed() as removed:
            return endings.removed(claim, removed, attempt)
        case SyncError() as error:
            return _failing(claim, error, attempt)
        case error:
            return endings.released(claim, attempt, delay=NOT_NOW if isinstance(error, NotNowError) else 0.0)


def _failing(claim: Claim, error: SyncError, attempt: Attempt) -> Finish:
    """Skipped, failed, paused, or tried again later."""
    if error.entry.may_come and persistently(partial(results_may_come, claim)):
        logger.info("Execution %s has no results yet; it is looked at again when they come", claim.execution_id)
        return endings.released(claim, attempt, delay=LATE_RESULTS)
    if error.code == "excluded_by_rule":
        return endings.skipped(claim, error, attempt)
    if isinstance(error, PermanentError):
        return endings.failed(claim, error, attempt)
    if isinstance(error, DestinationError):
        return endings.paused(claim, error, attempt)
    wait = error.entry.wait or delay(claim.retry_count + 1)
    return endings.retried(claim, error, attempt, delay=wait, counts=_counts(claim, error))


def _counts(claim: Claim, error: SyncError) -> bool:
    if not error.entry.of_the_host:
        return error.entry.counts
    return persistently(partial(uncounted_are_spent, claim, error.code))


def _conclude(claim: Claim, ended: Sequence[Finish]) -> None:
    """Resumes a destination that was on trial if it did what it was to do; else ends the trial: others may try."""
    if not claim.on_trial:
        return
    if any(end.outcome == "completed" or (end.outcome == "removed" and end.attempt.statements) for end in ended):
        destinations.resume_destination(claim.configuration_id, version=claim.settings_version)
        # PostgreSQL may have been away at the moment of the log-in itself; sessions that are kept make no other.
        destinations.note_login(claim.configuration_id, version=claim.settings_version)
    else:
        destinations.end_trial(claim.configuration_id, version=claim.settings_version)


def _let_on(claim: Claim) -> None:
    """Lets others at a batch key that they left alone meanwhile."""
    if claim.batch_key:
        try:
            queue.rejoin(claim.configuration_id)
        except Error as problem:
            # They look again a minute after the claim.
            logger.info("Others were not told of destination %s: %s", claim.configuration_id, first_line(problem))
            connection.close()


def _pause(claim: Claim, error: SyncError) -> None:
    pause = partial(destinations.pause_destination, claim.configuration_id, error, version=claim.settings_version)
    try:
        persistently(pause, tries=3)
    except Error as problem:
        # The items are handed back all the same; the next attempt meets the same error and pauses the destination.
        logger.warning("Destination %s could not be paused: %s", claim.configuration_id, first_line(problem))
