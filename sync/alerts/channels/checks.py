"""System checks: settings of alerts that would be misread in silence."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name

from sync.alerts.channels.guard import can_be_listed


@register("sync")
def check_alert_settings(**_kwargs: Any) -> Sequence[CheckMessage]:
    """Whether SITE_URL, ALERT_HOSTS and DEFAULT_FROM_EMAIL are what they have to be."""
    return list(_faults())


def _faults() -> Iterator[CheckMessage]:
    site = urlsplit(settings.SITE_URL)
    if settings.SITE_URL and not (site.scheme in ("https", "http") and site.hostname and not site.query):
        hint = "Write it as https://sync.example.com: links in messages begin with it."
        yield Error("SITE_URL is no address of a site.", hint=hint, id="sync.E040")
    for entry in settings.ALERT_HOSTS:
        if not can_be_listed(entry):
            hint = "Write hooks.internal, hooks.internal:9000, http://hooks.internal:9000, or a network as 10.1.0.0/16."
            yield Error(f"ALERT_HOSTS has {entry!r}, which is neither a host nor a network.", hint=hint, id="sync.E041")
    if settings.EMAIL_HOST not in ("", "localhost") and not settings.DEFAULT_FROM_EMAIL:
        hint = "Set DEFAULT_FROM_EMAIL to the address that mails are from."
        yield Warning("There is a mail server, and no address to write from.", hint=hint, id="sync.W040")
