"""Services: what is asked is their own host, whatever was entered, and nothing of that is said or logged."""

import contextlib
import io
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import requests.adapters

from sync.alerts import KINDS, Event, Message, Outcome
from sync.alerts.channels import BadFieldsError, entered
from sync.alerts.channels.kind import thread_of
from tests.alerts.channels.messages import CLOSED, OPENED

SECRET = "S3cr3tS3cr3tS3cr3tS3cr3tS3cr3tXX"
GOOD: dict[str, dict[str, str]] = {
    "slack": {"url": f"https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/{SECRET}"},
    "discord": {"url": f"https://discord.com/api/webhooks/123456789/{SECRET}"},
    "google_chat": {"url": f"https://chat.googleapis.com/v1/spaces/AAAA/messages?key=kkkk&token={SECRET}%3D"},
    "telegram": {"token": f"123456789:{SECRET}", "chat": "-1001234567890"},
    "pushover": {"token": SECRET[:30], "user": "u" * 30},
    "pagerduty": {"key": SECRET, "region": "eu"},
    "incident_io": {"source": "01HXYZ0123456789ABCDEF0123", "token": SECRET},
    "ilert": {"key": SECRET},
    "squadcast": {"key": SECRET, "region": "us"},
    "splunk_on_call": {"key": SECRET, "route": "everybody"},
}
HOSTS = {
    "slack": "hooks.slack.com",
    "discord": "discord.com",
    "google_chat": "chat.googleapis.com",
    "telegram": "api.telegram.org",
    "pushover": "api.pushover.net",
    "pagerduty": "events.eu.pagerduty.com",
    "incident_io": "api.incident.io",
    "ilert": "api.ilert.com",
    "squadcast": "api.squadcast.com",
    "splunk_on_call": "alert.victorops.com",
}
HOSTILE = (
    "@evil.example",
    "/../..//evil.example",
    "?redirect=yes",
    "#evil.example",
    "\\evil.example",
    "a b",
    "%40evil.example",
    "https://evil.example/",
    "\uff45\uff56\uff49\uff4c",
    "..",
    "%2e%2e%2f",
    "&verify=no",
    "\r\nHost: evil.example",
    "\x00",
    ":8080",
    "evil.example:443",
)


class Wire:
    """Stands where requests are about to leave: nothing does, and what would have is kept."""

    def __init__(self) -> None:
        self.asked: list[requests.PreparedRequest] = []
        self.status = 200
        self.fails = False

    def send(self, _adapter: object, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        self.asked.append(request)
        if self.fails:
            raise requests.ConnectionError(f"{request.url} cannot be reached")
        response = requests.Response()
        response.status_code = self.status
        response.headers["Location"] = "http://127.0.0.1/"
        said = "ok" if "slack" in (request.url or "") else f'{{"ok": true, "echo": "{request.url}"}}'
        response._content = said.encode()
        response.url = request.url or ""
        response.request = request
        return response


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    made = Wire()

    def send(adapter: object, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        return made.send(adapter, request, **more)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    return made


def test_all_are_tried() -> None:
    assert GOOD.keys() == HOSTS.keys() == KINDS.keys() - {"email", "webhook", "teams"}


def send(name: str, message: Message = OPENED, values: Mapping[str, str] | None = None) -> Any:
    settings, secrets = entered(KINDS[name], GOOD[name] if values is None else values)
    return KINDS[name].send(settings, secrets, message, "an-id")


@pytest.mark.parametrize("name", GOOD)
def test_its_own_host_is_asked_once(name: str, wire: Wire) -> None:
    wire.status = 202 if name == "ilert" else 200
    assert send(name).outcome == Outcome.OK
    (request,) = wire.asked
    parts = urlsplit(request.url or "")
    assert (parts.scheme, parts.hostname, parts.port) == ("https", HOSTS[name], None)
    body = request.body if isinstance(request.body, str) else (request.body or b"").decode()
    assert "paused" in body


@pytest.mark.parametrize("name", GOOD)
def test_what_is_entered_reaches_no_other_host(name: str, wire: Wire) -> None:
    """Each field with each end: refused, or a part of the path, of the query or of the body."""
    for field, good in GOOD[name].items():
        for bad in HOSTILE:
            for value in (good + bad, bad, bad + good):
                wire.asked.clear()
                with contextlib.suppress(BadFieldsError):
                    send(name, values={**GOOD[name], field: value})
                for request in wire.asked:
                    assert urlsplit(request.url or "").hostname == HOSTS[name], (field, value, request.url)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", ["@evil.example", "x@127.0.0.1/", "127.0.0.1", "../../x", "a?redirect=yes", "a#b"])
def test_nor_does_what_no_check_has_seen(name: str, value: str, wire: Wire) -> None:
    """As if it had been written into the table."""
    for field in GOOD[name]:
        KINDS[name].send({}, {**GOOD[name], field: value}, OPENED, "an-id")
        assert all(urlsplit(request.url or "").hostname == HOSTS[name] for request in wire.asked)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(name: str, status: int, wire: Wire) -> None:
    wire.status = status
    answer = send(name)
    assert answer.outcome == Outcome.AGAIN
    assert len(wire.asked) == 1


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 0])
def test_what_was_entered_is_neither_said_nor_logged(
    name: str, status: int, wire: Wire, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    logged = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(logged)])
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    wire.status, wire.fails = status, not status
    answer = send(name)
    out, err = capfd.readouterr()
    assert answer.outcome == Outcome.AGAIN
    assert (str(status) if status else "cannot be reached") in answer.said
    for place in (answer.said, logged.getvalue(), out, err):
        assert SECRET[:30] not in place
        assert "an-id" not in place


