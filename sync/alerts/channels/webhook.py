"""Webhooks by the convention of Standard Webhooks 1.0.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings as configuration

from sync.alerts.channels.guard import RefusedError, taken_apart
from sync.alerts.channels.kind import ChannelKind, Field
from sync.alerts.channels.post import NoAnswerError, Reply, post
from sync.alerts.message import Answer, Message, Outcome

# For which a secret that has been replaced signs, too.
BOTH_SIGN = timedelta(days=1)
# Bytes of a body: the convention asks for less than 20 kB.
MOST = 20_000


def new_secret() -> str:
    """One to sign with: 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _made() -> dict[str, str]:
    return {"signing": new_secret()}


def rotated(stored: Mapping[str, str], now: datetime) -> dict[str, str]:
    """With a new secret. The one before signs, too, for a day, so that the receiver can change when it suits it."""
    return _made() | {"earlier": stored["signing"], "earlier_until": (now + BOTH_SIGN).isoformat()}


def signatures(stored: Mapping[str, str], delivery_id: str, now: int, body: bytes) -> str:
    """One for each secret that is in use. `now`: in seconds, the same as in the header `webhook-timestamp`."""
    in_use = [stored["signing"]]
    if "earlier" in stored and datetime.fromisoformat(stored["earlier_until"]).timestamp() > now:
        in_use.append(stored["earlier"])
    signed = f"{delivery_id}.{now}.".encode() + body
    return " ".join(f"v1,{base64.b64encode(_hmac(secret, signed)).decode()}" for secret in in_use)


def _hmac(secret: str, signed: bytes) -> bytes:
    return hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")


def body_of(message: Message) -> bytes:
    """What is sent: `data` has what programs go by, and the words; without the former, were it too long."""
    words = {"subject": message.subject[:500], "text": message.text[:4000]}
    encoded = _encoded(message, {**message.data, **words})
    if len(encoded) < MOST:
        return encoded
    return _encoded(message, {**words, "text": message.text[:2000], "shortened": True})


def _encoded(message: Message, data: Mapping[str, Any]) -> bytes:
    body = {"type": message.type, "timestamp": message.at, "data": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def _send(settings: Mapping[str, str], stored: Mapping[str, str], message: Message, delivery_id: str) -> Answer:
    body, now = body_of(message), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "universal-snowflake-sync",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signatures(stored, delivery_id, now, body),
    }
    return answered(settings["url"], body, headers)


def answered(url: str, body: bytes, headers: Mapping[str, str], *, quotes: bool = True) -> Answer:
    """What became of a POST. `quotes`: whether a piece of the answer is shown; it may repeat the address."""
    try:
        reply = post(url, body, headers)
        return _answer(reply if quotes else replace(reply, words=""))
    except (RefusedError, NoAnswerError) as failed:
        # What is refused may be allowed later: the name may lead elsewhere, and the operator may list the host.
        return Answer(Outcome.AGAIN, str(failed))


def _answer(reply: Reply) -> Answer:
    said = f"It answered {reply.status}{_phrase(reply.status)}"
    match reply.status // 100:
        case 2:
            return Answer(Outcome.OK, f"{said}.")
        case 3:
            return Answer(Outcome.AGAIN, f"{said}: no redirect is followed. Enter the address that it leads to.")
    said += f": {reply.words}" if reply.words else "."
    if reply.status == HTTPStatus.GONE:
        return Answer(Outcome.GONE, f"{said} (By that it asks for nothing to be sent there any more.)")
    return Answer(Outcome.AGAIN, said, reply.retry_after)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def may_be_asked(url: str) -> str:
    """A check of a field: why an address may not be asked."""
    try:
        taken_apart(url, configuration.ALERT_HOSTS)
    except RefusedError as refused:
        return str(refused)
    return ""


WEBHOOK = ChannelKind(
    label="Webhook",
    help="A POST with JSON, signed by the convention of Standard Webhooks. The secret to verify it is shown once.",
    fields=(
        Field(
            "url",
            "Address",
            "https://, of a host on the public internet. Who may see the channel sees it: no secret belongs in it.",
            check=may_be_asked,
        ),
    ),
    send=_send,
    made=_made,
)
