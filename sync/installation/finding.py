"""One line of verify_sync_install."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, what it is like, and what to do where it is not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


Findings = Iterator[Finding]
