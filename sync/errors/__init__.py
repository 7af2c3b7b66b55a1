from sync.errors.entry import Entry, Kind, Retry
from sync.errors.tree import (
    CATALOGUE,
    DestinationError,
    PermanentError,
    SyncError,
    TransientError,
    failure,
    host_trouble,
    is_of_the_host,
    reasons,
)

__all__ = [
    "CATALOGUE",
    "DestinationError",
    "Entry",
    "Kind",
    "PermanentError",
    "Retry",
    "SyncError",
    "TransientError",
    "failure",
    "host_trouble",
    "is_of_the_host",
    "reasons",
]
