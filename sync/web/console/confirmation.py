"""Retry, skip and load again, of many: a page says how many, then exactly these are changed, and told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator
from django.http import HttpRequest
from django.urls import reverse

from sync.destinations import check_rate
from sync.errors import Retry
from sync.models import SyncQueueItem
from sync.operations import ChangeCounts, ChangePreview, apply_change, count_others, preview_change
from sync.postgres import bounded_reading
from sync.queue import Change, ItemFilter
from sync.reporting import BACKFILL, RETRY, Cursor, ItemError, counted
from sync.web.console.datetime_field import UtcDateTimeField

# Seconds for counting the items to confirm, and for changing them, after which a page asks whether to go on.
COUNTING = 10.0
DOING = 10.0
# The same for each look at what is loaded, and at recent results, where a page has more to say than that.
LOOKING = 3.0
RUN, LOAD = "run", "load"
# Why items in these states are left alone.
REASONS = {
    "processing": "being loaded by a worker at this moment: that cannot be taken from it, retry when it has ended",
    "pending": "waiting already",
    "completed": "loaded already; a backfill with force loads again",
    "skipped": "skipped: they come back when there is a destination; by hand or by a rule, where they are selected",
    "failed": "failed",
}


@dataclass(frozen=True)
class Verb:
    """A change by hand, in words."""

    name: str
    done: str
    hint: str
    change: Change
    # The permission of staff, and the status of what it is for where nobody names one.
    permission: str
    status: str

    @property
    def address(self) -> str:
        return reverse(f"console:{self.name.replace(' ', '-')}")

    @property
    def title(self) -> str:
        return self.name.capitalize()


VERBS = {
    "retry": Verb(
        "retry",
        "waiting again",
        "They wait again, with all their retries. Mend the cause first: what is still wrong fails again.",
        Change.RETRY,
        RETRY,
        "failed",
    ),
    "skip": Verb(
        "skip", "left out", "Not loaded until new results come, or somebody retries.", Change.SKIP, RETRY, "failed"
    ),
}
LOAD_AGAIN = Verb(
    "load again",
    "waiting to be loaded again",
    "As if new results had come: tables are replaced, not doubled, and users never see them empty.",
    Change.LOAD_AGAIN,
    BACKFILL,
    "completed",
)


@dataclass(frozen=True)
class Selection:
    """Which items somebody means: as a filter, in words, and as a form sends it; and what is wrong with that."""

    what: ItemFilter
    words: Sequence[str]
    fields: Sequence[tuple[str, str]]
    errors: Sequence[str]
    back: str


class ConfirmedForm(forms.Form):
    """The fields that a confirmation page sends back: what was counted, and how far the change has come."""

    as_of = UtcDateTimeField(validators=[MaxValueValidator(datetime(9999, 1, 1, tzinfo=UTC))])
    wanted = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    # What is counted: runs, or loads, of which a run has one for each of its destinations.
    unit = forms.CharField(required=False)
    after_at = UtcDateTimeField(required=False)
    after_id = forms.UUIDField(required=False)

    @property
    def after(self) -> Cursor | None:
        """Where the change is to go on; None: it begins."""
        at, id_ = self.cleaned_data["after_at"], self.cleaned_data["after_id"]
        return Cursor(at, id_) if at and id_ else None


def may_be_retried(item: SyncQueueItem, error: ItemError | None) -> bool:
    """Whether another try, by somebody's hand, can help."""
    return Change.RETRY.is_for(item) and not (error and error.retry is Retry.NEVER)


def ask_or_apply(request: HttpRequest, verb: Verb, selection: Selection) -> dict[str, Any] | None:
    """The context of the page that asks for confirmation; None if the change has been confirmed and done.

    Raises TooOftenError, and TooSlowError if the items cannot be counted in time.
    """
    preview, after, others, form = None, None, dict[str, int](), ConfirmedForm(request.POST)
    unit = RUN
    if not selection.errors and request.method == "POST" and form.is_valid():
        # Retry and skip share one limit; loading again has that of a backfill, as in the API.
        check_rate("backfill" if verb.change is Change.LOAD_AGAIN else "retry", request.user.pk)
        as_of, wanted = form.cleaned_data["as_of"], form.cleaned_data["wanted"]
        unit = LOAD if form.cleaned_data["unit"] == LOAD else RUN
        done = apply_change(verb.change, selection.what, as_of=as_of, wanted=wanted, after=form.after, seconds=DOING)
        _tell(request, verb, wanted, done, unit)
        if not done.left:
            return None
        preview, after = ChangePreview(as_of, done.left), done.after
    elif not selection.errors:
        with bounded_reading(COUNTING):
            preview = preview_change(verb.change, selection.what)
            others = count_others(verb.change, selection.what)
        unit = _unit(selection.what, preview, others)
    asked = hidden(preview.as_of, preview.wanted, after) if preview and preview.wanted else []
    asked += [("unit", unit)] if asked and unit == LOAD else []
    return {
        "verb": verb,
        "selection": selection,
        "preview": preview,
        "after": after,
        "of_loads": unit == LOAD,
        "hidden": [*selection.fields, *asked],
        "button": f"{verb.title} {_counted(preview, unit)}" if preview else "",
        "left_alone": _left_alone(preview, others, unit) if preview else [],
    }


def _unit(what: ItemFilter, preview: ChangePreview, others: dict[str, int]) -> str:
    """Loads, where one of the runs is meant, or would have been, in several destinations."""
    several = preview.runs != preview.wanted
    if what.execution_ids is not None:
        several |= preview.wanted + preview.no_owner + sum(others.values()) > len(what.execution_ids)
    return LOAD if several else RUN


def _counted(preview: ChangePreview, unit: str) -> str:
    """`3 runs`; `1 run (2 loads)` where it goes to two destinations."""
    many = counted(preview.wanted, unit)
    return f"{counted(preview.runs, RUN)} ({many})" if unit == LOAD and preview.runs else many


def hidden(as_of: datetime, wanted: int, after: Cursor | None) -> list[tuple[str, str]]:
    """The fields of a ConfirmedForm."""
    fields = [("as_of", as_of.isoformat()), ("wanted", str(wanted))]
    return [*fields, ("after_at", after.at.isoformat()), ("after_id", str(after.id))] if after else fields


def told(done: ChangeCounts, start: str, unit: str = RUN) -> str:
    """What a change did, and what it left alone, as a sentence."""
    left = {
        "left alone: changed since they were counted": done.meanwhile,
        "left alone: held by somebody else, try again in a moment": done.held,
        "not loaded: a rule of their destination excludes them": done.excluded,
        "not reached in the time": done.left,
    }
    return "; ".join([start, *_lines(left, unit)]) + "."


def _left_alone(preview: ChangePreview, others: dict[str, int], unit: str) -> list[str]:
    reasons = {REASONS.get(status, status): many for status, many in sorted(others.items())}
    reasons["without owner: give the workflow one (workflows.user_id), then retry"] = preview.no_owner
    return _lines(reasons, unit)


def _lines(reasons: dict[str, int], unit: str) -> list[str]:
    return [f"{counted(many, unit)} {why}" for why, many in reasons.items() if many]


def _tell(request: HttpRequest, verb: Verb, wanted: int, done: ChangeCounts, unit: str) -> None:
    start = f"{done.changed:,} of {counted(wanted, unit)} {'is' if wanted == 1 else 'are'} {verb.done}"
    said = told(done, start, unit)
    (messages.success if done.changed == wanted else messages.warning)(request, said)
