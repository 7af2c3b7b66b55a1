"""Every endpoint with: anonymous, expired, revoked, inactive, somebody else's, own, staff."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync.errors import failure
from sync.models import SyncFinding, SyncQueueItem
from sync.operations import change_rules, rules_of
from tests.web.api.callers import CODES, problem
from tests.web.api.conftest import Caller, Owned, caller_of
from tests.web.api.endpoints import (
    ADD,
    ALERTS,
    ALL,
    CONFIGURATIONS,
    CREATE,
    CURE,
    DELETE,
    DEMANDS,
    HASHED,
    MAKE_TOKEN,
    MUTE,
    MUTE_ALERTS,
    NAMING,
    RETENTION_PATH,
    REVOKE_TOKEN,
    RULES,
    RULES_PATH,
    SYNC,
    UNMUTE,
    UNMUTE_ALERTS,
    WANTED,
    group_of,
)


def sent(endpoint: tuple[str, str], owned: Owned) -> dict[str, Any] | None:
    """What the endpoint has to be sent, if anything."""
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        CREATE: WANTED,
        CURE: {"cure": "adopt"},
        ADD: {"rule": {**HASHED, "name": "second"}},
        ("PUT", RULES_PATH): {"version": rules_of(owned.configuration.pk).version, "rules": []},
        ("PUT", RETENTION_PATH): {"keeps": "last", "amount": 10},
        ("POST", f"{RULES_PATH}/preview"): {"execution_id": owned.execution.execution_id},
        **{("POST", f"snowflake-sync/{act}"): {"ids": [str(owned.item.pk)]} for act in ("retry", "skip", "load-again")},
        MUTE: {**group_of(owned), "until": None},
        UNMUTE: group_of(owned),
        MUTE_ALERTS: {"kind": "late", "destination": str(owned.configuration.pk), "until": None},
        UNMUTE_ALERTS: {"kind": "late", "destination": str(owned.configuration.pk)},
    }
    return bodies.get(endpoint)


@pytest.fixture
def owned(owned: Callable[[], Owned]) -> Callable[[], Owned]:
    """Makes a user whose destination has a rule."""

    def make() -> Owned:
        made = owned()
        put_rule(made)
        return made

    return make


def finding_of(owned: Owned) -> int:
    """An open finding at the destination, made if there is none."""
    at = {"first_seen_at": timezone.now(), "last_seen_at": timezone.now(), "found": {"owner": "OTHERS"}}
    place = {"database_name": "D", "schema_name": "S", "table_name": "T", "kind": "other_owner", "closed_at": None}
    return SyncFinding.objects.get_or_create(configuration=owned.configuration, **place, defaults=at)[0].pk


def put_rule(owned: Owned) -> None:
    change_rules(owned.configuration.pk, [HASHED], author=owned.user.email, expected_version=None)


@pytest.fixture(autouse=True)
def nowhere_to_log_in(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check ends at its first step, and no warehouse has used a credit: whose it may be is what is tried here."""
    monkeypatch.setattr("sync.destinations.check.credentials_of", no_credentials)
    monkeypatch.setattr("sync.web.api.costs.actual_credits", no_credits)


def no_credits(*_: object) -> dict[str, float]:
    return {}


def no_credentials(_: object) -> None:
    raise failure("secret_unreadable", "The secret cannot be opened")


def filled(path: str, owned: Owned) -> str:
    return path.format(
        configuration=owned.configuration.pk,
        workflow=owned.workflow.workflow_id,
        workflow_key=owned.workflow.pk,
        execution=owned.execution.execution_id,
        item=owned.item.pk,
        token=ApiToken.objects.filter(user=owned.user).earliest("pk").pk,
        user=owned.user.pk,
        email=owned.user.email,
        rule="first",
        version=1,
        channel=uuid4(),
        finding=finding_of(owned),
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
        token=999_999_999,
        rule="no such rule",
        version=7,
        finding=999_999_999,
    )


