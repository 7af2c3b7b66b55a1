"""One line of verify_sync_install."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, what was seen, and what to do if it is not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


Findings = Iterator[Finding]
