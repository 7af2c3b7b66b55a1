"""What the tests of alerts and channels make, and do on their pages."""

from typing import Any

from django.test import Client
from django.utils import timezone

from sync.models import SyncAlert, SyncAlertChannel
from tests.web.console.conftest import Owner
from tests.web.console.reading import words


def made(client: Client, **given: Any) -> SyncAlertChannel:
    answer = client.post("/alerts/channels/new", given)
    assert answer.status_code in (200, 302), words(answer.content.decode())
    return SyncAlertChannel.objects.latest("created_at")


def acted(client: Client, channel: SyncAlertChannel, act: str, **given: Any) -> str:
    answer = client.post(f"/alerts/channels/{channel.pk}", {"act": act, **given}, follow=True)
    return words(answer.content.decode())


def opened(ada: Owner | None, **fields: Any) -> SyncAlert:
    now = timezone.now()
    facts = {"what": "Destination Prod is paused", "over": "It works", "remedy": "Enter it again.", "path": "/runs"}
    times = {"since": now, "opened_at": now, "seen_at": now}
    values: dict[str, Any] = {"kind": "destination_paused", "key": "1", "facts": facts, **times}
    return SyncAlert.objects.create(user_id=ada.user.pk if ada else None, **values | fields)
