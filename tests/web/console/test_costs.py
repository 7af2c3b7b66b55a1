"""The page of costs, by what is read on it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from sync.models import SyncAttempt, Workflow
from tests.web.console.conftest import Owner
from tests.web.console.reading import text, words

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def page(client: Client, address: str) -> str:
    return words(text(client, address))


def load(owner: Owner, count: int = 1) -> None:
    """Loads a minute apart, as far back as there are."""
    for number in range(count):
        item, ended = owner.item(), timezone.now() - timedelta(minutes=number)
        SyncAttempt.objects.create(
            item=item,
            configuration=owner.configuration,
            outcome="completed",
            started_at=ended - timedelta(seconds=2),
            finished_at=ended,
            statement_count=3,
            byte_count=4000,
        )


def test_one_sees_ones_own_and_staff_see_all(ada: Owner, owner: Callable[[], Owner], staff: User, login: Login) -> None:
    grace = owner()
    load(ada)
    load(grace, 2)
    mine = page(login(ada.user), "/costs?days=31")
    assert "Loads 1" in mine
    assert "Statements 3" in mine
    assert str(grace.configuration) not in mine
    everyones = page(login(staff), "/costs?days=31")
    assert "Loads 3" in everyones
    assert str(grace.configuration) in everyones
    assert "Nothing was sent" in page(login(ada.user), f"/costs?destination={grace.configuration.pk}")


def test_what_would_save_is_said_with_the_way_to_the_setting(ada: Owner, login: Login) -> None:
    load(ada, 40)
    whole = text(login(ada.user), "/costs?days=31")
    assert "would save about" in whole
    assert f"/destinations/{ada.configuration.pk}/settings#id_min_interval" in whole
    assert "AUTO_SUSPEND" in whole


@pytest.mark.parametrize("query", ["days=x", "days=-1", "days=99", "destination=x", "destination=%00"])
def test_what_is_not_understood_is_the_usual_page(ada: Owner, login: Login, query: str) -> None:
    load(ada)
    assert "Loads 1" in page(login(ada.user), f"/costs?days=31&{query}")


def test_little_is_not_nothing(ada: Owner, login: Login) -> None:
    load(ada)
    said = page(login(ada.user), "/costs?days=31")
    # A minute and two seconds of an hour, and of that a day's part: a single day at least is known.
    assert "About 0.017 credits, 0.017 a day" in said
    assert " 0.0 " not in said


def test_workflows_of_one_name_are_told_apart(
    ada: Owner, owner: Callable[[], Owner], staff: User, login: Login
) -> None:
    grace = owner()
    load(ada)
    load(grace)
    for workflow in (found := Workflow.objects.filter(user__in=(ada.user, grace.user))):
        workflow.name = "Orders"
        workflow.save()
    said = page(login(staff), "/costs?days=31").partition("By workflow")[2]
    for workflow in found:
        assert workflow.user
        assert f"Orders {workflow.workflow_id[:30]}" in said
        assert workflow.user.email in said
    assert ada.user.email not in page(login(ada.user), "/costs?days=31").partition("By workflow")[2]
