"""Who did it, from where, and what has become of fields."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from sync.activity import CHANGED, Action, Counted, Kind, acting, changes_between, prune_activity, record
from sync.models import SyncActivity
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_whoever_acts_is_written_down_by_the_name_of_the_moment() -> None:
    user = UserFactory.create()
    with acting("api", user, token="omni-ci"):
        record(Action.RETRY, Kind.RUN, "x1", "Sales", owner_id=user.pk, count=1, note="by hand")
    known, email = user.pk, user.email
    user.delete()
    (entry,) = SyncActivity.objects.all()
    assert (entry.user_id, entry.owner_id, entry.user_name) == (known, known, email)
    assert (entry.face, entry.token_name) == ("api", "omni-ci")
    assert (entry.action, entry.subject_kind, entry.subject_id, entry.subject_name) == ("retry", "run", "x1", "Sales")
    assert (entry.count, entry.note, entry.changes) == (1, "by hand", [])


def test_whoever_has_no_user_here_has_a_name_all_the_same() -> None:
    with acting("command", name="root"):
        with acting("worker"):
            record(Action.DESTINATION_PAUSED, Kind.DESTINATION)
        record(Action.HISTORY_PRUNED, Kind.INSTALLATION)
    with acting("console", AnonymousUser()):
        record(Action.RETRY, Kind.RUN)
    record(Action.RETRY, Kind.RUN)
    told = list(SyncActivity.objects.order_by("id").values_list("face", "user_name", "user_id"))
    assert told == [
        ("worker", "", None),
        ("command", "root", None),
        ("console", "", None),
        ("application", "", None),
    ]


def test_a_change_that_fails_leaves_no_entry() -> None:
    with transaction.atomic():
        record(Action.RETRY, Kind.RUN)
        transaction.set_rollback(True)
    assert not SyncActivity.objects.exists()


def test_what_is_done_page_by_page_is_one_entry() -> None:
    counted = Counted(Action.RETRY, Kind.RUNS, note="timeout")
    counted.so_far(0)
    assert not SyncActivity.objects.exists()
    counted.so_far(10)
    assert SyncActivity.objects.get().count == 10
    counted.so_far(23, "of 24")
    assert SyncActivity.objects.values_list("count", "note").get() == (23, "timeout, of 24")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"name": "a", "role": None}, {"name": "b", "role": None}, [{"field": "name", "from": "a", "to": "b"}]),
        ({}, {"description": "", "role": None}, []),
        ({"private_key_slot": 1}, {"private_key_slot": 2}, [{"field": "private_key_slot", "from": 1, "to": 2}]),
        ({}, {"is_active": True}, [{"field": "is_active", "from": None, "to": True}]),
        (
            {"min_interval": timedelta(0)},
            {"min_interval": timedelta(minutes=5)},
            [{"field": "min_interval", "from": "0:00:00", "to": "0:05:00"}],
        ),
        *[
            ({field: "before"}, {field: "after"}, [{"field": name, "from": None, "to": CHANGED}])
            for field, name in (
                ("password_encrypted", "password"),
                ("private_key_encrypted", "private_key"),
                ("token_encrypted", "token"),
                ("passphrase", "passphrase"),
                ("client_secret", "client_secret"),
                ("digest", "digest"),
            )
        ],
        ({"note": "x"}, {"note": "y" * 900}, [{"field": "note", "from": "x", "to": "y" * 499 + "…"}]),
    ],
)
def test_from_what_to_what(before: dict[str, Any], after: dict[str, Any], told: list[dict[str, Any]]) -> None:
    assert changes_between(before, after) == told


def test_it_is_stored_whatever_it_quotes() -> None:
    changes = changes_between({"name": "a\0b"}, {"name": "\ud800"})
    record(Action.RETRY, Kind.RUN, "\0", "name\0", changes=changes, note="\0")
    assert SyncActivity.objects.get().subject_name == "name"


def test_that_something_was_erased_is_kept_for_good() -> None:
    for action in (Action.ERASED, Action.RETRY):
        record(action, Kind.RUN, "1")
    SyncActivity.objects.update(at=timezone.now() - timedelta(days=366))
    assert (prune_activity(dry_run=True), prune_activity()) == (1, 1)
    assert SyncActivity.objects.get().action == Action.ERASED
