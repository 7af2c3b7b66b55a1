"""What people are told of: what is open, what was, where it is told, and what nobody wants to hear of for a while."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from sync.alerts import ANY_KIND, KINDS, WORDS, alerts_of, mutes_of, standing, state_of, with_mutes
from sync.destinations import check_rate
from sync.models import SyncAlert, SyncAlertChannel
from sync.operations import mute_alerts, unmute_alerts
from sync.reporting import MUTE, duration, may
from sync.web.console.access import console_page, demand, form_page, own_scope, render_page, viewer
from sync.web.console.lists import destinations_to_choose
from sync.web.console.muting import WORDS as SPAN_WORDS
from sync.web.console.muting import MuteForm
from sync.web.console.query_parameters import ConsoleQuery
from sync.web.shared import exact

# Alerts that are listed of those that are open, and of those that were.
_OPEN, _OVER = 30, 25


@console_page
def alerts_page(request: HttpRequest) -> HttpResponse:
    """Of the viewer's own things; of everybody's, for staff who see these."""
    owner, now = own_scope(request), timezone.now()
    there = alerts_of(owner)
    before = request.GET.get("before", "")
    was = there.exclude(closed_at=None)
    if before.isascii() and before.isdigit() and len(before) < 19:
        was = was.filter(pk__lt=int(before))
    over = list(was.order_by("-pk")[: _OVER + 1])
    channels = SyncAlertChannel.objects.filter(user=viewer(request))
    context = {
        "now": now,
        "open": list(with_mutes(there.filter(closed_at=None)[:_OPEN], owner, now)),
        "open_in_all": there.filter(closed_at=None).count(),
        "over": [_was(alert) for alert in over[:_OVER]],
        "more": over[_OVER - 1].pk if len(over) > _OVER else None,
        "channels": [_row(channel) for channel in channels],
        "mutes": mutes_of(owner, now),
        "everyone": owner is None,
        "standing": standing() if owner is None else None,
        "may_mute": may(viewer(request), MUTE),
    }
    return render_page(request, "alerts", context)


def _was(alert: SyncAlert) -> tuple[SyncAlert, str]:
    """An alert that is over, and how long it was open."""
    assert alert.closed_at is not None  # noqa: S101 - chosen so
    return alert, duration((alert.closed_at - alert.since).total_seconds())


def _row(channel: SyncAlertChannel) -> dict[str, Any]:
    about = KINDS.get(channel.kind)
    return {
        "channel": channel,
        "kind": about.label if about else channel.kind,
        "where": ", ".join(channel.settings.values()),
        "state": state_of(channel),
        "told_of": told_of(channel),
    }


def told_of(channel: SyncAlertChannel) -> str:
    """In words: of which alerts, and whether again and in a digest."""
    said = ["all alerts"] if channel.events is None else [WORDS[kind].label for kind in channel.events if kind in WORDS]
    if channel.everyone:
        said.append("also everybody's")
    if channel.remind_after:
        said.append(f"a reminder every {duration(channel.remind_after.total_seconds())}")
    if channel.digest:
        said.append(f"a digest {channel.get_digest_display()}")
    return ", ".join(said)


class AlertMuteForm(MuteForm):
    """Of which alerts, and for how long."""

    kind = forms.ChoiceField(
        choices=[(ANY_KIND, "all alerts"), *((kind, words.label) for kind, words in WORDS.items())],
        label="Of which",
        widget=forms.Select(attrs={"class": "input"}),
    )
    how_long = forms.ChoiceField(
        choices=[*SPAN_WORDS.items(), ("unmuted", "until it is unmuted"), ("date", "until a date")],
        widget=forms.RadioSelect,
        initial="1d",
    )


@form_page
def mute_alerts_page(request: HttpRequest) -> HttpResponse:
    """GET asks which and until when; POST does it, or ends one."""
    demand(request, MUTE)
    posted = request.POST if request.method == "POST" else None
    wanted = ConsoleQuery(request, posted)
    if wanted.problems:
        messages.warning(request, " ".join([*wanted.problems, "Nothing was muted."]))
        return redirect("console:alerts")
    form = AlertMuteForm(posted, initial={"kind": request.GET.get("kind", ANY_KIND)})
    if posted is not None and "unmute" in posted:
        check_rate("configure", viewer(request).pk)
        was = unmute_alerts(own_scope(request), posted.get("kind", ""), _workflow(wanted), wanted.destination)
        messages.success(request, "No longer muted." if was else "It was not muted.")
        return redirect("console:alerts")
    if form.is_valid() and _muted(request, wanted, form):
        return redirect("console:alerts")
    context = {
        "form": form,
        "destinations": destinations_to_choose(wanted),
        "destination": wanted.destination,
        "workflow": _workflow(wanted),
        "everyones": own_scope(request) is None,
    }
    return render_page(request, "alert_mute", context, here="alerts", status=400 if form.errors else 200)


def _workflow(wanted: ConsoleQuery) -> Any:
    return wanted.workflows[0] if wanted.workflows else None


def _muted(request: HttpRequest, wanted: ConsoleQuery, form: AlertMuteForm) -> bool:
    """Whether it was done; if not, the form says why."""
    check_rate("configure", viewer(request).pk)
    which = (own_scope(request), form.cleaned_data["kind"], _workflow(wanted), wanted.destination)
    if not form.mutes(partial(mute_alerts, *which)):
        return False
    messages.success(request, f"Muted until {exact(form.until)}." if form.until else "Muted until it is unmuted.")
    return True
