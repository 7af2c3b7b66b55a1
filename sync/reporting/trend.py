"""Whether more fails than usual."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sync.reporting import history
from sync.reporting.words import counted, number

# More, or fewer, by less than this share is as usual; and so is what differs by less than so many.
_SHARE, _LEAST = 0.25, 3


@dataclass(frozen=True, slots=True)
class Trend:
    """Attempts that failed for good in the last 24 hours, and in the same hours a week before; `tried`: all of these.

    A run that was retried by hand, and failed again, is two of them.
    """

    failed: int
    before: int
    tried_before: int

    @property
    def word(self) -> str:
        """`more`, `fewer`, `same`, or nothing where there is nothing to compare with."""
        if not self.tried_before:
            return ""
        difference = self.failed - self.before
        if abs(difference) < max(_LEAST, _SHARE * self.before):
            return "same"
        return "more" if difference > 0 else "fewer"

    @property
    def text(self) -> str:
        """In a sentence; empty where nothing failed, now or then."""
        if not (self.failed or self.before):
            return ""
        said = f"{counted(self.failed, 'attempt')} failed in the last 24 hours"
        if not self.word:
            return f"{said}; a week before, nothing was loaded in these hours."
        beside = f"{said}, {number(self.before)} in the same hours a week before."
        return {"more": "More than usual: ", "fewer": "Fewer than usual: ", "same": "As usual: "}[self.word] + beside


def trend(configuration_ids: list[UUID] | None, now: datetime) -> Trend:
    """Of these destinations; None: of all."""
    hours = history.compared(configuration_ids, now)
    last, before = ([pair[place] for pair in hours] for place in (0, 1))
    failed, failed_before = (sum(step.failed for step in steps) for steps in (last, before))
    return Trend(failed, failed_before, failed_before + sum(step.completed for step in before))
