"""The table at the end: what was confirmed, what was refuted, and what was not tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["confirmed", "refuted", "not tried"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One claim, which is a test's first line, and what came of it."""

    test: str
    claim: str
    verdict: Verdict
    why: str = ""


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """Its lines, the refuted first."""
    order: tuple[Verdict, ...] = ("refuted", "not tried", "confirmed")
    lines = []
    for verdict in order:
        for outcome in sorted((each for each in outcomes if each.verdict == verdict), key=lambda each: each.test):
            lines.append(f"{verdict:<9}  {outcome.claim}")
            if outcome.why:
                lines.append(f"{'':<9}  {outcome.test}: {outcome.why}")
    counts = [f"{sum(each.verdict == verdict for each in outcomes)} {verdict}" for verdict in reversed(order)]
    return [*lines, "", f"{', '.join(counts)}."]
