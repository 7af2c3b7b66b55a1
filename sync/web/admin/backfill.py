"""Backfill of executions, workflows or users: a form, a dry run that counts, then at most as many as were counted."""

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.models import User
from sync.destinations import TooOftenError, check_rate
from sync.models import Workflow, WorkflowExecution
from sync.operations import LEFT_ALONE, BackfillCounts, backfill_executions
from sync.queue import BackfillFilter
from sync.reporting import as_uuid, counted
from sync.web.shared import UtcDateTimeField, unknown_parameters

PERMISSION = "sync.backfill_workflowexecution"
# Seconds for counting or queueing, before one is asked to go on.
DOING = 10.0
NAMED = 5
_ROWS: dict[str, QuerySet[Any]] = {
    "execution": WorkflowExecution.objects.only("execution_id"),
    "user": User.objects.all(),
    "workflow": Workflow.objects.all(),
}


class BackfillForm(forms.Form):
    """Which of the executions in scope, and how."""

    since = UtcDateTimeField(
        required=False, label="Created since", help_text="2026-01-31 or 2026-01-31 14:30; empty: from the first"
    )
    until = UtcDateTimeField(
        required=False, label="Created before", help_text="Not included itself; empty: to the last"
    )
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
        for kind in _ROWS:
            if named := parameters.getlist(kind):
                return cls(kind, tuple(id_ for id_ in map(as_uuid, named) if id_))
        return cls()

    @property
    def rows(self) -> QuerySet[Any]:
        return _ROWS[self.kind or "execution"].filter(pk__in=self.ids)

    @property
    def words(self) -> str:
        if not self.kind:
            return "all executions"
        more = f" and {len(self.ids) - NAMED:,} others" if len(self.ids) > NAMED else ""
        of = "" if self.kind == "execution" else f" of the {self.kind}{'s' if len(self.ids) > 1 else ''}"
        return f"executions{of} {', '.join(map(str, self.rows[:NAMED]))}{more}"

    @property
    def back(self) -> str:
        return reverse(f"admin:{self.rows.model._meta.label_lower.replace('.', '_')}_changelist")  # noqa: SLF001 - Django's

    def filter(self, data: dict[str, Any], after: str) -> BackfillFilter:
        return BackfillFilter(
            user_ids=self.ids if self.kind == "user" else None,
            workflow_ids=self.ids if self.kind == "workflow" else None,
            execution_ids=tuple(self.rows.values_list("execution_id", flat=True)) if self.kind == "execution" else None,
            since=data["since"],
            until=data["until"],
            after=after,
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

    @property
    def wanted(self) -> int:
        """Executions that would be queued."""
        return self.counts.queued if self.left is None else self.left

    @property
    def left_alone(self) -> list[str]:
        """What is left alone, and why."""
        return [f"{counted(number, 'execution')} {why}" for number, why in self.counts.why_left_alone]


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
        given = request.POST if request.method == "POST" else request.GET
        scope, step = Scope.of(given), None
        sent = ("step", "queue", "on", "change", *BackfillForm.base_fields) if request.method == "POST" else ()
        if unknown := unknown_parameters(given, [scope.kind], sent):
            messages.error(request, f"{' '.join(unknown)} Nothing is queued: it could be more than you meant.")
            return HttpResponseRedirect(scope.back)
        form = BackfillForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and "change" not in request.POST:
            step = Step.read(request.POST.get("step", ""))
            try:
                check_rate("backfill", request.user.pk)
            except TooOftenError as error:
                messages.warning(request, str(error))
            else:
                if not step or "queue" not in request.POST:
                    step = _count(scope, form.cleaned_data, step if "on" in request.POST else None)
                elif step.wanted:
                    step = _queue(request, scope, form.cleaned_data, step)
                    if not step.left:
                        return HttpResponseRedirect(scope.back)
        return _page(self.admin_site, request, scope, form, step)


def _count(scope: Scope, data: dict[str, Any], before: Step | None) -> Step:
    """The dry run, or more of it."""
    limit, earlier = data["limit"], before.counts if before else BackfillCounts()
    what = scope.filter(data, earlier.position)
    limit = limit and limit - earlier.queued
    counts = backfill_executions(what, force=data["force"], dry_run=True, limit=limit, seconds=DOING)
    sums = {name: getattr(counts, name) + getattr(earlier, name) for name in (*LEFT_ALONE, "queued")}
    rules = Counter(earlier.rules) + Counter(counts.rules)
    return Step(replace(counts, **sums, rules=rules))


def _queue(request: HttpRequest, scope: Scope, data: dict[str, Any], step: Step) -> Step:
    """Queues at most what is wanted, tells and records it."""
    what = scope.filter(data, step.counts.position if step.left is not None else "")
    counts = backfill_executions(what, force=data["force"], limit=step.wanted, seconds=DOING)
    done = Step(counts, 0 if counts.finished else step.wanted - counts.queued - counts.held)
    parts = [f"{counted(counts.queued, 'execution')} of {step.wanted:,} queued"]
    if done.left:
        parts.append(f"{counted(done.left, 'execution')} not reached in the time")
    elif counts.queued < step.wanted:
        # Where all were queued, it went no further than the last of them: what else there is, the dry run has told.
        parts += [f"left alone: {line}" for line in done.left_alone]
    said = "; ".join(parts) + "."
    (messages.success if counts.queued == step.wanted else messages.warning)(request, said)
    return done


def _page(
    site: admin.AdminSite, request: HttpRequest, scope: Scope, form: BackfillForm, step: Step | None = None
) -> HttpResponse:
    at_limit = step is not None and step.counts.queued == form.cleaned_data["limit"]
    context = {
        **site.each_context(request),
        "opts": WorkflowExecution._meta,  # noqa: SLF001 - Django's
        "title": "Backfill",
        "scope": scope,
        "form": form,
        "step": step,
        "going_on": step is not None and step.left is not None,
        "uncounted": step is not None and step.left is None and not step.counts.finished and not at_limit,
        "at_limit": at_limit,
        "left_alone": step.left_alone if step else [],
        "wanted": step.wanted if step else 0,
        "button": f"Queue {counted(step.wanted, 'execution')}" if step else "",
        "action": reverse("admin:sync_workflowexecution_backfill"),
    }
    return TemplateResponse(request, "admin/sync/backfill.html", context)
