"""Sample executions of all kinds, and the deliberately bad ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from sandbox.samples.execution import SampleExecution, columns
from sandbox.samples.flights import delays
from sandbox.samples.marketing import (
    attribution,
    campaign_performance,
    channel_mix,
    empty_segment,
    user_journeys,
)
from sandbox.samples.shop import heartbeat, orders

BAD_EVERY = 15
# How many days ago these finished.
EARLIER = {7: 35, 9: 120}
_KINDS: list[Callable[[Random], SampleExecution]] = [
    campaign_performance,
    channel_mix,
    user_journeys,
    delays,
    attribution,
    orders,
]


def sample_executions(count: int, seed: int = 1, *, with_bad: bool = False) -> Iterator[SampleExecution]:
    """`count` executions, the same for a seed; every 15th is bad in an instructive way, if asked.

    Every fifth of the others is a heartbeat; the seventh and the ninth are orders a month and four months old.
    """
    random = Random(seed)
    for number in range(1, count + 1):
        if with_bad and number % BAD_EVERY == 0:
            yield _BAD[number // BAD_EVERY % len(_BAD)](random)
        elif number % 20 == 10:
            yield empty_segment(random)
        elif number % 5 == 0:
            yield heartbeat(random)
        elif number in EARLIER:
            yield replace(orders(random), days_ago=EARLIER[number])
        else:
            yield random.choice(_KINDS)(random)


def _value_that_does_not_fit(random: Random) -> SampleExecution:
    good = campaign_performance(random)
    rows = [dict(row) for row in good.result_rows or []]
    rows[len(rows) // 2]["clicks"] = "n/a"
    return replace(good, result_rows=rows, flaw="clicks is an integer, and one row says n/a")


def _key_that_no_column_declares(random: Random) -> SampleExecution:
    good = campaign_performance(random)
    rows = [dict(row) for row in good.result_rows or []]
    rows[-1]["surprise"] = "kept by nobody"
    return replace(good, result_rows=rows, flaw="the last row has a key that no column declares")


def _no_results(_random: Random) -> SampleExecution:
    made = columns(campaign="string", clicks="integer")
    return SampleExecution("Nightly export", made, None, flaw="there are no results")


_BAD: list[Callable[[Random], SampleExecution]] = [
    _no_results,
    _value_that_does_not_fit,
    _key_that_no_column_declares,
]
