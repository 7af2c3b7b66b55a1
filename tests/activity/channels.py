"""What is done with a channel of alerts."""

from collections.abc import Callable
from typing import Any

from sync import operations
from sync.activity import Action
from sync.models import SyncAlertChannel


def _made(place: Any, marker: str) -> SyncAlertChannel:
    address = f"https://chat.googleapis.com/v1/spaces/A/messages?key=k&token={marker}"
    return operations.make_channel(place.user, "google_chat", {"url": address}, name="team")[0]


def _webhook(place: Any) -> SyncAlertChannel:
    return operations.make_channel(place.user, "webhook", {"url": "https://example.com/"}, name="hook")[0]


def _mail(place: Any) -> SyncAlertChannel:
    return operations.make_channel(place.user, "email", {"to": "ada@example.com"}, name="mail")[0]


def _resumed(place: Any) -> None:
    operations.resume_channel(operations.pause_channel(_mail(place).pk).pk)


def _muted(place: Any) -> None:
    operations.mute_alerts(place.user.pk, "late", None, place.configuration, None)


def _unmuted(place: Any) -> None:
    _muted(place)
    operations.unmute_alerts(place.user.pk, "late", None, place.configuration)


def of_channels(marker: str) -> dict[str, tuple[Callable[[Any], Any], Action]]:
    """By operation: how it is done, with a secret that must not show, and what is written down."""
    return {
        "make_channel": (lambda place: _made(place, marker), Action.CHANNEL_MADE),
        "change_channel": (
            lambda place: operations.change_channel(_made(place, "x").pk, _made(place, marker).secrets, name="y"),
            Action.CHANNEL_CHANGED,
        ),
        "rotate_channel_secret": (
            lambda place: operations.rotate_channel_secret(_webhook(place).pk),
            Action.CHANNEL_CHANGED,
        ),
        "try_channel": (lambda place: operations.try_channel(_mail(place).pk), Action.CHANNEL_TESTED),
        "pause_channel": (lambda place: operations.pause_channel(_mail(place).pk), Action.CHANNEL_PAUSED),
        "resume_channel": (_resumed, Action.CHANNEL_RESUMED),
        "delete_channel": (lambda place: operations.delete_channel(_mail(place).pk), Action.CHANNEL_DELETED),
        "mute_alerts": (_muted, Action.ALERTS_MUTED),
        "unmute_alerts": (_unmuted, Action.ALERTS_UNMUTED),
    }
