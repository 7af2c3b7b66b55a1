"""Channels of alerts: made, tried, changed, paused and deleted by their user. Nobody sees another's."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from sync.alerts import KINDS, BadFieldsError, before_it, state_of
from sync.destinations import NotDoneError, check_rate, check_slot
from sync.models import SyncAlertChannel, SyncAlertDelivery
from sync.operations import (
    change_channel,
    delete_channel,
    make_channel,
    pause_channel,
    resume_channel,
    rotate_channel_secret,
    try_channel,
)
from sync.reporting import counted
from sync.web.console.access import form_page, render_page, viewer
from sync.web.console.channel_forms import ChannelForm

# Messages of a channel that are listed.
_LISTED = 20


def _channel_page(view: Callable[[HttpRequest, SyncAlertChannel], HttpResponse]) -> Callable[..., Any]:
    """A page of a channel of the viewer's; anybody else's is not there."""

    @form_page
    @wraps(view)
    def page(request: HttpRequest, channel_id: UUID) -> HttpResponse:
        channel = SyncAlertChannel.objects.filter(user=viewer(request), pk=channel_id).first()
        if channel is None:
            raise Http404("There is no such channel.")
        return view(request, channel)

    return page


@form_page
def new_channel_page(request: HttpRequest) -> HttpResponse:
    """GET: the kinds, or, with `kind`, its form. POST makes it; what is made for it is in this answer alone."""
    kind = request.POST.get("kind") or request.GET.get("kind") or ""
    if kind not in KINDS:
        return render_page(request, "channel_kinds", {"kinds": KINDS}, here="alerts")
    form = ChannelForm(viewer(request), kind, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            check_rate("configure", viewer(request).pk)
            channel, made = make_channel(viewer(request), kind, form.values, **form.chosen)
        except BadFieldsError as error:
            form.refuse(error)
        except NotDoneError as error:
            form.add_error(None, f"{error} {error.what_to_do}")
        else:
            if number := before_it(channel):
                messages.info(request, f"What is open already is not told: {counted(number, 'alert')}.")
            if made:
                return _shown(request, channel, made["signing"])
            messages.success(request, f"{channel} is made. Send a test, to see whether it works.")
            return redirect("console:channel", channel.pk)
    context = {"kind": kind, "about": KINDS[kind], "form": form, "missing": KINDS[kind].missing()}
    return render_page(request, "channel_new", context, here="alerts", status=400 if form.errors else 200)


@_channel_page
def channel_page(request: HttpRequest, channel: SyncAlertChannel) -> HttpResponse:
    """GET: how it is doing, and its form. POST does what `act` says."""
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "secret":
        return _rotated(request, channel)
    if act in _ACTS:
        _done(request, channel, act)
        return redirect("console:channel", channel.pk)
    about = KINDS.get(channel.kind)
    form = (
        ChannelForm(viewer(request), channel.kind, request.POST if act == "save" else None, channel) if about else None
    )
    if form and form.is_valid() and _saved(request, channel, form):
        return redirect("console:channel", channel.pk)
    sent = SyncAlertDelivery.objects.filter(channel=channel)
    context = {
        "channel": channel,
        "state": state_of(channel),
        "about": about,
        "missing": about.missing() if about else "",
        "form": form,
        "messages_sent": sent[:_LISTED],
        "tried_again": sent.filter(delivered_at=None, given_up_at=None).exclude(error="").exists(),
    }
    return render_page(request, "channel", context, here="alerts", status=400 if form and form.errors else 200)


@_channel_page
def delete_channel_page(request: HttpRequest, channel: SyncAlertChannel) -> HttpResponse:
    """GET says what ends; POST ends it."""
    if request.method == "POST":
        check_rate("configure", viewer(request).pk)
        delete_channel(channel.pk)
        messages.success(request, f"{channel} is deleted.")
        return redirect("console:alerts")
    waiting = SyncAlertDelivery.objects.filter(channel=channel, delivered_at=None, given_up_at=None).count()
    return render_page(request, "channel_delete", {"channel": channel, "waiting": waiting}, here="alerts")


def _saved(request: HttpRequest, channel: SyncAlertChannel, form: ChannelForm) -> bool:
    check_rate("configure", viewer(request).pk)
    try:
        change_channel(channel.pk, form.values, **form.chosen)
    except BadFieldsError as error:
        form.refuse(error)
        return False
    messages.success(request, "Saved. Send a test, to see whether it works.")
    return True


def _test(request: HttpRequest, channel: SyncAlertChannel) -> None:
    check_rate("alert_test", viewer(request).pk)
    with check_slot(viewer(request).pk):
        sent = try_channel(channel.pk)
    if sent.delivered_at:
        messages.success(request, f"The test was taken. {sent.answer}")
    else:
        messages.error(request, f"The test was not taken. {sent.error}")


def _pause(_request: HttpRequest, channel: SyncAlertChannel) -> None:
    pause_channel(channel.pk)


def _resume(_request: HttpRequest, channel: SyncAlertChannel) -> None:
    resume_channel(channel.pk)


_ACTS: dict[str, Callable[[HttpRequest, SyncAlertChannel], None]] = {"test": _test, "pause": _pause, "resume": _resume}


def _done(request: HttpRequest, channel: SyncAlertChannel, act: str) -> None:
    if act != "test":
        check_rate("configure", viewer(request).pk)
    try:
        _ACTS[act](request, channel)
    except NotDoneError as error:
        messages.warning(request, str(error))


def _rotated(request: HttpRequest, channel: SyncAlertChannel) -> HttpResponse:
    check_rate("configure", viewer(request).pk)
    try:
        return _shown(request, channel, rotate_channel_secret(channel.pk), is_new=False)
    except NotDoneError as error:
        messages.warning(request, f"{error} {error.what_to_do}")
        return redirect("console:channel", channel.pk)


def _shown(request: HttpRequest, channel: SyncAlertChannel, secret: str, *, is_new: bool = True) -> HttpResponse:
    context = {"channel": channel, "secret": secret, "is_new": is_new}
    return render_page(request, "channel_secret", context, here="alerts")
