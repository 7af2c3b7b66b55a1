"""Until when somebody does not want to hear of a kind of failure."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from sync.destinations import check_rate
from sync.operations import SPANS, BadMuteError, mute_errors, unmute_errors
from sync.reporting import MUTE, GroupFilter, error_groups
from sync.web.console.access import demand, form_page, own_scope, render_page, viewer
from sync.web.console.datetime_field import UtcDateTimeField
from sync.web.console.query_parameters import NO_CODE, ConsoleQuery
from sync.web.shared import exact

WORDS = {"1h": "1 hour", "1d": "1 day", "7d": "7 days"}


class MuteForm(forms.Form):
    """How long, or until when."""

    how_long = forms.ChoiceField(
        choices=[*WORDS.items(), ("changes", "until another run fails so"), ("date", "until a date")],
        widget=forms.RadioSelect,
        initial="1d",
    )
    date = UtcDateTimeField(required=False)
    # Until when it was muted; None: until it is unmuted, or changes.
    until: datetime | None = None

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("how_long") == "date" and not found.get("date") and "date" not in self.errors:
            self.add_error("date", "Until which date? Write 2026-01-31 or 2026-01-31 14:30.")
        if found.get("date"):
            # Who has typed one means it, whatever is still chosen above.
            found["how_long"] = "date"
        return found

    def mutes(self, mute: Callable[[datetime | None], object]) -> bool:
        """Whether it was muted until what was chosen; if not, the form says why."""
        chosen, until = self.cleaned_data["how_long"], None
        if chosen == "date":
            until = self.cleaned_data["date"]
        elif chosen in SPANS:
            until = timezone.now() + SPANS[chosen]
        try:
            mute(until)
        except BadMuteError as error:
            self.add_error("date", f"{error} {error.what_to_do}")
            return False
        self.until = until
        return True


@form_page
def mute_page(request: HttpRequest) -> HttpResponse:
    """GET: asks until when to mute a group, or whether to hear of it again. POST: does it."""
    demand(request, MUTE)
    wanted = ConsoleQuery(request, request.POST if request.method == "POST" else None)
    if wanted.problems or not wanted.error_code:
        messages.warning(request, " ".join([*wanted.problems, "Nothing was muted: choose an error here."]))
        return redirect("console:errors")
    back = reverse("console:errors", query={"user": wanted.user.email} if wanted.user else {})
    form = MuteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _done(request, wanted, form):
        return redirect(back)
    code = "" if wanted.error_code == NO_CODE else wanted.error_code
    workflow = wanted.workflows[0] if wanted.workflows else None
    what = GroupFilter(wanted.scope.user_id, wanted.scope.configuration_id, (workflow.pk,) if workflow else None, code)
    found = error_groups(what, timezone.now(), limit=1)
    context = {
        "group": found.listed[0] if found.listed else None,
        "failed": found.failed,
        "form": form,
        "hidden": [(name, wanted.parameters[name]) for name in _CHOOSING if name in wanted.parameters],
        "everyones": own_scope(request) is None and wanted.user is None,
        "back": back,
    }
    return render_page(request, "mute", context, here="errors", status=400 if form.errors else 200)


_CHOOSING = ("user", "destination", "workflow", "error_code")


def _done(request: HttpRequest, wanted: ConsoleQuery, form: MuteForm) -> bool:
    """Whether it was muted, or is no longer; if not, the form says why."""
    code = "" if wanted.error_code == NO_CODE else wanted.error_code
    # In the view that is looked at: of everyone's things, or of this user's.
    group = (wanted.scope.user_id, code, wanted.workflows[0] if wanted.workflows else None, wanted.destination)
    if "unmute" in request.POST:
        check_rate("configure", viewer(request).pk)
        was = unmute_errors(*group)
        messages.success(request, "No longer muted." if was else "It was not muted.")
        return True
    if not form.is_valid():
        return False
    check_rate("configure", viewer(request).pk)
    if not form.mutes(partial(mute_errors, *group)):
        return False
    said = f"until {exact(form.until)}" if form.until else "until another run fails so"
    messages.success(request, f"Muted {said}. It is at the end of the list, and counts for no verdict.")
    return True
