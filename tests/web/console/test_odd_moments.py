"""Moments that PostgreSQL or Python do not know: told, and never the server's error."""

import base64
import json
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from tests.web.console.conftest import Owner

FAR = "2020-01-01T00:00:00+23:59"
MOMENTS = (FAR, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "9999-12-31T23:59:59.999999+00:00")

pytestmark = pytest.mark.django_db


def cursor(moment: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([moment, uuid4().hex]).encode()).decode().rstrip("=")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", ["since", "until"])
def test_in_an_address(ada: Owner, staff: User, moment: str, name: str) -> None:
    ada.failed()
    client = Client()
    client.force_login(staff)
    for page in ("runs", "retry", "skip"):
        for status in ("", "failed"):
            asked = {"status": status, name: moment}
            assert client.get(f"/{page}", asked).status_code in (200, 400), page
    field = {"since": "first", "until": "last"}[name]
    for given in (moment, moment[:10]):
        assert client.post("/backfill", {field: given}).status_code == 200


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Lima"])
@pytest.mark.parametrize("asked", ["first=0001-01-01", "last=9999-12-31"])
def test_as_the_first_or_the_last_day_wherever_the_viewer_is(ada: Owner, zone: str, asked: str) -> None:
    item, client = ada.failed(), Client()
    client.force_login(ada.user)
    client.cookies["zone"] = zone
    for address in ("/runs", "/runs?status=failed", "/retry"):
        page = client.get(f"{address}{'&' if '?' in address else '?'}{asked}").content.decode()
        assert item.execution_id in page or "Retry 1 run" in page, address


@pytest.mark.parametrize("moment", MOMENTS)
def test_in_a_cursor(ada: Owner, moment: str) -> None:
    client = Client()
    client.force_login(ada.user)
    for status in ("", "failed"):
        assert client.get("/runs", {"status": status, "cursor": cursor(moment)}).status_code == 200
    caller = Client(headers={"Authorization": f"Bearer {ApiToken.objects.create(ada.user)[1]}"})
    assert caller.get(f"/api/snowflake-sync/queue?cursor={cursor(moment)}").status_code in (200, 400)


@pytest.mark.parametrize("moment", MOMENTS)
def test_in_what_a_confirmation_sends_back(ada: Owner, staff: User, moment: str) -> None:
    ada.failed()
    now = timezone.now().isoformat()
    client = Client()
    client.force_login(staff)
    for path in ("/retry", "/skip"):
        for sent in (
            {"as_of": moment, "wanted": "1"},
            {"as_of": now, "wanted": "9" * 400},
            {"as_of": now, "wanted": "1", "after_at": moment, "after_id": str(uuid4())},
        ):
            assert client.post(path, sent).status_code in (200, 302)


def test_on_the_command_line() -> None:
    call_command("backfill_syncs", "--since", FAR, "--dry-run", verbosity=0)
    with pytest.raises(CommandError, match="is no date that is understood"):
        call_command("backfill_syncs", "--since", MOMENTS[1], "--dry-run")
