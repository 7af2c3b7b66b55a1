"""How things stand, in words: all is well, or what is wrong, where, and what to do. It reads nothing but its facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sync.reporting.error_groups import ErrorGroup
from sync.reporting.words import ago, counted, duration

# Seconds that a due item may wait before the verdict mentions it, and, if no other limit is set, before that is wrong.
LATE = 120.0
TOO_LATE = 900.0
# At most so many destinations are named.
NAMED = 3
# Codes of pauses in which nothing has gone wrong: somebody wants it so, or has not finished connecting.
BY_HAND, BEGUN = "paused_by_hand", "key_not_registered"


class Level(StrEnum):
    """`GOOD`: nothing to do. `ATTENTION`: somebody should look. `BAD`: nothing moves."""

    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Pause:
    """A destination that takes nothing for now; `until` None: until something is changed by hand.

    `by_hand`: somebody, `by`, if that was noted, paused it on purpose, so that nobody needs to look. `waiting`: runs.
    """

    name: str
    meaning: str
    since: datetime | None = None
    until: datetime | None = None
    by_hand: bool = False
    remedy: str = ""
    id: UUID | None = None
    code: str = ""
    waiting: int = 0
    by: str = ""

    @property
    def is_begun(self) -> bool:
        """It is still being connected, or somebody has left that half-way: nothing was tried, so nothing is wrong."""
        return self.code == BEGUN


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdict is made from. `lag`: seconds for which the oldest item that could be claimed has been waiting.

    `homeless` items wait for a destination that their owner has not made yet, `switched_off` items for their
    destination to be switched on. `excluded` items are kept out by rules. `muted` items are not among the `failed`, of
    which `held` are for a column that somebody has to decide of. `pauses` are some of the `paused` destinations.
    `of_one`: the facts are those of one user, who can mend what is wrong.
    """

    now: datetime
    total: int = 0
    waiting: int = 0
    processing: int = 0
    failed: int = 0
    failed_last_hour: int = 0
    muted: int = 0
    held: int = 0
    failing: tuple[ErrorGroup, ...] = ()
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
    """One thing to know: what it is about, the sentence, what is meant (a pause, or what fails alike), and `more`."""

    level: Level
    about: str
    text: str
    subject: Pause | ErrorGroup | None = None
    more: str = ""

    @property
    def said(self) -> str:
        """All of it."""
        return f"{self.text} {self.more}".rstrip()


@dataclass(frozen=True, slots=True)
class Verdict:
    """All there is to say, the worst first, which is the headline; if nothing is wrong, the headline says so."""

    level: Level
    headline: str
    points: tuple[Point, ...]

    @property
    def others(self) -> tuple[Point, ...]:
        """What there is to say besides the headline."""
        return tuple(point for point in self.points if point.said != self.headline)


def judge(facts: Facts) -> Verdict:
    """The verdict on these facts."""
    points = [*_workers(facts), *_lateness(facts), *_pauses(facts), *_failures(facts), *_homeless(facts)]
    points.sort(key=lambda point: list(Level).index(point.level), reverse=True)
    wrong = [point for point in points if point.level is not Level.GOOD]
    if not wrong:
        return Verdict(Level.GOOD, _all_is_well(facts), tuple(points))
    return Verdict(wrong[0].level, wrong[0].said, tuple(points))


def _all_is_well(facts: Facts) -> str:
    if not facts.total:
        return "Nothing has been queued yet."
    if excepted := _excepted(facts):
        return f"All synced, except {' and '.join(excepted)}."
    if facts.lag > 0:
        return f"All synced. The oldest waiting run: {duration(facts.lag)}."
    if facts.processing:
        return f"All synced. {counted(facts.processing, 'load is', 'loads are')} under way."
    if facts.waiting:
        return f"All synced. {counted(facts.waiting, 'load waits for its', 'loads wait for their')} time."
    return "All synced. Nothing is waiting."


def _excepted(facts: Facts) -> list[str]:
    """Results that are not in Snowflake because somebody wants it so, or has not chosen yet."""
    said = {
        "what was paused by hand": any(pause.by_hand for pause in facts.pauses),
        "what is for a destination that is not connected yet": any(
            pause.is_begun and pause.waiting for pause in facts.pauses
        ),
        "what is switched off": facts.switched_off,
        "what has no destination yet": facts.homeless,
        "what rules exclude": facts.excluded,
    }
    return [words for words, is_so in said.items() if is_so]