@pytest.mark.parametrize("who", CODES, ids=lambda who: who.__name__)
def test_without_a_valid_token_there_is_nothing(ada: Owned, who: Callable[[User], Caller]) -> None:
    caller = who(ada.user)
    otherwise = {}
    for method, path in ALL:
        answer = caller.ask(method, f"/api/{filled(path, ada)}")
        said = (answer.status_code, problem(answer)["code"], answer.headers.get("WWW-Authenticate"))
        if said != (401, CODES[who], "Bearer"):
            otherwise[method, path] = said
    assert not otherwise, str(otherwise)
    ada.item.refresh_from_db()
    assert ada.item.status == "failed"


def hidden_from(bob: Owned, ada: Owned, endpoint: tuple[str, str]) -> bool:
    """Whether what Ada has is to Bob as if it were not there."""
    method, path = endpoint
    body = sent(endpoint, ada)
    others = bob.caller.ask(method, f"/api/{filled(path, ada)}", body)
    nobodys = bob.caller.ask(method, f"/api/{unknown(path)}", body)
    return others.status_code == nobodys.status_code == 404 and problem(others) == problem(nobodys)


@pytest.mark.django_db(transaction=True)
def test_what_is_somebody_elses_is_as_if_it_were_not_there(ada: Owned, owned: Callable[[], Owned]) -> None:
    seen, refused = [], []
    for endpoint in NAMING:
        method, path = endpoint
        bob = owned()
        if not hidden_from(bob, ada, endpoint):
            seen.append(endpoint)
        if bob.caller.ask(method, f"/api/{filled(path, bob)}", sent(endpoint, bob)).status_code != 200:
            refused.append(endpoint)
    assert (seen, refused) == ([], []), f"seen: {seen}; refused: {refused}"
    assert rules_of(ada.configuration.pk).version == 1
    ada.item.refresh_from_db()
    assert ada.item.status == "failed"


@pytest.mark.django_db(transaction=True)
def test_ones_own_and_everything_for_staff(owned: Callable[[], Owned], staff: Caller) -> None:
    refused = {}
    for method, path in (*SYNC, *CONFIGURATIONS, *RULES, *ALERTS):
        ada = owned()
        for who, caller in (("owner", ada.caller), ("staff", staff)):
            SyncQueueItem.objects.filter(pk=ada.item.pk).update(status="failed")
            put_rule(ada)
            answer = caller.ask(method, f"/api/{filled(path, ada)}", sent((method, path), ada))
            if answer.status_code != 200:
                refused[method, path, who] = answer.content
    assert not refused, str(refused)


def test_a_rule_is_added_by_its_owner_or_staff(ada: Owned, bob: Owned, staff: Caller) -> None:
    method, path = ADD
    others = bob.caller.ask(method, f"/api/{filled(path, ada)}", sent(ADD, ada))
    assert problem(others) == problem(bob.caller.ask(method, f"/api/{unknown(path)}", sent(ADD, ada)))
    for caller, owner, author in ((ada.caller, ada, ada.user.email), (staff, bob, "staff@example.com")):
        answer = caller.ask(method, f"/api/{filled(path, owner)}", sent(ADD, owner))
        assert (answer.status_code, answer.json()["version"], answer.json()["author"]) == (201, 2, author)


def test_a_destination_is_made_for_oneself_and_by_staff_for_anyone(ada: Owned, bob: Owned, staff: Caller) -> None:
    method, path = CREATE
    own = ada.caller.ask(method, f"/api/{path}", WANTED)
    assert (own.status_code, own.json()["user"]) == (201, ada.user.email)
    assert ada.caller.ask(method, f"/api/{path}?user={bob.user.email}", WANTED).status_code == 404
    bobs = staff.ask(method, f"/api/{path}?user={bob.user.email}", WANTED)
    assert (bobs.status_code, bobs.json()["user"]) == (201, bob.user.email)


