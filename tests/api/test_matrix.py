"""Every endpoint with: anonymous, expired, revoked, inactive, somebody else's, own, staff."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import ApiToken, User
from sync.models import SyncQueueItem
from tests.api.conftest import BASE, Caller, Owned, caller_of

# Each with a thing of Ada's in it; `{…}` is filled in.
READS = (
    "stats",
    "failed",
    "failed?limit=10",
    "queue",
    "queue?status=failed&limit=10",
    "queue?destination={configuration}",
    "queue?workflow={workflow}",
    "queue?workflow={workflow_key}",
    "execution/{execution}/sync-status",
)
WRITES = ("retry/{item}", "backfill")
# Those that name a thing by its id.
NAMING = (
    *(("GET", path) for path in READS if "{" in path),
    ("GET", "stats?user={user}"),
    ("GET", "stats?user={email}"),
    ("GET", "queue?user={user}"),
    ("GET", "failed?user={user}"),
    ("POST", "retry/{item}"),
)
ALL = (*(("GET", path) for path in READS), *(("POST", path) for path in WRITES))


def filled(path: str, owned: Owned) -> str:
    return path.format(
        configuration=owned.configuration.pk,
        workflow=owned.workflow.workflow_id,
        workflow_key=owned.workflow.pk,
        execution=owned.execution.execution_id,
        item=owned.item.pk,
        user=owned.user.pk,
        email=owned.user.email,
    )


def unknown(path: str) -> str:
    """The same with things that nobody has."""
    return path.format(
        configuration=uuid4(),
        workflow="no-such-workflow",
        workflow_key=uuid4(),
        execution="no-such-execution",
        item=uuid4(),
        user=uuid4(),
        email="nobody@example.com",
    )


def anonymous(_user: User) -> Caller:
    return Caller()


def nonsense(_user: User) -> Caller:
    return Caller("nonsense")


def expired(user: User) -> Caller:
    return caller_of(user, expiry=timedelta(seconds=-1))


def revoked(user: User) -> Caller:
    return caller_of(user, revoked_at=timezone.now())


def deleted(user: User) -> Caller:
    row, token = ApiToken.objects.create(user)
    row.delete()
    return Caller(token)


def inactive(user: User) -> Caller:
    caller = caller_of(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return caller


CODES = {
    anonymous: "not_authenticated",
    nonsense: "token_unknown",
    expired: "token_expired",
    revoked: "token_revoked",
    deleted: "token_unknown",
    inactive: "user_inactive",
}


def problem(answer: Any) -> dict[str, Any]:
    """The document of an answer that is a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert all(document[name] for name in ("type", "title", "code", "detail", "what_to_do"))
    return document


@pytest.mark.parametrize("who", CODES, ids=lambda who: who.__name__)
@pytest.mark.parametrize(("method", "path"), ALL)
def test_without_a_valid_token_there_is_nothing(
    ada: Owned, method: str, path: str, who: Callable[[User], Caller]
) -> None:
    answer = who(ada.user).ask(method, f"{BASE}/{filled(path, ada)}")
    assert (answer.status_code, problem(answer)["code"]) == (401, CODES[who])
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    ada.item.refresh_from_db()
    assert ada.item.status == "failed"


@pytest.mark.parametrize(("method", "path"), NAMING)
def test_what_is_somebody_elses_is_as_if_it_were_not_there(ada: Owned, bob: Owned, method: str, path: str) -> None:
    others = bob.caller.ask(method, f"{BASE}/{filled(path, ada)}")
    nobodys = bob.caller.ask(method, f"{BASE}/{unknown(path)}")
    assert others.status_code == nobodys.status_code == 404
    assert problem(others) == problem(nobodys)
    own = bob.caller.ask(method, f"{BASE}/{filled(path, bob)}")
    assert own.status_code == 200
    ada.item.refresh_from_db()
    assert ada.item.status == "failed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "path"), ALL)
def test_ones_own_and_everything_for_staff(ada: Owned, staff: Caller, method: str, path: str) -> None:
    assert ada.caller.ask(method, f"{BASE}/{filled(path, ada)}").status_code == 200
    SyncQueueItem.objects.filter(pk=ada.item.pk).update(status="failed")
    assert staff.ask(method, f"{BASE}/{filled(path, ada)}").status_code == 200


def test_lists_and_numbers_are_of_ones_own_items(ada: Owned, bob: Owned, staff: Caller) -> None:
    bob.more(2)
    for caller, count in ((ada.caller, 1), (bob.caller, 3), (staff, 4)):
        assert caller.get("stats").json()["failed"]["count"] == count
        assert len(caller.get("failed").json()) == count
        page = caller.get("queue").json()
        assert (len(page["items"]), page["total_count"]) == (count, count)
    for asked in (bob.user.pk, bob.user.email, bob.user.email.upper()):
        assert staff.get(f"stats?user={asked}").json()["failed"]["count"] == 3
        assert len(staff.get(f"failed?user={asked}").json()) == 3
        assert staff.get(f"queue?user={asked}").json()["total_count"] == 3


def test_no_endpoint_is_left_out_of_the_matrix() -> None:
    routes = [
        pattern for pattern in get_resolver("sync.api.urls").url_patterns if "snowflake-sync" in str(pattern.pattern)
    ]
    tried = {path.split("?")[0].split("/")[0] for _, path in ALL}
    assert {str(route.pattern).split("/")[1] for route in routes} == tried
