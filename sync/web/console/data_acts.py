"""What the rules mean for what is loaded, and what is done about it: said, counted, confirmed, then exactly that."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import SnowflakeConfiguration
from sync.destinations import check_rate
from sync.errors import SyncError
from sync.models import Workflow
from sync.operations import NEW_KEY, ChangeCounts, rotate_hash_key, rules_of
from sync.queue import Loaded
from sync.reporting import counted, may
from sync.web.console.access import counting_page, demand, viewer
from sync.web.console.confirmation import COUNTING, DOING, LOOKING, hidden
from sync.web.console.confirmation import told as told_of
from sync.web.console.datetime_field import UtcDateTimeField
from sync.web.console.destination_access import (
    destination_page,
    find,
    render_destination,
    told,
)
from sync.web.console.rule_acts import ACTS, Act, Confirmed, ConfirmedRulesForm, Counted, meanings
from sync.web.console.rule_drafts import tell_of_version
from sync.web.shared import whole_number


class PartForm(forms.Form):
    """Of which of them: those of one workflow, or of some time."""

    workflow = forms.CharField(required=False, max_length=500)
    since = UtcDateTimeField(required=False, label="Runs since", help_text="2026-01-31; empty: from the first")
    until = UtcDateTimeField(required=False, label="Runs before", help_text="Not included itself; empty: to the last")


@counting_page(is_bounded=False)
def meaning_page(request: HttpRequest, configuration_id: UUID) -> HttpResponse:
    """What there is to do. For htmx only that part; counting takes a while, so that no other page waits for it."""
    about, said = find(request, configuration_id), dict[str, Any]()
    workflow = request.GET.get("workflow", "")
    try:
        what = Loaded(about.pk, workflow_ids=_ids(about, workflow) if workflow else None)
        found = [one for one in meanings(what, LOOKING) if one.act.in_part or not workflow]
        said = {"meanings": [(each, may(viewer(request), each.act.may)) for each in found]}
    except SyncError as error:
        said = {"unreadable": error}
    query = f"?{urlencode({'workflow': workflow})}" if workflow else ""
    part = "parts/rule_meanings" if request.htmx else "data_meaning"  # type: ignore[attr-defined]
    return render_destination(request, about, "data", part, query=query, **said)


@counting_page(is_bounded=False)
def act_page(request: HttpRequest, configuration_id: UUID) -> HttpResponse:
    """…/data/reload, return, remove. GET says how many; POST does so many, and asks whether to go on with the rest."""
    about = find(request, configuration_id)
    act = next((one for one in ACTS if one.path == request.path.rpartition("/")[2]), None)
    if act is None:
        raise Http404("There is nothing of that name to do.")
    demand(request, act.may)
    part = PartForm(request.GET)
    what = Loaded(about.pk)
    if act.in_part and part.is_valid():
        data, workflow = part.cleaned_data, part.cleaned_data["workflow"]
        ids = _ids(about, workflow) if workflow else None
        what = replace(what, since=data["since"], until=data["until"], workflow_ids=ids)
    form = ConfirmedRulesForm(request.POST)
    with told(request):
        if request.method != "POST" or not form.is_valid() or not part.is_valid():
            found = act.counted(what, COUNTING) if part.is_valid() else None
            return _confirm(request, about, act, part, found)
        check_rate("backfill", viewer(request).pk)
        confirmed: Confirmed = form.confirmed
        done: ChangeCounts = act.do(what, **confirmed._asdict(), seconds=DOING)
        said = told_of(done, f"{done.changed:,} of {counted(confirmed.wanted, 'run')} {act.done}")
        (messages.success if done.changed == confirmed.wanted else messages.warning)(request, said)
        if done.left:
            rest = Counted(confirmed.version, confirmed.as_of, done.left)
            begun = Confirmed(confirmed.version, confirmed.as_of, done.left, done.after)
            return _confirm(request, about, act, part, rest, begun)
    return redirect("console:data", about.pk)


@destination_page
def hash_key_page(request: HttpRequest, about: SnowflakeConfiguration) -> HttpResponse:
    """GET says what a new key does; POST makes one."""
    demand(request)
    with told(request):
        if request.method == "POST":
            check_rate("configure", viewer(request).pk)
            seen, author = whole_number(request.POST.get("version"), -1), viewer(request).get_username()
            changed = rotate_hash_key(about.pk, author=author, expected_version=seen)
            tell_of_version(
                request, about, changed.rules.version, f"Hashes are made with key {changed.rules.hash_key}."
            )
            return redirect("console:data", about.pk)
        rules = rules_of(about.pk)
        return render_destination(request, about, "data", "data_hash_key", rules=rules, new_key=NEW_KEY)
    return redirect("console:data", about.pk)


def _confirm(
    request: HttpRequest,
    about: SnowflakeConfiguration,
    act: Act,
    part: PartForm,
    found: Counted | None,
    begun: Confirmed | None = None,
) -> HttpResponse:
    """Asks whether it is to be done to so many; None: they could not be counted. `begun`: to some it is."""
    wanted = found.wanted if found else 0
    sent: list[tuple[str, object]] = []
    if found and wanted:
        sent = [("version", found.version), *hidden(found.as_of, wanted, begun and begun.after)]
    notes = [f"{note}." for note in found.notes] if found else []
    slow = (
        f"They could not be counted within {COUNTING:.0f} s: say of which time, or use manage.py sync_rules {act.path}."
    )
    wrong = [] if found else [slow] if part.is_valid() else []
    words = [f"destination “{about}”"]
    if workflow := part.data.get("workflow"):
        words.append(f"workflow {workflow}")
    context = {
        "title": act.title(wanted),
        "act": act,
        "part": part,
        "preview": found,
        "verb": {"name": act.name, "hint": " ".join([*notes, act.hint])},
        "after": begun,
        "hidden": sent,
        "button": act.title(wanted),
        "selection": {"errors": wrong, "words": words, "back": reverse("console:data", args=[about.pk])},
    }
    return render_destination(request, about, "data", "data_act", **context)


def _ids(about: SnowflakeConfiguration, workflow_id: str) -> tuple[Any, ...]:
    """The workflow of the destination's owner. Raises Http404."""
    asked = workflow_id.replace("\0", "\ufffd")
    ids = tuple(Workflow.objects.filter(user=about.user_id).known_as(asked).values_list("pk", flat=True))
    if not ids:
        raise Http404("There is no such workflow.")
    return ids
