"""What changed rules mean for what is loaded, and what can be done about it: counted, confirmed, then exactly that."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django import forms

from sync.operations import (
    TO_RETRY,
    ChangeCounts,
    bring_back,
    count_effect,
    count_returning,
    preview_removal,
    reload_earlier,
    remove_excluded,
)
from sync.postgres import TooSlowError, bounded_reading
from sync.queue import Loaded
from sync.reporting import BACKFILL, CHANGE_DESTINATIONS, Cursor, counted
from sync.web.console.confirmation import ConfirmedForm


@dataclass(frozen=True, slots=True)
class Counted:
    """How many executions an act is for, by which version of the rules, and what else is to be known before it."""

    version: int
    as_of: datetime
    wanted: int
    notes: tuple[str, ...] = ()


class Confirmed(NamedTuple):
    """What was counted and confirmed, and how far it has come."""

    version: int
    as_of: datetime
    wanted: int
    after: Cursor | None = None


class ConfirmedRulesForm(ConfirmedForm):
    """With the version of the rules that it was counted by."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)

    @property
    def confirmed(self) -> Confirmed:
        data = self.cleaned_data
        return Confirmed(data["version"], data["as_of"], data["wanted"], self.after)


@dataclass(frozen=True, slots=True)
class Act:
    """`meaning`: what there is to do, with the number before it, for one and for many. `button`: with it inside.

    `path`: in addresses, and as the command of sync_rules; `name`: in “There is nothing to …”. `in_part`: it can be
    done to one workflow's, or to those of some time.
    """

    path: str
    name: str
    meaning: tuple[str, str]
    button: str
    hint: str
    done: str
    may: str
    count: Callable[[Loaded], Counted]
    do: Callable[..., ChangeCounts]
    in_part: bool = False

    def counted(self, what: Loaded, seconds: float) -> Counted | None:
        """None: it cannot be counted in about so many seconds. Raises `rules_unreadable`."""
        try:
            with bounded_reading(seconds):
                return self.count(what)
        except TooSlowError:
            return None

    def title(self, number: int) -> str:
        return self.button.format(counted(number, "run"))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What there is to do; None: it could not be counted in time."""

    act: Act
    counted: Counted | None

    @property
    def said(self) -> str:
        one, many = self.act.meaning
        if self.counted is None:
            return f"How many runs {many} could not be counted in time."
        number = self.counted.wanted
        meant = [f"{counted(number, 'run')} {one if number == 1 else many}"] if number else []
        return "; ".join([*meant, *self.counted.notes]) + "."

    @property
    def button(self) -> str:
        """Leads to its page; empty: there is nothing to do by hand."""
        if self.counted is None:
            return "Count them"
        return self.act.title(self.counted.wanted) if self.counted.wanted else ""


def _count_earlier(what: Loaded) -> Counted:
    found = count_effect(what)
    others = {
        "waiting to be loaded again": found.waiting,
        "waiting to be taken out of Snowflake": found.removing,
        "failed on it: to be retried once that is mended": found.failed,
        TO_RETRY: found.to_retry,
    }
    notes = tuple(f"{counted(number, 'run')} {words}" for words, number in others.items() if number)
    return Counted(found.version, found.as_of, found.earlier, notes)


def _count_returning(what: Loaded) -> Counted:
    found = count_returning(what.configuration_id)
    return Counted(found.version, found.as_of, found.wanted)


def _bring_back(what: Loaded, **confirmed: Any) -> ChangeCounts:
    return bring_back(what.configuration_id, **confirmed)


def _remove(what: Loaded, **confirmed: Any) -> ChangeCounts:
    return remove_excluded(what.configuration_id, **confirmed)


def _count_excluded(what: Loaded) -> Counted:
    found = preview_removal(what.configuration_id)
    notes = []
    if found.tables:
        notes.append(f"{counted(found.tables, 'own table')} would be dropped")
    if found.rows:
        notes.append(f"{counted(found.rows, 'row')} would be deleted from tables that others share")
    return Counted(found.version, found.as_of, found.executions, tuple(notes))


ACTS = (
    Act(
        "reload",
        "load again",
        ("is loaded as earlier rules made it", "are loaded as earlier rules made them"),
        "Load {} again",
        "Workers load them as the rules are now. Tables are replaced, not doubled.",
        "queued to be loaded again",
        BACKFILL,
        _count_earlier,
        reload_earlier,
        in_part=True,
    ),
    Act(
        "return",
        "bring back",
        ("was excluded, and no rule excludes it any more", "were excluded, and no rule excludes them any more"),
        "Bring back {}",
        "They are queued, and workers load them as the rules are now.",
        "queued again",
        BACKFILL,
        _count_returning,
        _bring_back,
    ),
    Act(
        "remove",
        "take out of Snowflake",
        ("is in Snowflake although the rules exclude it", "are in Snowflake although the rules exclude them"),
        "Take {} out of Snowflake",
        "Workers do it, one attempt each, unless the rules include them again by then. The results stay in the "
        "application's PostgreSQL.",
        "queued to be taken out of Snowflake",
        CHANGE_DESTINATIONS,
        _count_excluded,
        _remove,
    ),
)


def meanings(what: Loaded, seconds: float) -> Iterator[Meaning]:
    """What there is to do, each counted for about so many seconds at most. Raises `rules_unreadable`."""
    for act in ACTS:
        found = act.counted(what, seconds)
        if found is None or found.wanted or found.notes:
            yield Meaning(act, found)
