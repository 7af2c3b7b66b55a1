"""The outbox: what is due is sent, and sent again until it is taken, or for a day. Nothing is lost with a process."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any
from uuid import UUID

from django.db import Error

from accounts.secrets import SecretUnreadableError
from sync.alerts.channels import KINDS
from sync.alerts.message import Answer, Event, Message, Outcome
from sync.alerts.telling import view_of
from sync.alerts.words import test_message
from sync.models import SyncAlert, SyncAlertChannel, SyncAlertDelivery
from sync.postgres import database_now, one_statement, read_sql, storable

logger = logging.getLogger(__name__)

_CLAIM, _RECORD = read_sql(__file__, "claim", "record")

# Seconds until the next try, after the first, the second, …; then as after the last, until PATIENCE is over.
DELAYS = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0)
PATIENCE = 86_400.0
# A try ends by itself within half a minute; so long nobody else tries the same.
CLAIMED = 120.0
# More tries than fit into PATIENCE: some of them did not end.
MOST_TRIES = 20
# Messages, each of another channel, that are sent at once, and seconds for which one call goes on.
AT_ONCE = 8
LONGEST = 60.0
# The longest wait that a receiver may ask for.
LONGEST_WAIT = 36_000.0


def deliver(*, stops: Callable[[], bool] = lambda: False, now: datetime | None = None) -> int:
    """Sends what is due, until it `stops`; how many messages were taken. No transaction is open meanwhile.

    Raises django.db.Error.
    """
    taken, ends_at = 0, time.monotonic() + LONGEST
    while time.monotonic() < ends_at and not stops():
        params = {"now": now, "most": AT_ONCE, "seconds": CLAIMED, "tries": MOST_TRIES}
        ids = [id_ for (id_,) in one_statement(_CLAIM, params)]
        if not ids:
            break
        taken += _send(_still_allowed(ids, now or database_now()), now)
    return taken


def send_test(channel: SyncAlertChannel) -> SyncAlertDelivery:
    """Sends a test at once, also where the channel is paused, and says what became of it; it is not tried again."""
    at = database_now()
    made = SyncAlertDelivery.objects.create(
        channel=channel,
        event=Event.TEST,
        message=test_message(channel, at).as_json(),
        created_at=at,
        tries=1,
        claimed_until=at + timedelta(seconds=CLAIMED),
    )
    _send([made], None)
    made.refresh_from_db()
    return made


def _still_allowed(ids: Sequence[UUID], now: datetime) -> Iterator[SyncAlertDelivery]:
    """Rights may have changed since it was queued: what the channel's user may not see any more is not sent."""
    found = list(
        SyncAlertDelivery.objects.select_related("channel__user__login").defer("channel__user__name").filter(pk__in=ids)
    )
    about = {id_ for delivery in found for id_ in delivery.alert_ids}
    whose = dict(SyncAlert.objects.filter(pk__in=about).values_list("pk", "user_id"))
    for delivery in found:
        user, owner = delivery.channel.user, view_of(delivery.channel)
        of_everyone = delivery.event == Event.DIGEST and delivery.channel.everyone
        others = of_everyone or any(whose.get(id_, user.pk) != user.pk for id_ in delivery.alert_ids)
        if user.is_active and (owner is None or not others):
            yield delivery
            continue
        SyncAlertDelivery.objects.filter(pk=delivery.pk).update(
            given_up_at=now, claimed_until=None, error="Not sent: whose channel it is may not see this any more."
        )


def _send(deliveries: Iterable[SyncAlertDelivery], now: datetime | None) -> int:
    """Each in a thread that has nothing to do with PostgreSQL; what became of it is written as soon as it is known.

    No process waits for these threads to end when it ends: what they send is sent again.
    """
    answers: SimpleQueue[tuple[SyncAlertDelivery, Answer]] = SimpleQueue()

    def send(delivery: SyncAlertDelivery, *prepared: Any) -> None:
        answers.put((delivery, _try(*prepared)))

    found = list(deliveries)
    for delivery in found:
        given = (delivery, *_prepared(delivery))
        threading.Thread(target=send, args=given, name="alerts: sending", daemon=True).start()
    taken, refused = 0, None
    try:
        for _ in found:
            answered = answers.get(timeout=CLAIMED)
            try:
                taken += _record(*answered, now)
            except Error as error:
                # What the others have taken would be sent to them again.
                refused = error
    except Empty:
        logger.warning("A message was sent without an end: it is sent again")
    if refused:
        raise refused
    return taken


def _prepared(delivery: SyncAlertDelivery) -> tuple[SyncAlertChannel, dict[str, str] | None, dict[str, Any], str]:
    try:
        secrets: dict[str, str] | None = delivery.channel.secrets
    except SecretUnreadableError:
        secrets = None
    return delivery.channel, secrets, delivery.message, str(delivery.pk)


def _try(
    channel: SyncAlertChannel, secrets: dict[str, str] | None, message: dict[str, Any], delivery_id: str
) -> Answer:
    kind = KINDS.get(channel.kind)
    if kind is None:
        return Answer(Outcome.AGAIN, "This version has no such kind of channel.")
    if secrets is None:
        return Answer(Outcome.AGAIN, "No key of FIELD_ENCRYPTION_KEYS opens its secrets: enter them again.")
    try:
        return kind.send(channel.settings, secrets, Message.of(message), delivery_id)
    except Exception as error:  # noqa: BLE001 - whatever it is, the next message has to be sent
        # The error may hold an address with a secret in it.
        logger.error("Channel %s could not be used: %s", channel.pk, type(error).__name__)  # noqa: TRY400
        return Answer(Outcome.AGAIN, f"It could not be sent: {type(error).__name__}.")


def _record(delivery: SyncAlertDelivery, answer: Answer, now: datetime | None) -> int:
    delay = DELAYS[min(delivery.tries, len(DELAYS)) - 1]
    one_statement(
        _RECORD,
        {
            "id": delivery.pk,
            "tries": delivery.tries,
            "outcome": answer.outcome,
            "said": storable(answer.said)[:1_000],
            "delay": max(delay, min(answer.after or 0.0, LONGEST_WAIT)),
            "patience": PATIENCE,
            "now": now,
        },
    )
    if answer.outcome is not Outcome.OK:
        logger.warning("Channel %s did not take a message: %s", delivery.channel_id, answer.said)
    return int(answer.outcome is Outcome.OK)