def _workers(facts: Facts) -> Iterator[Point]:
    open_items = facts.waiting + facts.processing
    if not facts.live_workers:
        level = Level.BAD if open_items else Level.ATTENTION
        waiting = f" and {counted(open_items, 'load waits', 'loads wait')}" if open_items else ""
        start = "Start one: manage.py run_sync_worker."
        yield Point(level, "workers", f"No worker is running{waiting}.", more=start)
    if facts.held_back_workers:
        all_ = facts.held_back_workers == facts.live_workers
        said = f"{counted(facts.held_back_workers, 'worker')} of {facts.live_workers} cannot hold the files of results "
        said += "and wait for room: their lines and logs say why."
        yield Point(Level.BAD if all_ else Level.ATTENTION, "workers", said)
    if facts.silent_workers:
        workers = counted(facts.silent_workers, "worker")
        said = f"{workers} stopped without signing off. What they held is given to others; their logs say more."
        yield Point(Level.ATTENTION, "workers", said)


def _lateness(facts: Facts) -> Iterator[Point]:
    if facts.lag < LATE or not facts.live_workers:
        return
    where = f" for {facts.lag_where}" if facts.lag_where else ""
    said = f"The oldest due run{where} has been waiting for {duration(facts.lag)}."
    if facts.lag < min(facts.too_late, TOO_LATE):
        yield Point(Level.ATTENTION, "late", said)
    else:
        yield Point(Level.BAD, "late", said, more="Start more workers, or look at their logs.")


def _pauses(facts: Facts) -> Iterator[Point]:
    for pause in facts.pauses[:NAMED]:
        level = Level.GOOD if pause.by_hand or pause.is_begun else Level.ATTENTION
        yield Point(level, "pause", _of_pause(pause, facts.now), pause, _after_pause(pause, facts.now))
    more = facts.paused - len(facts.pauses[:NAMED])
    if more > 0:
        said = counted(more, "more destination is", "more destinations are")
        yield Point(Level.ATTENTION, "destinations", f"{said} paused.")


def _of_pause(pause: Pause, now: datetime) -> str:
    waiting = f" {counted(pause.waiting, 'run waits', 'runs wait')}." if pause.waiting else ""
    if pause.by_hand:
        since = f" {ago(pause.since, now)}" if pause.since else ""
        return f"{pause.name} was paused by {pause.by or 'hand'}{since}.{waiting}"
    if pause.is_begun:
        return f"{pause.name} is not connected yet.{waiting}"
    since = f"has been paused for {duration((now - pause.since).total_seconds())}" if pause.since else "is paused"
    return f"{pause.name} {since}: {pause.meaning.rstrip('.')}.{waiting}"


def _after_pause(pause: Pause, now: datetime) -> str:
    """What ends the pause."""
    if pause.by_hand:
        return "It goes on when resumed."
    if pause.is_begun:
        return "Run its SQL in Snowflake and check it; or delete it in its settings."
    if pause.until is None:
        then = "It is not tried again before something is changed."
    elif pause.until <= now:
        then = "It is tried again now."
    else:
        then = f"It is tried again {ago(pause.until, now)}."
    return f"{pause.remedy} {then}" if pause.remedy else then


def _failures(facts: Facts) -> Iterator[Point]:
    named = facts.failing[:NAMED]
    for group in named:
        said = f"{counted(group.last_hour, 'run')} of {group.where} failed{group.for_destination} in the last hour."
        yield Point(Level.ATTENTION, "failing", said, group, group.meaning)
    more = facts.failed_last_hour - sum(group.last_hour for group in named)
    if more > 0:
        word = "more load" if named else "load"
        yield Point(Level.ATTENTION, "errors", f"{counted(more, word)} failed in the last hour.")
    earlier = facts.failed - facts.failed_last_hour
    if earlier > 0:
        said = counted(earlier, "load failed earlier and waits", "loads failed earlier and wait")
        yield Point(Level.GOOD, "errors", f"{said} for somebody.")
    if facts.muted:
        yield Point(Level.GOOD, "errors", f"{counted(facts.muted, 'failed load is', 'failed loads are')} muted.")
    if facts.held:
        held = counted(facts.held, "failed load is held for a new column", "failed loads are held for new columns")
        yield Point(Level.GOOD, "errors", f"{held}: decide in the rules of the destination, and they go on.")


def _homeless(facts: Facts) -> Iterator[Point]:
    """Only one owner's own facts: an owner without a destination has to make one, but some owners never want one."""
    if not facts.homeless:
        return
    wait = counted(facts.homeless, "result waits", "results wait")
    if facts.of_one:
        yield Point(
            Level.ATTENTION, "homeless", f"{wait} for a destination that is on. Connect Snowflake, or switch one on."
        )
    else:
        yield Point(Level.GOOD, "homeless", f"{wait} for owners without a destination that is on.")
