"""Retry and skip of many items: a page says how many, then exactly these are changed, told and recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator
from django.db.models import Model
from django.http import HttpRequest

from sync.destinations import count
from sync.models import SyncQueueItem
from sync.operations import RETRYING, SKIPPING, Carried, Handling, Mark, Prospect, carry_out, foresee
from sync.postgres import bounded_reading
from sync.queue import ItemFilter
from sync.reporting import MomentField, counted

# Seconds for counting what is to be confirmed, and for doing it, before one is asked to go on.
COUNTING = 10.0
DOING = 10.0
# Why what is in these states is left alone.
REASONS = {
    "processing": "being loaded by a worker at this moment: that cannot be taken from it, retry when it has ended",
    "pending": "waiting already",
    "completed": "loaded already; a backfill with force loads again",
    "skipped": "skipped: they come back when there is a destination; what was skipped by hand, where it is selected",
    "failed": "failed",
}


@dataclass(frozen=True)
class Verb:
    """A change by hand, in words."""

    name: str
    done: str
    hint: str
    handling: Handling

    @property
    def title(self) -> str:
        return self.name.capitalize()


VERBS = {
    "retry": Verb(
        "retry",
        "pending again",
        "Pending again, with all retries. Mend the cause first: what is still wrong fails again.",
        RETRYING,
    ),
    "skip": Verb("skip", "skipped", "Not loaded until new results come, or somebody retries.", SKIPPING),
}


@dataclass(frozen=True)
class Selection:
    """Which items somebody means: as the services want it, in words, as a form sends it; and what is wrong with it."""

    what: ItemFilter
    words: Sequence[str]
    fields: Sequence[tuple[str, str]]
    errors: Sequence[str]
    back: str
    ids: Sequence[UUID] = ()


class ConfirmedForm(forms.Form):
    """What a confirmation page sends back: what was counted, and how far it has come."""

    as_of = MomentField(validators=[MaxValueValidator(datetime(9999, 1, 1, tzinfo=UTC))])
    wanted = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    mark_at = MomentField(required=False)
    mark_id = forms.UUIDField(required=False)


def confirm(request: HttpRequest, verb: Verb, selection: Selection) -> dict[str, Any] | None:
    """What the page says that asks; None where what it asked has been done.

    Raises TooOftenError, and TooSlowError where the items cannot be counted in time.
    """
    prospect, mark, form = None, None, ConfirmedForm(request.POST)
    if not selection.errors and request.method == "POST" and form.is_valid():
        count("retry", request.user.pk)
        data = form.cleaned_data
        if data["mark_at"] and data["mark_id"]:
            mark = Mark(data["mark_at"], data["mark_id"])
        as_of, wanted = data["as_of"], data["wanted"]
        done = carry_out(verb.handling, selection.what, as_of=as_of, wanted=wanted, mark=mark, seconds=DOING)
        _tell(request, verb, selection, wanted, done)
        if done.finished:
            return None
        prospect, mark = Prospect(as_of, done.left, {}, 0), done.mark
    elif not selection.errors:
        with bounded_reading(COUNTING):
            prospect = foresee(verb.handling, selection.what)
    return {
        "verb": verb,
        "selection": selection,
        "prospect": prospect,
        "mark": mark,
        "hidden": [*selection.fields, *_hidden(prospect, mark)],
        "button": f"{verb.title} {counted(prospect.wanted, 'item')}" if prospect else "",
        "left_alone": _left_alone(prospect) if prospect else [],
    }


def record(request: HttpRequest, what: type[Model], title: str, said: str, ids: Sequence[object] = ()) -> None:
    """Puts an action into the log of who did what, which the admin shows; with the row, where it was one alone."""
    LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(what),
        object_id=str(ids[0]) if len(ids) == 1 else None,
        object_repr=title[:200],
        action_flag=CHANGE,
        change_message=said,
    )


def _left_alone(prospect: Prospect) -> list[str]:
    reasons = {REASONS.get(status, status): many for status, many in sorted(prospect.others.items())}
    reasons["without owner: give the workflow one (workflows.user_id), then retry"] = prospect.no_owner
    return _lines(reasons)


def _hidden(prospect: Prospect | None, mark: Mark | None) -> list[tuple[str, str]]:
    if prospect is None or not prospect.wanted:
        return []
    hidden = [("as_of", prospect.as_of.isoformat()), ("wanted", str(prospect.wanted))]
    return [*hidden, ("mark_at", mark.updated_at.isoformat()), ("mark_id", str(mark.id))] if mark else hidden


def _lines(reasons: dict[str, int]) -> list[str]:
    return [f"{counted(many, 'item')} {why}" for why, many in reasons.items() if many]


def _tell(request: HttpRequest, verb: Verb, selection: Selection, wanted: int, done: Carried) -> None:
    left = {
        "left alone: changed since they were counted": done.meanwhile,
        "left alone: held by somebody else, try again in a moment": done.held,
        "left alone: without owner": done.no_owner,
        "not reached in the time": done.left,
    }
    said = f"{done.changed:,} of {counted(wanted, 'item')} {'is' if wanted == 1 else 'are'} {verb.done}"
    said = "; ".join([said, *_lines(left)]) + "."
    (messages.success if done.changed == wanted else messages.warning)(request, said)
    record(request, SyncQueueItem, f"{verb.title}: {', '.join(selection.words)}", said, selection.ids)
