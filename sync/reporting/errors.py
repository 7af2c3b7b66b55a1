"""Errors as pages, admin, API and commands show them: of an item or an attempt."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import DestinationState
from sync.errors import CATALOGUE, Entry, Retry
from sync.models import SyncAttempt, SyncFailure, SyncQueueItem
from sync.reporting.counts import Counts, Line
from sync.reporting.items import ListedItem


@dataclass(frozen=True, slots=True)
class ItemError:
    """What happened, what to do about it, and what the code means, if the catalogue has it."""

    code: str
    happened: str
    remedy: str
    entry: Entry | None

    @property
    def retry(self) -> Retry:
        """Whether another try can help, as far as the catalogue knows."""
        return self.entry.retry if self.entry else Retry.NOW


def error_of(row: SyncQueueItem | SyncAttempt | ListedItem) -> ItemError | None:
    """The error that a row records; None if it records none.

    A row may lack a remedy of its own: if it is an older one, or one that the application's transaction wrote.
    """
    if not (row.error_code or row.error_message):
        return None
    entry = CATALOGUE.get(row.error_code or "")
    remedy = row.error_remedy or (entry.remedy if entry else "")
    return ItemError(row.error_code or "", row.error_message or "", remedy, entry)


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """Items that have not failed, and are not in Snowflake: pending for another try, or skipped, for one reason.

    `is_paused`: they wait for destinations that are paused for this reason, whether they were tried or not.
    `destination_id`: the only one that is concerned.
    """

    status: str
    code: str
    count: int
    last_day: int
    destinations: int
    is_paused: bool = False
    destination_id: UUID | None = None

    @property
    def entry(self) -> Entry | None:
        return CATALOGUE.get(self.code)

    @property
    def meaning(self) -> str:
        return self.entry.meaning if self.entry else "A reason that the catalogue does not have."

    @property
    def remedy(self) -> str:
        if self.entry is None:
            return "Look at the run's message."
        return self.entry.meanwhile() if self.status == "pending" else self.entry.remedy


def not_loaded(counts: Counts) -> list[NotLoaded]:
    """A line for each reason, the most frequent first."""
    paused = DestinationState.objects.filter(breaker_state=DestinationState.Breaker.OPEN)
    codes: dict[UUID | None, str | None] = dict(paused.values_list("pk", "breaker_code"))
    groups: defaultdict[tuple[str, str, bool], list[Line]] = defaultdict(list)
    for line in counts.lines:
        pause = codes.get(line.configuration_id) if line.status == "pending" else None
        if line.status in ("pending", "skipped") and (code := pause or line.error_code):
            groups[line.status, code, bool(pause)].append(line)
    found = [
        _not_loaded(status, code, lines, is_paused=is_paused) for (status, code, is_paused), lines in groups.items()
    ]
    return sorted(found, key=lambda line: (-line.count, line.code))


def _not_loaded(status: str, code: str, lines: list[Line], *, is_paused: bool) -> NotLoaded:
    concerned = {line.configuration_id for line in lines} - {None}
    return NotLoaded(
        status,
        code,
        sum(line.count for line in lines),
        sum(line.last_day for line in lines),
        len(concerned),
        is_paused,
        concerned.pop() if len(concerned) == 1 else None,
    )


def failed_syncs(limit: int = 50, user_id: UUID | None = None) -> list[dict[str, Any]]:
    """Failed items, the latest first, each with its code and what to do."""
    failed = SyncFailure.objects.order_by("-updated_at")
    if user_id is not None:
        failed = failed.filter(user_id=user_id)
    listed = list(failed.values()[:limit])
    items = SyncQueueItem.objects.only("error_code", "error_message", "error_remedy")
    errors = {item.pk: error_of(item) for item in items.filter(pk__in=[line["id"] for line in listed])}
    return [
        {**line, "error_code": error.code if error else "", "what_to_do": error.remedy if error else ""}
        for line in listed
        for error in [errors.get(line["id"])]
    ]
