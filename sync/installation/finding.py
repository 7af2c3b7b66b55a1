"""One line of verify_sync_install."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

# Destinations that a finding tells by their ids.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, what was seen, and what to do if it is not."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


Findings = Iterator[Finding]


def listed(ids: Sequence[UUID]) -> str:
    """The first of them, and how many there are besides."""
    return ", ".join(map(str, ids[:NAMED])) + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")
