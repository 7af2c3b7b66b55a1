"""Where waiting, or another layout, would cost less, with the figure: tried on when loads ran."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from accounts.models import SnowflakeConfiguration
from sync.reporting.awake import Span, awake, credits_of, merged, waiting
from sync.reporting.words import duration, number

INTERVALS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
# What is worth a line: credits a day; statements a day, and the share of them that would be saved.
LEAST_CREDITS, LEAST_STATEMENTS, LEAST_SHARE = 0.1, 10.0, 0.1
# PUT and COPY.
_OF_A_BATCH = 2


@dataclass(frozen=True, slots=True)
class Advice:
    """A setting that would save; `now` and `then` are credits a day, or, of the layout, statements a day."""

    setting: str
    value: str
    now: float
    then: float
    said: str

    @property
    def saves(self) -> float:
        return self.now - self.then


def advice_for(
    configuration: SnowflakeConfiguration,
    busy: Iterable[Span],
    others: Iterable[Span],
    statements: float,
    batches: int,
    days: float,
) -> tuple[Advice, ...]:
    """What would save for a destination that was `busy` then; `others` keep the same warehouse awake."""
    busy, others = merged(busy), merged(others)
    found = [_of_interval(busy, others, wait, days) for wait in INTERVALS if wait > configuration.min_interval]
    advice = [each for each in found if each.saves >= LEAST_CREDITS]
    if configuration.layout == SnowflakeConfiguration.Layout.PER_EXECUTION:
        together = _of_layout(statements / days, _OF_A_BATCH * batches / days)
        if together.saves >= max(LEAST_STATEMENTS, LEAST_SHARE * together.now):
            advice.append(together)
    return tuple(advice)


def _of_interval(busy: list[Span], others: list[Span], wait: timedelta, days: float) -> Advice:
    now = credits_of(awake([*busy, *others])) / days
    then = credits_of(awake([*waiting(busy, wait.total_seconds()), *others])) / days
    every = duration(wait.total_seconds())
    said = f"A window every {every} would save about {now - then:.1f} credits a day"
    return Advice("min_interval", str(int(wait.total_seconds())), now, then, said)


def _of_layout(now: float, then: float) -> Advice:
    said = (
        f"A table a workflow would send about {number(round(then))} statements a day in place of {number(round(now))}"
    )
    return Advice("layout", SnowflakeConfiguration.Layout.PER_WORKFLOW, now, then, said)
