"""Backfill of executions, workflows or users: a form, a dry run that counts, then at most as many as were counted."""

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.models import User
from sync.destinations import TooOftenError, count
from sync.models import Workflow, WorkflowExecution
from sync.operations import BackfillCounts, backfill_executions
from sync.queue import BackfillFilter
from sync.reporting import MomentField, as_uuid
from sync.web.shared import record

PERMISSION = "sync.backfill_workflowexecution"
# Seconds for counting or queueing, before one is asked to go on.
DOING = 10.0
NAMED = 5
LEFT_ALONE = {
    "there": "already in all active destinations; “again” loads them once more",
    "waiting": "already waiting for a worker",
    "failed": "failed: retry their items, or queue them again",
    "uploaded": "uploaded by an earlier way of syncing; “again” loads them once more",
    "skipped_by_hand": "skipped by hand; “again” loads them after all",
    "no_destination": "of owners without active destination: queued by themselves when there is one",
    "no_owner": "without owner: give their workflows one (workflows.user_id)",
    "not_completed": "not completed: queued when they complete",
    "held": "held by somebody else: try again in a moment",
}
_MODELS: dict[str, type[Model]] = {"user": User, "workflow": Workflow, "execution": WorkflowExecution}
_ROWS: dict[str, QuerySet[Any]] = {
    "user": User.objects.all(),
    "workflow": Workflow.objects.all(),
    "execution": WorkflowExecution.objects.only("execution_id"),
}


class BackfillForm(forms.Form):
    """Which of the executions in scope, and how."""

    since = MomentField(
        required=False, label="Created since", help_text="2026-01-31 or 2026-01-31 14:30, UTC; empty: from the first"
    )
    until = MomentField(required=False, label="Created before", help_text="Not included itself; empty: to the last")
    limit = forms.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Executions at most; empty: all"
    )
    force = forms.BooleanField(
        required=False,
        label="Again, also what is there",
        help_text="As if new results had come: tables are replaced, not doubled.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", "It has to be after “created since”.")
        return cleaned


@dataclass(frozen=True)
class Scope:
    """Whose executions: of one kind of rows, or all where none are named."""

    kind: str = ""
    ids: tuple[Any, ...] = ()

    @classmethod
    def of(cls, parameters: QueryDict) -> "Scope":
        for kind in _MODELS:
            if named := parameters.getlist(kind):
                return cls(kind, tuple(id_ for id_ in map(as_uuid, named) if id_))
        return cls()

    @property
    def words(self) -> str:
        if not self.kind:
            return "all executions"
        rows = [str(row) for row in _ROWS[self.kind].filter(pk__in=self.ids[:NAMED])]
        more = f" and {len(self.ids) - NAMED:,} others" if len(self.ids) > NAMED else ""
        of = "" if self.kind == "execution" else f" of the {self.kind}{'s' if len(self.ids) > 1 else ''}"
        return f"executions{of} {', '.join(rows)}{more}"

    @property
    def back(self) -> str:
        meta = _MODELS[self.kind or "execution"]._meta  # noqa: SLF001 - Django's
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")

    def filter(self, data: dict[str, Any]) -> BackfillFilter:
        executions = None
        if self.kind == "execution":
            found = WorkflowExecution.objects.filter(pk__in=self.ids)
            executions = tuple(found.values_list("execution_id", flat=True))
        return BackfillFilter(
            user_ids=self.ids if self.kind == "user" else None,
            workflow_ids=self.ids if self.kind == "workflow" else None,
            execution_ids=executions,
            since=data["since"],
            until=data["until"],
        )


@dataclass(frozen=True)
class Step:
    """What has been done so far, sent along with the page: the time of one request may not be enough.

    `left`: executions that may still be queued; None before the end of the dry run.
    """

    counts: BackfillCounts
    left: int | None = None

    @classmethod
    def read(cls, text: str) -> "Step | None":
        try:
            found = signing.loads(text, salt=PERMISSION)
        except signing.BadSignature:
            return None
        return cls(BackfillCounts(**found["counts"]), found["left"])

    def __str__(self) -> str:
        return signing.dumps({"counts": asdict(self.counts), "left": self.left}, salt=PERMISSION)


class BackfillAction(admin.ModelAdmin):
    """The action of a list, and its page."""

    backfill_of: ClassVar[str]
    actions = ("backfill_selected",)

    def has_backfill_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    @admin.action(description="Backfill: queue what is not in Snowflake yet…", permissions=["backfill"])
    def backfill_selected(self, request: HttpRequest, _rows: Any) -> HttpResponse:
        chosen = QueryDict(mutable=True)
        chosen.setlist(self.backfill_of, request.POST.getlist(ACTION_CHECKBOX_NAME))
        return _page(self.admin_site, request, Scope.of(chosen), BackfillForm())


