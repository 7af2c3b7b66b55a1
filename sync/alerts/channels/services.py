"""Services with hosts of their own, through apprise.

Each of its classes has the service's host written down, and gets what was entered as arguments: no address is put
together, and none is parsed, in which a value could name another host or switch a check off.
"""

import importlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from sync.alerts.channels.kind import ChannelKind, Field, thread_of
from sync.alerts.message import Answer, Event, Message, Outcome

# Seconds for all that a message needs.
LONGEST = 20
# Services that page people close by a success what a warning has opened.
_IMPORTANCE = {Event.CLOSED: "success", Event.TEST: "info", Event.DIGEST: "info"}
_ERROR = re.compile(r"error=(\d{3})\b")
# What its classes log may quote what was entered.
_lines = logging.getLogger("apprise")
_lines.addHandler(logging.NullHandler())
_lines.propagate = False

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """One of apprise's classes, and its arguments by what was entered and what the message is about."""

    label: str
    module: str
    class_name: str
    fields: tuple[Field, ...]
    arguments: Callable[[Values, str], dict[str, Any]]
    help: str = ""
    digests: bool = True


def kind_of(service: Service) -> ChannelKind:
    """The kind that sends by this service."""

    def send(settings: Values, stored: Values, message: Message, delivery_id: str) -> Answer:
        return _sent(service, {**settings, **stored}, message, thread_of(message, delivery_id))

    return ChannelKind(service.label, service.fields, send, service.help, digests=service.digests)


def _sent(service: Service, values: Values, message: Message, thread: str) -> Answer:
    # 36 MB and half a second, for those who use it.
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType  # noqa: PLC0415
    from apprise.exception import AppriseImproperlyConfigured  # noqa: PLC0415

    asset = AppriseAsset(
        http_redirects=False,
        async_mode=False,
        allow_templates=False,
        service_timeout=LONGEST,
        image_url_mask=False,
        app_id="Universal Snowflake Sync",
    )
    sends_by = getattr(importlib.import_module(f"apprise.plugins.{service.module}"), service.class_name)
    try:
        # What is longer than the service takes would be refused.
        target = sends_by(asset=asset, overflow="truncate", **service.arguments(values, thread))
    except (AppriseImproperlyConfigured, KeyError, ValueError):
        return Answer(Outcome.NEVER, f"What is stored cannot be used for {service.label}: enter it again.")
    sender = Apprise(asset=asset)
    sender.add(target)
    result = sender.notify(
        body=_unheard(message.text),
        title=_unheard(message.subject),
        notify_type=NotifyType(_IMPORTANCE.get(message.event, "warning")),
        body_format=NotifyFormat.TEXT,
    )
    if result:
        return Answer(Outcome.OK, f"{service.label} has taken it.")
    logged = " ".join(entry.message for each in result.results for entry in each.logs())
    return Answer(Outcome.AGAIN, _said(service, _ERROR.search(logged)))


def _said(service: Service, found: re.Match[str] | None) -> str:
    """What went wrong. Of what was logged nothing but the status: the rest may quote what was entered."""
    if found is None:
        return f"{service.label} cannot be reached, or does not answer."
    status = int(found[1])
    phrase = HTTPStatus(status).phrase if status in {each.value for each in HTTPStatus} else ""
    return f"{service.label} answered {status} {phrase}".strip() + (
        ": what was entered may not be right any more." if status in (400, 401, 403, 404, 410) else "."
    )


def _unheard(text: str) -> str:
    """Text in which no name calls a person or everybody: a space of no width after each @."""
    return text.replace("@", "@\N{ZERO WIDTH SPACE}")
