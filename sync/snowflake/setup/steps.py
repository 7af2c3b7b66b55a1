"""The steps of a check, in their order, and what is said of each."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sync.errors import SyncError
from sync.snowflake.session import errno_of

TITLES = {
    "reach": "Reach the account",
    "log_in": "Log in",
    "role": "Use the role",
    "warehouse": "Use the warehouse",
    "database": "Use the database",
    "schema": "Use the schema",
    "create_stage": "Make the stage",
    "put": "Upload a file (PUT)",
    "create_table": "Make a table",
    "copy": "Load the file (COPY)",
    "read_back": "Read it back",
    "drop": "Drop the table",
}


class Status(StrEnum):
    OK = "ok"
    FAILED = "failed"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and for one that failed: what happened, what that means, and what fixes it.

    `code` is the catalogue's, `snowflake_code` Snowflake's own (empty where there is none); `mend` are the exact
    statements to run in Snowflake, none where SQL does not help: `remedy` says it in words.
    """

    name: str
    status: Status
    subject: str = ""
    seconds: float = 0.0
    code: str = ""
    snowflake_code: str = ""
    message: str = ""
    meaning: str = ""
    remedy: str = ""
    mend: tuple[str, ...] = ()
    query_id: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "title": TITLES[self.name], **asdict(self)} | {
            "status": self.status.value,
            "mend": list(self.mend),
        }


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do about a failure: in words, and in statements."""

    remedy: str
    statements: tuple[str, ...] = ()


def failed(name: str, error: SyncError, fix: Fix | None = None, *, subject: str = "", seconds: float = 0.0) -> Step:
    """The step that failed; the catalogue's words where no fix is known."""
    errno = errno_of(error)
    return Step(
        name,
        Status.FAILED,
        subject,
        seconds,
        code=error.code,
        snowflake_code=f"{errno:06d}" if errno else "",
        message=error.happened,
        meaning=error.entry.meaning,
        remedy=fix.remedy if fix else error.remedy,
        mend=tuple(f"{statement};" for statement in fix.statements) if fix else (),
        query_id=error.query_id,
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """All steps, in their order; and when the token ends that was used, as far as Snowflake says so."""

    steps: tuple[Step, ...]
    token_ends_at: datetime | None = None

    @classmethod
    def of(cls, steps: Iterable[Step], token_ends_at: datetime | None = None) -> "Checked":
        """These, and those that were not reached."""
        done = {step.name: step for step in steps}
        return cls(tuple(done.get(name) or Step(name, Status.NOT_REACHED) for name in TITLES), token_ends_at)

    @property
    def passed(self) -> bool:
        return all(step.status is Status.OK for step in self.steps)

    @property
    def logged_in(self) -> bool:
        return any(step.name == "log_in" and step.status is Status.OK for step in self.steps)
