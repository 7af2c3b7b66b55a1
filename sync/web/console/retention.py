"""How long results stay in a destination: set for all workflows or for one; and what is past that, confirmed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import SnowflakeConfiguration
from sync.destinations import FieldError, check_rate
from sync.models import SyncRetention, Workflow
from sync.operations import (
    ChangePreview,
    PrunePreview,
    Retention,
    preview_prune,
    prune_results,
    retention_of,
)
from sync.operations import set_retention as set_of
from sync.postgres import TooSlowError, bounded_reading
from sync.queue import retention_trouble
from sync.reporting import CHANGE_DESTINATIONS, counted
from sync.web.console.access import counting_page, demand, viewer
from sync.web.console.confirmation import COUNTING, DOING, ConfirmedForm, hidden
from sync.web.console.confirmation import told as told_of
from sync.web.console.destination_access import destination_page, find, render_destination, told

# Workflows that a confirmation names.
_NAMED = 20
_AS_OTHERS = ("", "as all others")
_HINT = (
    "Workers do it, if it is past retention then: an own table is dropped, rows of a shared one are deleted, which "
    "wakes the warehouse. New results, and what somebody retries or backfills, are loaded, and judged by when that was."
)


class RetentionForm(forms.Form):
    keeps = forms.ChoiceField(label="Keep", widget=forms.Select(attrs={"class": "input"}))
    amount = forms.IntegerField(
        required=False,
        label="How many, or how many days",
        min_value=1,
        max_value=36_500,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
    only_copies = forms.BooleanField(
        required=False, label="Also what the application has no more: the only copy there is, which is then gone"
    )

    def __init__(self, *args: Any, of_one: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [_AS_OTHERS] if of_one else []
        keeps = self.fields["keeps"]
        assert isinstance(keeps, forms.ChoiceField)  # noqa: S101 - it is declared above
        keeps.required, keeps.choices = not of_one, [*choices, *SyncRetention.Keeps.choices]

    @property
    def wanted(self) -> Retention | None:
        data = self.cleaned_data
        if not data["keeps"]:
            return None
        amount = None if data["keeps"] == SyncRetention.Keeps.ALL else data["amount"]
        return Retention(data["keeps"], amount, data["only_copies"] and amount is not None)


@destination_page
def retention_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """GET: what is kept. POST sets it, of all workflows or, with ?workflow=, of one."""
    workflow = _workflow(request, about)
    lines = retention_of(about.pk)
    now = lines.get(workflow.pk if workflow else None)
    shown = now or (None if workflow else Retention())
    initial = {"keeps": shown.keeps, "amount": shown.amount, "only_copies": shown.only_copies} if shown else {}
    form = RetentionForm(initial=initial, of_one=workflow is not None)
    if request.method == "POST":
        demand(request)
        form = RetentionForm(request.POST, of_one=workflow is not None)
        if form.is_valid() and _save(request, about, workflow, form):
            return redirect(request.get_full_path())
    names = Workflow.objects.in_bulk([id_ for id_ in lines if id_])
    own = [(names[id_], kept) for id_, kept in lines.items() if id_ in names and id_]
    trouble = retention_trouble(about.pk)
    kept = kept_of(about, workflow)
    return render_destination(
        request, about, "data", "retention", form=form, workflow=workflow, own=own, trouble=trouble, kept=kept
    )


@counting_page(is_bounded=False)
def prune_page(request: HttpRequest, configuration_id: UUID) -> HttpResponse:
    """GET says how many results are past retention; POST asks for so many, and whether to go on with the rest."""
    about = find(request, configuration_id)
    demand(request, CHANGE_DESTINATIONS)
    workflow = _workflow(request, about)
    form = ConfirmedForm(request.POST)
    with told(request):
        if request.method != "POST" or not form.is_valid():
            return _confirm(request, about, workflow, _counted(about, workflow))
        check_rate("backfill", viewer(request).pk)
        as_of, wanted = form.cleaned_data["as_of"], form.cleaned_data["wanted"]
        id_ = workflow.pk if workflow else None
        done = prune_results(about.pk, id_, as_of=as_of, wanted=wanted, seconds=DOING)
        asked = f"{done.changed:,} of {counted(wanted, 'result')} queued to be taken out of Snowflake"
        said = told_of(done, asked)
        (messages.success if done.changed == wanted else messages.warning)(request, said)
        if done.left:
            return _confirm(request, about, workflow, PrunePreview(as_of, []), left=done.left)
    return redirect(_address("console:retention", about, workflow))


def kept_of(about: SnowflakeConfiguration, workflow: Workflow | None = None) -> str:
    """What is kept of a workflow, or of all, in words."""
    lines = retention_of(about.pk)
    kept = str((workflow and lines.get(workflow.pk)) or lines.get(None, Retention()))
    own = 0 if workflow else len(lines.keys() - {None})
    whose = "its" if own == 1 else "their"
    return f"{kept}; {counted(own, 'workflow')} with something of {whose} own" if own else kept


def _save(request: HttpRequest, about: SnowflakeConfiguration, workflow: Workflow | None, form: RetentionForm) -> bool:
    with told(request):
        check_rate("configure", viewer(request).pk)
        try:
            set_of(about, workflow, form.wanted)
        except FieldError as error:
            form.add_error(error.field, error.message)
            return False
        messages.success(request, "Saved. What is past it goes when workers next look, a day from now at the earliest.")
        return True
    return False


def _counted(about: SnowflakeConfiguration, workflow: Workflow | None) -> PrunePreview | None:
    try:
        with bounded_reading(COUNTING):
            return preview_prune(about.pk, workflow.pk if workflow else None)
    except TooSlowError:
        return None


def _confirm(
    request: HttpRequest,
    about: SnowflakeConfiguration,
    workflow: Workflow | None,
    found: PrunePreview | None,
    left: int = 0,
) -> HttpResponse:
    """`left`: of what was confirmed, the time was over before so many."""
    wanted = left or (found.total("results") if found else 0)
    button = f"Take {counted(wanted, 'result')} out of Snowflake"
    words = [f"destination “{about}”", *([f"workflow {workflow.workflow_id}"] if workflow else [])]
    words.append(f"past {kept_of(about, workflow)}")
    slow = f"They could not be counted within {COUNTING:.0f} s: use manage.py prune_results."
    context = {
        "title": button,
        "preview": found and ChangePreview(found.as_of, wanted),
        "verb": {"name": "take out of Snowflake", "hint": " ".join([*_notes(found), _HINT])},
        "after": left,
        "hidden": hidden(found.as_of, wanted, None) if found and wanted else [],
        "button": button,
        "left_alone": _kept(found),
        "selection": {
            "errors": [] if found else [slow],
            "words": words,
            "back": _address("console:retention", about, workflow),
        },
    }
    return render_destination(request, about, "data", "data_act", **context)


def _notes(found: PrunePreview | None) -> list[str]:
    if found is None:
        return []
    said = []
    if tables := found.total("tables"):
        said.append(f"{counted(tables, 'own table')} would be dropped.")
    if rows := found.total("rows"):
        said.append(f"{counted(rows, 'row')} would be deleted from tables that others share.")
    if only := found.total("only_copies"):
        said.append(f"{counted(only, 'result')} of them the application has no more: the only copy.")
    by_workflow = [f"{one.workflow_name}: {one.results:,}" for one in found.workflows[:_NAMED] if one.results]
    return [*said, *([f"By workflow: {', '.join(by_workflow)}."] if len(by_workflow) > 1 else [])]


def _kept(found: PrunePreview | None) -> list[str]:
    kept = found.total("kept") if found else 0
    return [f"{counted(kept, 'result')} past retention: the only copy"] if kept else []


def _workflow(request: HttpRequest, about: SnowflakeConfiguration) -> Workflow | None:
    """The one that ?workflow= names. Raises Http404 if it is not one of the destination's owner."""
    asked = request.GET.get("workflow", "").replace("\0", "\ufffd")
    found = Workflow.objects.filter(user=about.user_id).known_as(asked).first() if asked else None
    if asked and found is None:
        raise Http404("There is no such workflow.")
    return found


def _address(name: str, about: SnowflakeConfiguration, workflow: Workflow | None) -> str:
    query = f"?{urlencode({'workflow': workflow.workflow_id})}" if workflow else ""
    return f"{reverse(name, args=[about.pk])}{query}"
