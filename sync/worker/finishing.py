"""Writes down how claims ended, in PostgreSQL, the log and the trace, whatever is in the way for a while."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from django.db import Error, connection

from sync import queue
from sync.postgres import first_line, is_passing
from sync.queue import PER_TRANSACTION, Finish, delay
from sync.telemetry import about, happened, span

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


def finish(ended: Sequence[Finish]) -> list[str | None]:
    """Ends claims, some at a time: the application waits for none of their executions for long.

    Returns None for an item whose claim was lost, or whose execution somebody held for too long: such an item is
    rescued, and loaded again.
    """
    parts = (ended[start : start + PER_TRANSACTION] for start in range(0, len(ended), PER_TRANSACTION))
    with span("finish"):
        became = [status for part in parts for status in _finish_together(part)]
        for ending, status in zip(ended, became, strict=True):
            _tell(ending, status)
    return became


def _finish_together(ended: Sequence[Finish]) -> Iterable[str | None]:
    """If the claims cannot be ended together, ends each by itself, so that one does not hold up the others."""
    if len(ended) > 1:
        try:
            return queue.finish(ended)
        except Error as error:
            if not is_passing(error):
                raise
            logger.info("PostgreSQL did not take it, one by one now: %s", first_line(error))
            connection.close()
    return _one_by_one(ended)


def _one_by_one(ended: Sequence[Finish]) -> Iterator[str | None]:
    tries = 8
    for ending in ended:
        try:
            yield persistently(partial(queue.finish, [ending]), tries=tries)[0]
        except Error as error:
            if not is_passing(error):
                raise
            connection.close()
            reason = first_line(error)
            logger.error("Execution %s: its end could not be written: %s", ending.claim.execution_id, reason)  # noqa: TRY400
            # Only the first is waited for: the others have waited as long by then.
            tries = 1
            yield None


def persistently(work: Callable[[], Result], *, tries: int = 8) -> Result:
    """Does the work again if PostgreSQL was away or a lock was held; it must be safe to repeat."""
    for number in range(1, tries):
        try:
            return work()
        except Error as error:
            if not is_passing(error):
                raise
            logger.info("PostgreSQL did not take it, trying again: %s", first_line(error))
            connection.close()
            time.sleep(delay(number, base=0.1, cap=5.0))
    return work()


def _tell(ending: Finish, status: str | None) -> None:
    """Logs how the claim ended, and adds it to the trace."""
    known: dict[str, Any] = {"execution": ending.claim.execution_id, "attempt": ending.claim.claim_token}
    happened("ended", **known, outcome=status or "refused", error=ending.error.code if ending.error else "")
    with about(**known):
        _log(ending, status)


def _log(ending: Finish, status: str | None) -> None:
    """Logs by consequence: an item that is tried again is a warning, one that has failed for good an error."""
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
    elif ending.error and ending.outcome in {"removed", "skipped"}:
        logger.info("Execution %s is %s: %s", execution_id, ending.outcome, ending.error.happened)
    elif ending.error and status == "failed":
        logger.error("Execution %s failed: %s", execution_id, ending.error)
    elif ending.error:
        logger.warning("Execution %s waits: %s. %s", execution_id, ending.error.happened, ending.error.meanwhile)
