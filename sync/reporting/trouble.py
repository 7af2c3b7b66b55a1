"""An error as all faces show it."""

from dataclasses import dataclass

from sync.errors import CATALOGUE, Entry, Retry
from sync.models import SyncAttempt, SyncQueueItem
from sync.reporting.listing import ListedItem

Told = SyncQueueItem | SyncAttempt | ListedItem


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened, and what to do at the end that it came to; what the code means, where the catalogue has it."""

    code: str
    happened: str
    remedy: str
    entry: Entry | None

    @property
    def retry(self) -> Retry:
        """Whether another try can help, as far as is known."""
        return self.entry.retry if self.entry else Retry.NOW


def trouble(row: Told) -> Trouble | None:
    """What a row says went wrong; None where nothing did."""
    if not (row.error_code or row.error_message):
        return None
    entry = CATALOGUE.get(row.error_code or "")
    return Trouble(row.error_code or "", row.error_message or "", remedy_of(row) or "", entry)


def remedy_of(row: Told) -> str | None:
    """What to do about it. Not every row has it: an older one, or one that the application's transaction wrote."""
    entry = CATALOGUE.get(row.error_code or "")
    return row.error_remedy or (entry.remedy if entry else None)
