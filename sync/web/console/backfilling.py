"""Backfill of a time, of workflows, users or runs: a form, a dry run that counts, then at most what was counted."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.models import SnowflakeConfiguration, User
from sync.destinations import TooOftenError, check_rate
from sync.models import Workflow, WorkflowExecution
from sync.operations import LEFT_ALONE, BackfillCounts, backfill_executions
from sync.queue import BackfillFilter
from sync.reporting import BACKFILL, VIEW_DESTINATIONS, as_uuid, counted, scope_of, workflows_meant
from sync.web.console.access import counting_page, demand, render_page, viewer
from sync.web.console.backfill_step import Step
from sync.web.console.destination_access import about_destination, find
from sync.web.console.lists import suggested_workflows
from sync.web.console.query_parameters import midnight
from sync.web.console.run_form import unknown_parameters

# Seconds for counting or queueing, before one is asked to go on.
DOING = 10.0
NAMED = 5
_AGAIN = (
    "Nothing is queued: what was confirmed had been counted more than an hour ago, or for somebody or something else. "
    "It has been counted again; look at it, and confirm that."
)
_ROWS: dict[str, QuerySet[Any]] = {
    "execution": WorkflowExecution.objects.only("execution_id"),
    "user": User.objects.all(),
    "workflow": Workflow.objects.all(),
}


def _day(help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d")
    years = [MinValueValidator(date(1970, 1, 2)), MaxValueValidator(date(2999, 12, 31))]
    return forms.DateField(required=False, widget=widget, help_text=help_text, validators=years)


class BackfillForm(forms.Form):
    """Which of the runs in scope, and how. Days are those of the viewer's zone."""

    first = _day()
    last = _day("Both days are included; empty: from the first run, to the last.")
    of = forms.CharField(required=False, label="Workflow", help_text="Its name or id; empty: all.")
    force = forms.BooleanField(
        required=False,
        label="Again, also what is there",
        help_text="As if new results had come: tables are replaced, not doubled.",
    )
    limit = forms.IntegerField(
        required=False, label="Runs at most", min_value=1, max_value=2**31 - 1, help_text="Empty: all."
    )

    def __init__(self, given: Any = None, owner_id: UUID | None = None, workflow: str = "") -> None:
        super().__init__(given, initial={"of": workflow})
        self._owner_id = owner_id
        self.fields["first"].label, self.fields["last"].label = "From", "To"
        for name in ("of", "limit"):
            self.fields[name].widget.attrs |= {"class": "input", "autocomplete": "off"}
        self.fields["of"].widget.attrs["list"] = "workflows"

    def clean_of(self) -> list[Workflow]:
        asked = self.cleaned_data["of"].replace("\0", "")
        found = workflows_meant(asked, self._owner_id) if asked else []
        if asked and not found:
            raise forms.ValidationError(f"There is no workflow {asked}.")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", "It has to be the same day as “from”, or later.")
        return cleaned


@dataclass(frozen=True)
class Scope:
    """Whose runs: of one kind of rows, or all where none are named; and of `owner_id` alone, if it is not None."""

    kind: str = ""
    ids: tuple[Any, ...] = ()
    owner_id: UUID | None = None

    @classmethod
    def of(cls, parameters: QueryDict, owner_id: UUID | None) -> "Scope":
        for kind in _ROWS:
            if named := parameters.getlist(kind):
                return cls(kind, tuple(id_ for id_ in map(as_uuid, named) if id_), owner_id)
        return cls(owner_id=owner_id)

    @property
    def rows(self) -> QuerySet[Any]:
        return _ROWS[self.kind or "execution"].filter(pk__in=self.ids)

    @property
    def words(self) -> str:
        """Names only what the viewer may know."""
        if not self.kind:
            return "all runs"
        if self.owner_id is not None:
            return "these runs" if self.kind == "execution" else f"all runs of {counted(len(self.ids), self.kind)}"
        more = f" and {len(self.ids) - NAMED:,} others" if len(self.ids) > NAMED else ""
        of = "" if self.kind == "execution" else f" of the {self.kind}{'s' if len(self.ids) > 1 else ''}"
        return f"runs{of} {', '.join(map(str, self.rows[:NAMED]))}{more}"

    def filter(self, data: dict[str, Any], after: str) -> BackfillFilter:
        workflows = [*(self.ids if self.kind == "workflow" else ()), *(workflow.pk for workflow in data["of"])]
        if self.kind == "workflow" and data["of"]:
            workflows = [id_ for id_ in self.ids if id_ in {workflow.pk for workflow in data["of"]}]
        users = self.ids if self.kind == "user" else None
        if self.owner_id is not None:
            users = tuple(id_ for id_ in (self.owner_id,) if users is None or id_ in users)
        return BackfillFilter(
            user_ids=users,
            workflow_ids=tuple(workflows) if self.kind == "workflow" or data["of"] else None,
            execution_ids=tuple(self.rows.values_list("execution_id", flat=True)) if self.kind == "execution" else None,
            since=data["first"] and midnight(data["first"]),
            until=data["last"] and midnight(data["last"] + timedelta(days=1)),
            after=after,
        )


