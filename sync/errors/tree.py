"""What can go wrong, what it means, and what to do about it.

    SyncError
    ├── TransientError    worth another try: a lost connection, HTTP 503, a lock
    ├── PermanentError    another try would end the same way: the item fails at once
    └── DestinationError  no item is at fault: the destination pauses, its items keep their retries

Code raises `failure(code, what_happened)`; the catalogue decides which of the three it is. What happened, and to what,
is kept apart from what to do about it, which depends on the end that the item comes to.
"""

import errno
import tempfile
from pathlib import Path

from sync.errors.entry import Entry, Kind
from sync.errors.of_destinations import OF_DESTINATIONS
from sync.errors.of_items import OF_ITEMS

CATALOGUE: dict[str, Entry] = OF_ITEMS | OF_DESTINATIONS

# Errors of files, memory and descriptors, and not of a network.
_OF_THE_HOST = frozenset(
    "EACCES EDQUOT EFBIG EIO EMFILE ENFILE ENODEV ENOENT ENOMEM ENOSPC EPERM EROFS ESTALE".split()  # noqa: SIM905
)


class SyncError(Exception):
    """Base of all errors of a sync. `str()` is the whole message: what happened, to what, what to do."""

    def __init__(self, code: str, happened: str, *, remedy: str = "", query_id: str = "") -> None:
        self.code = code
        self.entry = entry = CATALOGUE[code]
        self.happened = happened.rstrip(". \n")
        self.remedy = remedy or entry.remedy
        self.query_id = query_id
        super().__init__(f"{self.happened}. {self.remedy}")

    @property
    def meanwhile(self) -> str:
        """The remedy while the item is pending again."""
        return self.entry.meanwhile(self.remedy)


class TransientError(SyncError):
    """Another try may succeed."""


class PermanentError(SyncError):
    """Another try would end the same way."""


class DestinationError(SyncError):
    """The destination is at fault, not the item."""


_CLASSES: dict[Kind, type[SyncError]] = {
    Kind.TRANSIENT: TransientError,
    Kind.PERMANENT: PermanentError,
    Kind.DESTINATION: DestinationError,
}


def failure(code: str, happened: str, *, remedy: str = "", query_id: str = "") -> SyncError:
    """The error to raise for a code of the catalogue. `remedy` replaces the catalogue's if more is known."""
    return _CLASSES[CATALOGUE[code].kind](code, happened, remedy=remedy, query_id=query_id)


def reasons(*codes: str) -> dict[str, str]:
    """The parameters `code` and `code_remedy`, from the catalogue, of statements that end items with these codes."""
    told = {code: CATALOGUE[code].meaning for code in codes}
    return told | {f"{code}_remedy": CATALOGUE[code].remedy for code in codes}


def is_of_the_host(error: BaseException) -> bool:
    """Whether the machine that this runs on is at fault: its disk, its memory, its file descriptors."""
    if not isinstance(error, OSError):
        return isinstance(error, MemoryError)
    return errno.errorcode.get(error.errno or 0) in _OF_THE_HOST


def host_trouble(error: BaseException, doing: str, directory: Path | None) -> SyncError:
    """The error for trouble on this host. `directory` has the staged files; None: the system's temporary directory."""
    said = getattr(error, "strerror", None) or type(error).__name__
    return failure("host_trouble", f"{doing}: {said} in {directory or tempfile.gettempdir()}")