def test_a_destination_is_deleted_by_its_owner_or_staff(ada: Owned, bob: Owned, staff: Caller) -> None:
    method, path = DELETE
    others = bob.caller.ask(method, f"/api/{filled(path, ada)}")
    assert problem(others) == problem(bob.caller.ask(method, f"/api/{unknown(path)}"))
    assert SnowflakeConfiguration.objects.filter(pk=ada.configuration.pk).exists()
    assert ada.caller.ask(method, f"/api/{filled(path, ada)}").status_code == 204
    assert staff.ask(method, f"/api/{filled(path, bob)}").status_code == 204
    assert not SnowflakeConfiguration.objects.exists()


def test_a_token_is_made_and_revoked_by_whose_it_is_alone(ada: Owned, bob: Owned, staff: Caller) -> None:
    method, path = REVOKE_TOKEN
    for caller in (bob.caller, staff):
        others = caller.ask(method, f"/api/{filled(path, ada)}")
        assert problem(others) == problem(caller.ask(method, f"/api/{unknown(path)}"))
        assert caller.ask(*MAKE_TOKEN[:1], f"/api/{MAKE_TOKEN[1]}", {"name": "mine"}).status_code == 201
    assert ApiToken.objects.filter(user=ada.user, revoked_at=None).count() == 1
    assert ada.caller.ask(method, f"/api/{filled(path, ada)}").status_code == 204
    assert ada.caller.get("stats").status_code == 401


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
    routes = {str(pattern.pattern) for pattern in get_resolver("sync.web.api.urls").url_patterns}
    tried = {re.sub(r"{\w+}", "<>", path.split("?")[0]) for _, path in ALL}
    assert tried == {re.sub(r"<[^>]+>", "<>", route) for route in routes} - {"schema", "docs", ""}


VIEWS = ("view_syncqueueitem", "view_snowflakeconfiguration", "view_syncactivity")


@pytest.mark.django_db(transaction=True)
def test_staff_who_may_view_nothing_see_what_is_theirs(ada: Owned, owned: Callable[[], Owned]) -> None:
    """Whatever else they may do."""
    seen, refused = [], []
    rights = Permission.objects.exclude(codename__in=VIEWS)
    for endpoint in (*NAMING, DELETE):
        method, path = endpoint
        bob = owned()
        bob.user.change_login(is_staff=True)
        bob.caller = caller_of(bob.user)
        bob.user.user_permissions.set(rights)
        if not hidden_from(bob, ada, endpoint):
            seen.append(endpoint)
        own = bob.caller.ask(method, f"/api/{filled(path, bob)}", sent(endpoint, bob))
        if own.status_code not in (200, 204):
            refused.append(endpoint)
        listed = [bob.caller.get(name) for name in ("stats", "failed", "queue")]
        if any(ada.execution.execution_id in answer.content.decode() for answer in listed):
            seen.append(endpoint)
        if listed[0].json()["summary"]["total"] > 1:
            seen.append(endpoint)
    assert (seen, refused) == ([], []), f"seen: {seen}; refused: {refused}"


@pytest.mark.parametrize("endpoint", DEMANDS, ids=" ".join)
def test_staff_do_nothing_without_its_permission(ada: Owned, endpoint: tuple[str, str]) -> None:
    method, path = endpoint
    operator = User.objects.create_user("operator@example.com", is_staff=True)
    every = set(DEMANDS.values()) | {"view_syncqueueitem", "view_snowflakeconfiguration"}
    operator.user_permissions.set(Permission.objects.filter(codename__in=every - {DEMANDS[endpoint]}))
    body = sent(endpoint, ada)
    answer = caller_of(operator).ask(method, f"/api/{filled(path, ada)}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    view = "view_snowflakeconfiguration" if endpoint[1].startswith("snowflake/") else "view_syncqueueitem"
    operator.user_permissions.set(Permission.objects.filter(codename__in=(DEMANDS[endpoint], view)))
    assert caller_of(operator).ask(method, f"/api/{filled(path, ada)}", body).status_code < 300
