"""How things stand, in words: all is well, or what is wrong, where, and what to do. It reads nothing but its facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sync.reporting.words import ago, counted, duration, exact

# Seconds that a due item may wait before the verdict mentions it, and, if no other limit is set, before that is wrong.
LATE = 120.0
TOO_LATE = 900.0
# At most so many destinations are named.
NAMED = 3


class Level(StrEnum):
    """`GOOD`: nothing to do. `ATTENTION`: somebody should look. `BAD`: nothing moves."""

    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Pause:
    """A destination that takes nothing for now; `until` None: until something is changed by hand.

    `by_hand`: somebody paused it on purpose, so that nobody needs to look.
    """

    name: str
    meaning: str
    since: datetime | None = None
    until: datetime | None = None
    by_hand: bool = False
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdict is made from. `lag`: seconds for which the oldest item that could be claimed has been waiting.

    `homeless` items wait for a destination that their owner has not made yet, `switched_off` items for their
    destination to be switched on. `excluded` items are kept out by rules; of the `failed` ones, `held` are for a column
    that somebody has to decide of. `pauses` are some of the `paused` destinations. `of_one`: the facts are those of one
    user, who can mend what is wrong.
    """

    now: datetime
    total: int = 0
    waiting: int = 0
    processing: int = 0
    failed: int = 0
    failed_last_hour: int = 0
    held: int = 0
    homeless: int = 0
    switched_off: int = 0
    excluded: int = 0
    lag: float = 0.0
    lag_where: str = ""
    pauses: tuple[Pause, ...] = ()
    paused: int = 0
    live_workers: int = 0
    held_back_workers: int = 0
    silent_workers: int = 0
    too_late: float = TOO_LATE
    of_one: bool = False


class Point(NamedTuple):
    """One thing to know: the part of the page that says more about it, and the sentence."""

    level: Level
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst first: a headline, and what else there is to say."""

    level: Level
    headline: str
    points: tuple[Point, ...]


def judge(facts: Facts) -> Verdict:
    """The verdict on these facts."""
    points = [*_workers(facts), *_lateness(facts), *_pauses(facts), *_failures(facts), *_homeless(facts)]
    points.sort(key=lambda point: list(Level).index(point.level), reverse=True)
    wrong = [point for point in points if point.level is not Level.GOOD]
    if not wrong:
        return Verdict(Level.GOOD, _all_is_well(facts), tuple(points))
    return Verdict(wrong[0].level, wrong[0].text, tuple(point for point in points if point is not wrong[0]))


def _all_is_well(facts: Facts) -> str:
    if not facts.total:
        return "Nothing has been queued yet."
    if excepted := _excepted(facts):
        return f"All synced, except {' and '.join(excepted)}."
    if facts.lag > 0:
        return f"All synced. Oldest waiting item: {duration(facts.lag)}."
    if facts.processing:
        return f"All synced. {counted(facts.processing, 'item is', 'items are')} being loaded."
    if facts.waiting:
        return f"All synced. {counted(facts.waiting, 'item waits for its', 'items wait for their')} time."
    return "All synced. Nothing is waiting."


def _excepted(facts: Facts) -> list[str]:
    """Results that are not in Snowflake because somebody wants it so, or has not chosen yet."""
    said = {
        "what was paused by hand": any(pause.by_hand for pause in facts.pauses),
        "what is switched off": facts.switched_off,
        "what has no destination yet": facts.homeless,
        "what rules exclude": facts.excluded,
    }
    return [words for words, is_so in said.items() if is_so]


def _workers(facts: Facts) -> Iterator[Point]:
    open_items = facts.waiting + facts.processing
    if not facts.live_workers:
        level = Level.BAD if open_items else Level.ATTENTION
        waiting = f" and {counted(open_items, 'item waits', 'items wait')}" if open_items else ""
        yield Point(level, "workers", f"No worker is running{waiting}. Start one: manage.py run_sync_worker.")
    if facts.held_back_workers:
        all_ = facts.held_back_workers == facts.live_workers
        said = f"{counted(facts.held_back_workers, 'worker')} of {facts.live_workers} cannot hold the files of results "
        said += "and wait for room: see the workers' lines here, or their logs."
        yield Point(Level.BAD if all_ else Level.ATTENTION, "workers", said)
    if facts.silent_workers:
        workers = counted(facts.silent_workers, "worker")
        said = f"{workers} stopped without signing off. What they held is given to others; their logs say more."
        yield Point(Level.ATTENTION, "workers", said)


def _lateness(facts: Facts) -> Iterator[Point]:
    if facts.lag < LATE or not facts.live_workers:
        return
    where = f" for {facts.lag_where}" if facts.lag_where else ""
    said = f"The oldest due item{where} has been waiting for {duration(facts.lag)}."
    if facts.lag < min(facts.too_late, TOO_LATE):
        yield Point(Level.ATTENTION, "destinations", said)
    else:
        yield Point(Level.BAD, "destinations", f"{said} Start more workers, or look at their logs.")


def _pauses(facts: Facts) -> Iterator[Point]:
    for pause in facts.pauses[:NAMED]:
        since = f" since {exact(pause.since)}" if pause.since else ""
        if pause.by_hand:
            yield Point(Level.GOOD, "destinations", f"{pause.name} was paused by hand{since}. It goes on when resumed.")
            continue
        if pause.until is None:
            then = "It is not tried again before something is changed."
        elif pause.until <= facts.now:
            then = "It is tried again now."
        else:
            then = f"It is tried again {ago(pause.until, facts.now)}."
        what_to_do = f"{pause.remedy} " if pause.remedy else ""
        said = f"{pause.name} is paused{since}: {pause.meaning.rstrip('.')}. {what_to_do}{then}"
        yield Point(Level.ATTENTION, "destinations", said)
    more = facts.paused - len(facts.pauses[:NAMED])
    if more > 0:
        said = counted(more, "more destination is", "more destinations are")
        yield Point(Level.ATTENTION, "destinations", f"{said} paused.")


def _failures(facts: Facts) -> Iterator[Point]:
    if facts.failed_last_hour:
        yield Point(Level.ATTENTION, "errors", f"{counted(facts.failed_last_hour, 'item')} failed in the last hour.")
    earlier = facts.failed - facts.failed_last_hour
    if earlier > 0:
        said = counted(earlier, "item failed earlier and waits", "items failed earlier and wait")
        yield Point(Level.GOOD, "errors", f"{said} for somebody.")
    if facts.held:
        held = counted(facts.held, "failed item is held for a new column", "failed items are held for new columns")
        yield Point(Level.GOOD, "errors", f"{held}: decide in the rules of the destination, and they go on.")


def _homeless(facts: Facts) -> Iterator[Point]:
    """Only one owner's own facts: an owner without a destination has to make one, but some owners never want one."""
    if not facts.homeless:
        return
    wait = counted(facts.homeless, "result waits", "results wait")
    if facts.of_one:
        yield Point(Level.ATTENTION, "held", f"{wait} for a Snowflake account. Make a Snowflake configuration.")
    else:
        yield Point(Level.GOOD, "held", f"{wait} for owners who have no active Snowflake configuration.")
