"""The directory of staged files while they are made and sent: no file outlives its process for long."""

import fcntl
import logging
import os
import re
import shutil
import stat
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

from sync.snowflake.statements import Table, put

logger = logging.getLogger(__name__)

_NAME = re.compile(r"spool-[0-9]+-[a-z0-9_]{8}")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class SpoolError(Exception):
    """There is no place for temporary files; the message says why, and what to do."""


class Spool:
    """A directory of this process's own, for staged files; threads may share it. It is removed when the block is left.

    If the process is killed, the next one to start below the same `base` removes the directory. Whether
    a process lives is told by a lock (flock) on its directory itself: the kernel lets go of it with the
    process, and systemd-tmpfiles, which tidies up /tmp, leaves a locked directory alone (tmpfiles.d(5)).
    Python opens files so that programs that are started do not inherit the lock (PEP 446).

    `base` is made if need be. Raises SpoolError for one that is a link, that another user owns or may
    write to, that cannot be locked, or whose path Snowflake's PUT cannot take.
    """

    def __init__(self, base: Path | None = None) -> None:
        own = Path(tempfile.gettempdir()) / f"universal-snowflake-sync-{os.geteuid()}"
        self._base = (base or own).absolute()
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        try:
            _prepare(self._base)
            self.directory = self._make()
        except OSError as error:
            raise SpoolError(f"{self._base} cannot be used for temporary files: {error}") from error
        self._remove_abandoned()
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def touch(self) -> None:
        """Dates the directory: who looks from outside, as a container's health check does, sees that work goes on."""
        with suppress(OSError):
            os.utime(self.directory)

    def _make(self) -> Path:
        while True:
            directory = Path(tempfile.mkdtemp(prefix=f"spool-{os.getpid()}-", dir=self._base))
            descriptor = _locked(directory)
            # A process that starts at this moment may have taken the directory for abandoned.
            if descriptor is not None:
                self._cleanup.callback(os.close, descriptor)
                self._cleanup.callback(shutil.rmtree, directory, ignore_errors=True)
                return directory

    def _remove_abandoned(self) -> None:
        for directory in self._base.iterdir():
            # An entry that is no directory, or cannot be removed, must not keep anybody from working.
            with suppress(OSError):
                if _NAME.fullmatch(directory.name) and (descriptor := _locked(directory)) is not None:
                    logger.info("Removing the temporary files of a process that has ended: %s", directory)
                    shutil.rmtree(directory, ignore_errors=True)
                    os.close(descriptor)


def _prepare(base: Path) -> None:
    try:
        put(base / "file", Table("ANY", "ANY", "ANY"), "any")
    except ValueError as error:
        raise SpoolError(str(error)) from error
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise SpoolError(f"{base} is a link, not a directory: remove it, or name another directory")
    if found.st_uid != os.geteuid():
        raise SpoolError(f"{base} belongs to another user (uid {found.st_uid}): name a directory of one's own")
    if found.st_mode & _OTHERS_MAY_WRITE:
        raise SpoolError(f"Other users may write to {base}: take that right away (chmod go-w), or name another one")


def _locked(directory: Path) -> int | None:
    """A descriptor that holds the directory's lock; None if a process has the lock, or the directory is gone."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.lstat(directory)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None
