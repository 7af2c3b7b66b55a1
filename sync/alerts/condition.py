"""What a look finds: conditions that hold, and what it could not see."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that people are told of, for as long as it holds.

    `key`: what it is about, one of its kind. `what` and `over`: that it is so, and that it is not so any more, without
    a full stop. `why` and `remedy`: more of it, and what to do. `path`: of the page that it leads to. `opens`:
    whether somebody is told who has not been told yet. `reminders`: moments at which everybody is told again.
    `failed_at`: of a group of failures, which can be muted as such: when the last one failed.
    """

    kind: str
    key: str
    since: datetime
    what: str
    over: str
    remedy: str
    path: str
    why: str = ""
    user_id: UUID | None = None
    whose: str = ""
    configuration_id: UUID | None = None
    workflow_id: UUID | None = None
    error_code: str = ""
    count: int = 1
    opens: bool = True
    reminders: tuple[datetime, ...] = ()
    failed_at: datetime | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept for its words."""
        return {
            "what": self.what,
            "over": self.over,
            "why": self.why,
            "remedy": self.remedy,
            "path": self.path,
            "whose": self.whose,
            "reminders": [moment.isoformat() for moment in self.reminders],
            "failed_at": self.failed_at.isoformat() if self.failed_at else None,
        }


@dataclass(slots=True)
class Seen:
    """Conditions by kind and key; kinds, and keys of others, of which is not known whether they hold.

    `troubles`: why, for the operator.
    """

    conditions: dict[tuple[str, str], Condition] = field(default_factory=dict)
    unseen_kinds: set[str] = field(default_factory=set)
    unseen: set[tuple[str, str]] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    def is_over(self, kind: str, key: str) -> bool:
        """Whether it was looked for, and is not so."""
        return (kind, key) not in self.conditions and kind not in self.unseen_kinds and (kind, key) not in self.unseen