class BackfillPages(BackfillAction):
    """The page that the actions of all three lists lead to."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.backfill_view)
        return [path("backfill/", view, name="sync_workflowexecution_backfill"), *super().get_urls()]

    def backfill_view(self, request: HttpRequest) -> HttpResponse:
        """GET: the form. POST: counts; and, with what was counted, queues."""
        if not self.has_backfill_permission(request):
            raise PermissionDenied
        scope = Scope.of(request.POST if request.method == "POST" else request.GET)
        form = BackfillForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid() or "change" in request.POST:
            return _page(self.admin_site, request, scope, form)
        step = Step.read(request.POST.get("step", ""))
        try:
            count("backfill", request.user.pk)
        except TooOftenError as error:
            self.message_user(request, str(error), messages.WARNING)
            return _page(self.admin_site, request, scope, form, step)
        if "queue" in request.POST and step:
            return self._queue(request, scope, form, step)
        step = _count(scope, form.cleaned_data, step if "on" in request.POST else None)
        return _page(self.admin_site, request, scope, form, step)

    def _queue(self, request: HttpRequest, scope: Scope, form: BackfillForm, step: Step) -> HttpResponse:
        wanted = step.counts.queued if step.left is None else step.left
        if not wanted:
            return _page(self.admin_site, request, scope, form, step)
        what = scope.filter(form.cleaned_data)
        if step.left is not None:
            what = replace(what, after=step.counts.position)
        counts = backfill_executions(what, force=form.cleaned_data["force"], limit=wanted, seconds=DOING)
        left = 0 if counts.finished else wanted - counts.queued - counts.held
        said = _told(counts, wanted, left)
        self.message_user(request, said, messages.SUCCESS if counts.queued == wanted else messages.WARNING)
        record(request, _MODELS[scope.kind or "execution"], f"Backfill: {scope.words}", said, scope.ids)
        if left:
            return _page(self.admin_site, request, scope, form, Step(counts, left))
        return HttpResponseRedirect(scope.back)


def left_alone(counts: BackfillCounts) -> list[str]:
    """What a backfill leaves alone, and why."""
    return [f"{_executions(number)} {why}" for name, why in LEFT_ALONE.items() if (number := getattr(counts, name))]


def _count(scope: Scope, data: dict[str, Any], before: Step | None) -> Step:
    """The dry run, or more of it."""
    what, limit = scope.filter(data), data["limit"]
    if before:
        what = replace(what, after=before.counts.position)
        limit = limit and limit - before.counts.queued
    counts = backfill_executions(what, force=data["force"], dry_run=True, limit=limit, seconds=DOING)
    if before:
        sums = {name: getattr(counts, name) + getattr(before.counts, name) for name in (*LEFT_ALONE, "queued")}
        counts = replace(counts, **sums)
    return Step(counts)


def _page(
    site: admin.AdminSite, request: HttpRequest, scope: Scope, form: BackfillForm, step: Step | None = None
) -> HttpResponse:
    counts = step.counts if step else None
    limit = form.cleaned_data.get("limit") if step else None
    wanted = 0 if step is None else step.counts.queued if step.left is None else step.left
    context = {
        **site.each_context(request),
        "opts": WorkflowExecution._meta,  # noqa: SLF001 - Django's
        "title": "Backfill",
        "scope": scope,
        "form": form,
        "step": step,
        "going_on": step is not None and step.left is not None,
        "uncounted": counts is not None and step.left is None and not counts.finished and counts.queued != limit,  # type: ignore[union-attr]
        "at_limit": counts is not None and counts.queued == limit,
        "left_alone": left_alone(counts) if counts else [],
        "wanted": wanted,
        "button": f"Queue {_executions(wanted)}",
        "action": reverse("admin:sync_workflowexecution_backfill"),
    }
    return TemplateResponse(request, "admin/sync/backfill.html", context)


def _told(counts: BackfillCounts, wanted: int, left: int) -> str:
    parts = [f"{_executions(counts.queued)} of {wanted:,} queued"]
    if left:
        parts.append(f"{_executions(left)} not reached in the time")
    elif counts.queued < wanted:
        # Where all were queued, it went no further than the last of them: what else there is, the dry run has told.
        parts += [f"left alone: {line}" for line in left_alone(counts)]
    return "; ".join(parts) + "."


def _executions(number: int) -> str:
    return f"{number:,} {'execution' if number == 1 else 'executions'}"