@pytest.mark.parametrize("name", ["pagerduty", "incident_io", "ilert", "squadcast", "splunk_on_call"])
def test_a_closing_resolves_what_the_opening_raised(name: str, wire: Wire) -> None:
    wire.status = 202 if name == "ilert" else 200
    for message in (OPENED, CLOSED):
        assert send(name, message).outcome == Outcome.OK
    opened, closed = (json.loads(request.body or b"") for request in wire.asked)
    about = ("dedup_key", "deduplication_key", "alertKey", "event_id", "entity_id")
    assert [opened[key] for key in about if key in opened] == [closed[key] for key in about if key in closed] != []
    does = ("event_action", "status", "eventType", "message_type")
    first, last = ([str(said[key]).lower() for key in does if key in said] for said in (opened, closed))
    assert first[0] in ("trigger", "firing", "alert", "warning")
    assert last[0] in ("resolve", "resolved", "recovery")
    assert not KINDS[name].digests


@pytest.mark.parametrize("name", GOOD)
def test_no_name_calls_anybody(name: str, wire: Wire) -> None:
    wire.status = 202 if name == "ilert" else 200
    text = "Workflow @everyone <!channel> <users/all> @here {{app_id}} failed"
    send(name, Message(Event.OPENED, text, text, "alert.opened", "2026-11-29T16:00:00Z"))
    body = wire.asked[0].body
    said = body if isinstance(body, str) else (body or b"").decode()
    for call in ("@everyone", "@here", "<!channel>", "<users/all>") if name != "pushover" else ("@everyone",):
        if not (call.startswith("<") and name not in ("slack", "google_chat")):
            assert call not in said


TEAMS = (
    "https://prod-12.westeurope.logic.azure.com:443/workflows/0f/triggers/manual/paths/invoke?api-version=1&sig=a_b-c"
)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        (TEAMS, True),
        ("https://x1.aa.environment.api.powerplatform.com:443/powerautomate/a/workflows/b/triggers/c?sig=x%2F", True),
        (TEAMS.replace("https", "http"), False),
        (TEAMS.replace("logic.azure.com", "logic.azure.com.evil.example"), False),
        (TEAMS.replace("prod-12", "evil.example/"), False),
        (TEAMS.replace("prod-12", "x@evil.example#"), False),
        (TEAMS.replace(":443", ":8443"), False),
        (TEAMS.replace("/workflows", "@evil.example/workflows"), False),
        ("https://evil.example/?logic.azure.com/", False),
        ("https://evillogic.azure.com/x?y=z", False),
    ],
)
def test_a_workflow_of_teams_is_where_they_are(address: str, *, taken: bool) -> None:
    if taken:
        assert entered(KINDS["teams"], {"url": address}) == ({}, {"url": address})
    else:
        with pytest.raises(BadFieldsError):
            entered(KINDS["teams"], {"url": address})


def test_two_installations_with_one_key_resolve_only_their_own() -> None:
    """No worker runs in either: the alert's kind and key are the same."""

    def opened(at: str) -> str:
        alert = {"kind": "no_worker", "key": "", "opened_at": at}
        return thread_of(replace(OPENED, data={"alerts": [alert]}), "")

    assert opened("2026-11-29T16:00:00.123456+00:00") != opened("2026-11-29T16:00:00.654321+00:00")
