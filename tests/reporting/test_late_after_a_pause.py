"""What waited for a paused destination is late from the end of the pause on, not from when it became due."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from sync.destinations import (
    Secret,
    change_configuration,
    pause_by_hand,
    pause_destination,
    resume_by_hand,
    resume_destination,
)
from sync.errors import failure
from sync.models import SyncActivity
from sync.reporting import Scope
from sync.reporting.destinations import destinations
from tests.web.console.conftest import Owner

pytestmark = pytest.mark.django_db


def lag() -> float:
    counts = Scope().counted()
    return destinations(Scope(), counts, counts.as_of).lag


def ends_itself(ada: Owner) -> None:
    pause_destination(ada.configuration.pk, failure("login_refused", "No"))
    resume_destination(ada.configuration.pk)


def is_ended_by_hand(ada: Owner) -> None:
    pause_by_hand(ada.configuration.pk)
    resume_by_hand(ada.configuration.pk)


def is_ended_by_new_credentials(ada: Owner) -> None:
    """The trigger on the settings ends it, and notes nothing."""
    pause_destination(ada.configuration.pk, failure("login_refused", "No"))
    change_configuration(ada.configuration.pk, {}, Secret("password", "another one", ""))


@pytest.mark.parametrize("pause", [ends_itself, is_ended_by_hand, is_ended_by_new_credentials])
def test_what_waited_for_a_pause_is_late_from_its_end(ada: Owner, pause: Callable[[Owner], None]) -> None:
    ada.item("pending", ago=1440)
    assert lag() > 1400
    pause(ada)
    ada.configuration.state.refresh_from_db()
    assert ada.configuration.state.breaker_state == "closed"
    assert lag() < 300
    SyncActivity.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert 950 < lag() < 1300


def test_what_became_due_later_is_late_from_then(ada: Owner) -> None:
    ends_itself(ada)
    SyncActivity.objects.update(at=timezone.now() - timedelta(hours=1))
    ada.item("pending", ago=300)
    assert 290 < lag() < 600


def test_a_change_without_a_pause_makes_nothing_less_late(ada: Owner) -> None:
    ada.item("pending", ago=1440)
    change_configuration(ada.configuration.pk, {"name": "Another name"}, None)
    assert lag() > 1400


def test_a_change_after_the_end_makes_nothing_less_late(ada: Owner) -> None:
    ada.item("pending", ago=7200)
    ends_itself(ada)
    SyncActivity.objects.update(at=timezone.now() - timedelta(hours=1))
    change_configuration(ada.configuration.pk, {"name": "Another name"}, None)
    assert lag() > 3500
