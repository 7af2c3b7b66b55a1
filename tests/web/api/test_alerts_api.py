"""/api/snowflake/alerts and /alert-channels."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import Webhook

from sync.alerts import KINDS
from sync.models import SyncAlert, SyncAlertChannel
from tests.alerts.channels.receiver import Receiver
from tests.web.api.callers import problem
from tests.web.api.conftest import Caller, Owned

pytestmark = pytest.mark.django_db(transaction=True)
CHANNELS = "/api/snowflake/alert-channels"
ALERTS = "/api/snowflake/alerts"
HOOK = {"name": "on-call", "kind": "webhook"}
PAGER = {"name": "pager", "kind": "pagerduty"}


def made(caller: Caller, **wanted: Any) -> dict[str, Any]:
    answer = caller.ask("POST", CHANNELS, wanted)
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def opened(user_id: Any, ago: int = 0, **fields: Any) -> SyncAlert:
    at = timezone.now() - timedelta(minutes=ago)
    facts = {"what": "Destination Prod is paused", "over": "It works again", "remedy": "Mend it.", "path": "/runs"}
    values = {
        "kind": "destination_paused",
        "key": str(ago),
        "since": at,
        "opened_at": at,
        "seen_at": at,
        "facts": facts,
    }
    return SyncAlert.objects.create(user_id=user_id, **values | fields)


def test_a_webhook_is_made_tried_rotated_paused_and_deleted(ada: Owned, receiver: Receiver) -> None:
    ask = ada.caller.ask
    channel = made(ada.caller, **HOOK, settings={"url": receiver.url()}, events=["late"], remind_after_minutes=60)
    assert channel["events"] == ["late"]
    assert (channel["state"], channel["remind_after_minutes"], channel["everyone"]) == ("new", 60, False)
    one = f"{CHANNELS}/{channel['id']}"
    assert ask("POST", f"{one}/test").json() == {"delivered": True, "said": "It answered 200 OK."}
    Webhook(channel["secret"]).verify(receiver.received[0].body, receiver.received[0].headers)
    second = ask("POST", f"{one}/rotate-secret").json()["secret"]
    ask("POST", f"{one}/test")
    for secret in (channel["secret"], second):
        Webhook(secret).verify(receiver.received[1].body, receiver.received[1].headers)
    listed = ask("GET", CHANNELS).content.decode() + ask("GET", one).content.decode()
    assert "whsec" not in listed
    assert ask("GET", one).json()["state"] == "working"
    assert ask("POST", f"{one}/pause").json()["state"] == "paused"
    assert ask("POST", f"{one}/resume").json()["state"] == "working"
    changed = ask("PATCH", one, {"name": "night", "events": None, "remind_after_minutes": None}).json()
    assert (changed["name"], changed["events"], changed["remind_after_minutes"]) == ("night", None, None)
    assert changed["settings"] == {"url": receiver.url()}
    assert ask("DELETE", one).status_code == 204
    assert ask("GET", one).status_code == 404


def test_a_test_that_fails_is_an_answer(ada: Owned, receiver: Receiver) -> None:
    receiver.answers = [(503, {}, b"closed")]
    channel = made(ada.caller, **HOOK, settings={"url": receiver.url()})
    answer = ada.caller.ask("POST", f"{CHANNELS}/{channel['id']}/test")
    assert (answer.status_code, answer.json()["delivered"]) == (200, False)
    assert "503" in answer.json()["said"]
    assert ada.caller.ask("GET", f"{CHANNELS}/{channel['id']}").json()["state"] == "failing"


def test_a_secret_goes_in_and_never_comes_out(ada: Owned) -> None:
    address = "https://hooks.slack.com/services/T000/B000/TheSecretOfSlack"
    channel = made(ada.caller, name="team", kind="slack", settings={"url": address})
    one = f"{CHANNELS}/{channel['id']}"
    for answer in (
        ada.caller.ask("GET", one),
        ada.caller.ask("GET", CHANNELS),
        ada.caller.ask("PATCH", one, {"name": "x"}),
    ):
        assert answer.status_code == 200
        assert "TheSecret" not in answer.content.decode()
    assert SyncAlertChannel.objects.get().secrets == {"url": address}
    assert problem(ada.caller.ask("POST", f"{one}/rotate-secret"))["code"] == "no_secret_of_ours"


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({**HOOK, "settings": {"url": "https://127.0.0.1/"}}, "settings.url"),
        ({**HOOK, "settings": {"url": "https://example.com/", "verify": "no"}}, "settings.verify"),
        ({**HOOK, "settings": {}}, "settings.url"),
        ({**HOOK, "settings": {"url": "https://example.com/"}, "events": ["nothing"]}, "events.0"),
        ({**HOOK, "settings": {"url": "https://example.com/"}, "everyone": True}, "everyone"),
        ({**HOOK, "settings": {"url": "https://example.com/"}, "remind_after_minutes": 1}, "remind_after_minutes"),
        (
            {"name": "p", "kind": "pagerduty", "settings": {"key": "a" * 32, "region": "us"}, "digest": "daily"},
            "digest",
        ),
        ({"name": "p", "kind": "pagerduty", "settings": {"key": "a" * 32, "region": "mars"}}, "settings.region"),
        ({"name": "p", "kind": "fax", "settings": {}}, "kind"),
        ({"name": "", "kind": "email", "settings": {"to": "ada@example.com"}}, "name"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(ada: Owned, wanted: dict[str, Any], field: str) -> None:
    answer = ada.caller.ask("POST", CHANNELS, wanted)
    assert answer.status_code == 400
    assert field in [error["field"] for error in problem(answer)["errors"]]
    assert not SyncAlertChannel.objects.exists()


def test_somebody_elses_channel_is_not_there(ada: Owned, bob: Owned, staff: Caller) -> None:
    channel = made(ada.caller, name="mail", kind="email", settings={"to": "ada@example.com"})
    for caller in (bob.caller, staff):
        assert caller.ask("GET", CHANNELS).json()["items"] == []
        for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/pause")):
            answer = caller.ask(method, f"{CHANNELS}/{channel['id']}{path}")
            assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")
    assert SyncAlertChannel.objects.filter(paused_at=None).exists()
    everyones = made(staff, name="all", kind="email", settings={"to": "ops@example.com"}, everyone=True)
    assert everyones["everyone"]


def test_a_user_has_so_many_channels(ada: Owned, settings: Settings) -> None:
    settings.API_RATES = {}
    for _ in range(20):
        made(ada.caller, name="mail", kind="email", settings={"to": "ada@example.com"})
    answer = ada.caller.ask("POST", CHANNELS, {"name": "m", "kind": "email", "settings": {"to": "ada@example.com"}})
    assert (answer.status_code, problem(answer)["code"]) == (409, "too_many_channels")


def test_tests_are_not_sent_without_end(ada: Owned, receiver: Receiver, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "alert_test": "1/hour"}
    channel = made(ada.caller, **HOOK, settings={"url": receiver.url()})
    answers = [ada.caller.ask("POST", f"{CHANNELS}/{channel['id']}/test").status_code for _ in range(2)]
    assert answers == [200, 429]
    assert len(receiver.received) == 1


def test_the_kinds_say_what_they_need(ada: Owned) -> None:
    listed = {each["kind"]: each for each in ada.caller.ask("GET", f"{CHANNELS}/kinds").json()["items"]}
    assert listed.keys() == KINDS.keys()
    region = next(each for each in listed["pagerduty"]["settings"] if each["name"] == "region")
    assert (region["choices"], region["secret"]) == (["us", "eu"], False)


def test_alerts_are_listed_page_by_page_and_are_of_whose_things_they_are(ada: Owned, bob: Owned, staff: Caller) -> None:
    for ago in range(5):
        opened(ada.user.pk, ago)
    opened(bob.user.pk, closed_at=timezone.now())
    opened(None, kind="no_worker", key="")
    seen: list[int] = []
    page = {"next_cursor": ""}
    while page["next_cursor"] is not None:
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else ""
        page = ada.caller.ask("GET", f"{ALERTS}?limit=2{cursor}").json()
        seen += [each["id"] for each in page["items"]]
    assert seen == list(SyncAlert.objects.filter(user_id=ada.user.pk).order_by("pk").values_list("pk", flat=True))
    (his,) = bob.caller.ask("GET", f"{ALERTS}?state=closed").json()["items"]
    assert (his["what"], his["what_to_do"]) == ("It works again", "")
    assert bob.caller.ask("GET", f"{ALERTS}?state=open").json()["items"] == []
    assert len(staff.ask("GET", ALERTS).json()["items"]) == 7
    assert [each["kind"] for each in staff.ask("GET", f"{ALERTS}?kind=no_worker").json()["items"]] == ["no_worker"]
    assert len(staff.ask("GET", f"{ALERTS}?user={bob.user.email}").json()["items"]) == 1


def test_alerts_are_muted_in_ones_own_view(ada: Owned, bob: Owned) -> None:
    wanted = {"kind": "*", "destination": str(ada.configuration.pk), "until": None}
    assert ada.caller.ask("POST", f"{ALERTS}/mute", wanted).json()["configuration_id"] == str(ada.configuration.pk)
    (mute,) = ada.caller.ask("GET", f"{ALERTS}/mutes").json()["items"]
    assert (mute["kind"], mute["until"], mute["by"]) == ("*", None, ada.user.email)
    assert bob.caller.ask("GET", f"{ALERTS}/mutes").json()["items"] == []
    past = {**wanted, "until": "2020-01-01T00:00:00Z"}
    assert problem(ada.caller.ask("POST", f"{ALERTS}/mute", past))["code"] == "bad_mute"
    wanted.pop("until")
    answers = [ada.caller.ask("POST", f"{ALERTS}/unmute", wanted).json()["was_muted"] for _ in range(2)]
    assert answers == [True, False]