@counting_page(is_bounded=True)
def backfill_page(request: HttpRequest, configuration_id: UUID) -> HttpResponse:
    """Of the owner of a destination."""
    about = find(request, configuration_id)
    demand(request, BACKFILL)
    back = reverse("console:destination", args=[about.pk])
    return _answer(request, Scope(owner_id=about.user_id), back, about_destination(request, about, "destination"))


@counting_page(is_bounded=True)
def backfill_of_page(request: HttpRequest) -> HttpResponse:
    """Of the workflows, users or runs that the address names; nothing but the viewer's own, unless they see all."""
    demand(request, BACKFILL)
    given = request.POST if request.method == "POST" else request.GET
    scope = Scope.of(given, scope_of(viewer(request), BACKFILL))
    return _answer(request, scope, reverse("console:runs"), {})


def _answer(request: HttpRequest, scope: Scope, back: str, context: dict[str, Any]) -> HttpResponse:
    """GET: the form, for the workflow `of`; with `count` the dry run. POST: counts; with what was counted, queues."""
    given, posts = (request.POST, True) if request.method == "POST" else (request.GET, False)
    known = ("step", "queue", "on", "change", *BackfillForm.base_fields) if posts else ("count", "of")
    if unknown := unknown_parameters(given, [scope.kind], known):
        messages.error(request, f"{' '.join(unknown)} Nothing is queued: it could be more than you meant.")
        return redirect(back)
    asks = posts or "count" in given
    form, step = BackfillForm(given if asks else None, scope.owner_id, given.get("of", "")), None
    if form.is_valid() and "change" not in given:
        asked = _asked(request, scope, form.cleaned_data)
        step = Step.read(given.get("step", ""), asked) if posts else None
        try:
            check_rate("backfill", viewer(request).pk)
        except TooOftenError as error:
            messages.warning(request, str(error))
        else:
            if not step or "queue" not in given:
                if "queue" in given:
                    messages.warning(request, _AGAIN)
                step = _count(scope, form.cleaned_data, step if "on" in given else None)
            elif step.wanted:
                step = _queue(request, scope, form.cleaned_data, step)
                if not step.left:
                    return redirect(back)
        step = step and replace(step, asked=asked)
    # Their names are for who may see them.
    sees_destinations = scope_of(viewer(request), VIEW_DESTINATIONS) in (None, scope.owner_id)
    shown = {**_shown(scope, form, step), "sees_destinations": sees_destinations}
    here = "destinations" if "about" in context else "runs"
    return render_page(request, "backfill", {**context, **shown, "back": back}, here=here)


def _asked(request: HttpRequest, scope: Scope, data: dict[str, Any]) -> str:
    """Who asks for what, for a signature: what was counted for others, or of other runs, confirms nothing."""
    asked = (viewer(request).pk, scope, scope.filter(data, ""), data["force"], data["limit"])
    return salted_hmac("sync.backfill", repr(asked), algorithm="sha256").hexdigest()


def _count(scope: Scope, data: dict[str, Any], before: Step | None) -> Step:
    """The dry run, or more of it."""
    limit, earlier = data["limit"], before.counts if before else BackfillCounts()
    limit = limit and limit - earlier.queued
    what = scope.filter(data, earlier.position)
    counts = backfill_executions(what, force=data["force"], dry_run=True, limit=limit, seconds=DOING)
    sums: dict[str, Any] = {name: getattr(counts, name) + getattr(earlier, name) for name in (*LEFT_ALONE, "queued")}
    for name in ("rules", "days", "workflows", "destinations"):
        sums[name] = dict(Counter(getattr(earlier, name)) + Counter(getattr(counts, name)))
    return Step(replace(counts, **sums))


def _queue(request: HttpRequest, scope: Scope, data: dict[str, Any], step: Step) -> Step:
    """Queues at most what is wanted, and tells it."""
    what = scope.filter(data, step.counts.position if step.left is not None else "")
    counts = backfill_executions(what, force=data["force"], limit=step.wanted, seconds=DOING)
    done = Step(counts, 0 if counts.finished else step.wanted - counts.queued - counts.held)
    parts = [f"{counted(counts.queued, 'run')} of {step.wanted:,} queued"]
    if done.left:
        parts.append(f"{counted(done.left, 'run')} not reached in the time")
    elif counts.queued < step.wanted:
        # Where all were queued, it went no further than the last of them: what else there is, the dry run has told.
        parts += [f"left alone: {line}" for line in done.left_alone]
    said = "; ".join(parts) + "."
    (messages.success if counts.queued == step.wanted else messages.warning)(request, said)
    return done


def _shown(scope: Scope, form: BackfillForm, step: Step | None) -> dict[str, Any]:
    at_limit = step is not None and step.counts.queued == form.cleaned_data["limit"]
    goes_to = []
    if scope.owner_id is not None:
        active = SnowflakeConfiguration.objects.filter(user_id=scope.owner_id, is_active=True)
        goes_to = list(map(str, active[: NAMED + 1]))
    return {
        "scope": scope,
        "form": form,
        "workflows": suggested_workflows(scope.owner_id),
        "step": step,
        "goes_to": goes_to,
        "going_on": step is not None and step.left is not None,
        "uncounted": step is not None and step.left is None and not step.counts.finished and not at_limit,
        "at_limit": at_limit,
        "left_alone": step.left_alone if step else [],
        "wanted": step.wanted if step else 0,
        "button": f"Queue {counted(step.wanted, 'run')}" if step else "",
    }
