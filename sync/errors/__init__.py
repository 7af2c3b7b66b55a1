from sync.errors.catalogue import CATALOGUE, Entry, Kind, Retry, reasons
from sync.errors.tree import DestinationError, PermanentError, SyncError, failure, host_trouble, is_of_the_host

__all__ = [
    "CATALOGUE",
    "DestinationError",
    "Entry",
    "Kind",
    "PermanentError",
    "Retry",
    "SyncError",
    "failure",
    "host_trouble",
    "is_of_the_host",
    "reasons",
]
