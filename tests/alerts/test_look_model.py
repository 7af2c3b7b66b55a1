"""Whatever happens between looks, each channel is told what a plain account of it says, in that order."""

import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import SnowflakeConfiguration
from sync.alerts import Kind, look
from sync.alerts.condition import Seen
from sync.destinations import pause_destination, resume_destination
from sync.errors import failure
from sync.models import SyncAlert, SyncAlertChannel, SyncAlertDelivery, SyncMute
from tests.alerts.conftest import Told
from tests.factories import ConfigurationFactory

PAUSED = Kind.DESTINATION_PAUSED
CHANGES = ["pause 0", "pause 1", "resume 0", "resume 1", "mute", "unmute", "stop", "go"]
# A change is followed by some looks, of which some see nothing.
LOOKS = st.lists(st.sampled_from(["look", "look", "look", "blind"]), max_size=4)
STEPS = st.lists(st.tuples(st.sampled_from(CHANGES), LOOKS), min_size=10, max_size=25)


class Account:
    """What is to be told, step by step: of each destination its state, and the events that were queued."""

    def __init__(self) -> None:
        self.paused = [False, False]
        self.open = [False, False]
        self.clean = [0, 0]
        self.told = [False, False]
        self.muted = self.stopped = False
        self.events: list[list[str]] = [[], []]

    def look(self) -> None:
        for one in (0, 1):
            if self.paused[one]:
                self.open[one], self.clean[one] = True, 0
            elif self.open[one]:
                self.clean[one] += 1
                if self.clean[one] == 2:
                    self.open[one], self.clean[one] = False, 0
                    if self.told[one]:
                        self.events[one].append("closed")
                    self.told[one] = False
            if self.open[one] and not (self.told[one] or self.muted or self.stopped):
                self.told[one] = True
                self.events[one].append("opened")


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_what_is_told_is_what_a_plain_account_says(told: Told, steps: list[tuple[str, list[str]]]) -> None:
    SnowflakeConfiguration.objects.update(auth_method="key_pair")
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        two = [told.destination, ConfigurationFactory.create(user=told.user, schema="OTHER", auth_method="key_pair")]
        SnowflakeConfiguration.objects.update(auth_method="key_pair")
        account, run = Account(), _runner(told, two, patch)
        for change, looks in steps:
            for step in (change, *looks):
                run(step, account)
        for one in (0, 1):
            queued = SyncAlertDelivery.objects.filter(kind=PAUSED, message__data__alerts__0__key=str(two[one].pk))
            assert list(queued.order_by("created_at").values_list("event", flat=True)) == account.events[one]
        assert SyncAlert.objects.filter(kind=PAUSED, closed_at=None).count() == sum(account.open)
        transaction.set_rollback(True)


def _runner(told: Told, two: list[SnowflakeConfiguration], patch: pytest.MonkeyPatch) -> Callable[[str, Account], None]:
    clock = [told.now]

    def run(step: str, account: Account) -> None:
        word, *which = step.split()
        number = int(which[0]) if which else 0
        if word == "pause":
            account.paused[number] = True
            pause_destination(two[number].pk, failure("login_refused", "Snowflake refused the log-in"))
        elif word == "resume":
            account.paused[number] = False
            resume_destination(two[number].pk)
        elif word == "mute":
            account.muted = True
            mute = {"owner_id": told.user.pk, "kind": "*", "error_code": ""}
            SyncMute.objects.get_or_create(**mute, defaults={"until": told.now + timedelta(days=9)})
        elif word == "unmute":
            account.muted = False
            SyncMute.objects.all().delete()
        elif word in ("stop", "go"):
            account.stopped = word == "stop"
            SyncAlertChannel.objects.update(paused_at=told.now if account.stopped else None)
        else:
            # Far enough apart that nothing is a storm.
            clock[0] += timedelta(minutes=10)
            if word == "blind":
                with patch.context() as blind:
                    blind.setattr(
                        sys.modules["sync.alerts.look"], "see", lambda _now, **_more: Seen(unseen_kinds=set(Kind))
                    )
                    look(now=clock[0])
                # Nothing changes but that what is open and could be told now is told.
                account.paused, real = list(account.open), account.paused
                clean = list(account.clean)
                account.look()
                account.clean, account.paused = clean, real
            else:
                account.look()
                look(now=clock[0])

    return run
