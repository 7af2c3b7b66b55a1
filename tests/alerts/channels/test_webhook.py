"""Webhooks, verified by the library of the convention that they follow."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from sync.alerts import KINDS, Answer, Message, Outcome
from sync.alerts.channels import rotated
from sync.alerts.channels.webhook import body_of
from tests.alerts.channels.messages import OPENED
from tests.alerts.channels.receiver import Receiver

ID = "2f0a6d0e-6a3a-4a3e-9b1c-1f2f7a0b5c11"


@pytest.fixture
def secrets() -> dict[str, str]:
    return KINDS["webhook"].made()


def send(receiver: Receiver, secrets: dict[str, str], message: Message = OPENED) -> Answer:
    return KINDS["webhook"].send({"url": receiver.url()}, secrets, message, ID)


def test_it_is_signed_by_the_convention(receiver: Receiver, secrets: dict[str, str]) -> None:
    assert send(receiver, secrets).outcome == Outcome.OK
    got = receiver.received[0]
    assert secrets["signing"].startswith("whsec_")
    said = Webhook(secrets["signing"]).verify(got.body, got.headers)
    assert said["type"] == "alert.opened"
    assert said["timestamp"] == "2026-11-29T16:00:00Z"
    assert said["data"]["subject"] == OPENED.subject
    assert said["data"]["alerts"][0]["kind"] == "destination_paused"
    assert got.headers["webhook-id"] == ID
    assert got.path == "/hook?a=1"
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets["signing"]).verify(got.body.replace(b"Prod", b"Prot"), got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(KINDS["webhook"].made()["signing"]).verify(got.body, got.headers)


def test_a_retry_has_the_same_id_and_a_time_of_its_own(
    receiver: Receiver, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(receiver, secrets)
    later = datetime.now(UTC) + timedelta(minutes=4)
    monkeypatch.setattr("sync.alerts.channels.webhook.time.time", later.timestamp)
    send(receiver, secrets)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) == int(later.timestamp())
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert first.body == second.body
    Webhook(secrets["signing"]).verify(second.body, second.headers)


def test_for_a_day_both_secrets_sign(receiver: Receiver, secrets: dict[str, str]) -> None:
    now = datetime.now(UTC)
    both = rotated(secrets, now)
    assert both["signing"] != secrets["signing"]
    send(receiver, both)
    for signing in (both["signing"], secrets["signing"]):
        Webhook(signing).verify(receiver.received[0].body, receiver.received[0].headers)
    send(receiver, rotated(secrets, now - timedelta(days=1, seconds=1)))
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets["signing"]).verify(receiver.received[1].body, receiver.received[1].headers)


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "after"),
    [
        (200, {}, Outcome.OK, None),
        (202, {}, Outcome.OK, None),
        (204, {}, Outcome.OK, None),
        (302, {"Location": "https://example.com/"}, Outcome.AGAIN, None),
        (400, {}, Outcome.AGAIN, None),
        (404, {}, Outcome.AGAIN, None),
        (410, {}, Outcome.GONE, None),
        (429, {"Retry-After": "90"}, Outcome.AGAIN, 90),
        (500, {}, Outcome.AGAIN, None),
        (503, {"Retry-After": "30"}, Outcome.AGAIN, 30),
        (599, {}, Outcome.AGAIN, None),
    ],
)
def test_what_its_answers_mean(
    receiver: Receiver, secrets: dict[str, str], status: int, headers: dict[str, str], outcome: Outcome,
    after: float | None,
) -> None:  # fmt: skip
    receiver.answers = [(status, headers, b"")]
    answer = send(receiver, secrets)
    assert (answer.outcome, answer.after) == (outcome, after)
    assert str(status) in answer.said


def test_a_piece_of_what_a_refusal_says_is_shown(receiver: Receiver, secrets: dict[str, str]) -> None:
    receiver.answers = [(400, {}, b"<b>no such\r\nteam\x1b[0m</b>" + b"x" * 5000)]
    said = send(receiver, secrets).said
    assert "no such team" in said
    assert said.isprintable()
    assert len(said) < 250


def test_an_address_that_may_not_be_asked_is_tried_again_and_says_why(secrets: dict[str, str]) -> None:
    answer = KINDS["webhook"].send({"url": "https://127.0.0.1/"}, secrets, OPENED, ID)
    assert answer.outcome == Outcome.AGAIN
    assert "ALERT_HOSTS" in answer.said


@pytest.mark.parametrize("grown", ["text", "data", "subject"])
def test_a_body_is_less_than_20_kb(grown: str) -> None:
    long = "ü" * 100_000
    grow: dict[str, Any] = {grown: {"alerts": [], "names": long} if grown == "data" else long}
    body = body_of(replace(OPENED, **grow))
    assert len(body) < 20_000
    assert json.loads(body)["data"]["subject"]
