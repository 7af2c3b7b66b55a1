"""Every page, for nobody, a user of the application, and staff without a right.

The API's: tests/web/api/test_matrix.py."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import ApiToken, SnowflakeConfiguration, User
from sync import queue
from sync.models import SyncAttempt, SyncQueueItem, SyncTable, Workflow
from sync.operations import change_rules, make_channel
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory, WorkflowFactory
from tests.security.conftest import clerk, client_of

# What staff may open without a right; nothing of anybody's stands there.
OF_STAFF = {
    "admin/",
    "admin/login/",
    "admin/logout/",
    "admin/password_change/",
    "admin/password_change/done/",
    "admin/jsi18n/",
}
# What nobody has to log in for.
OPEN = {
    "admin",
    "admin/login/",
    "admin/logout/",
    "admin/password_change/",
    "log-in",
    # Whoever has a link sees what it is of: tests/web/console/test_connecting.py.
    "connect/sql",
    "favicon.ico",
    "healthz",
    "readyz",
}


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route


ALL = list(routes(get_resolver("config.urls")))
ADMIN = [route for route in ALL if route.startswith("admin/") and "(?P" not in route]
PAGES = [route for route in ALL if not route.startswith(("api", "monitor")) and "(?P" not in route]
OF_A_THING = [route for route in PAGES if "<" in route and not route.startswith("admin/")]


@pytest.fixture
def things(db: None) -> dict[str, Any]:
    """Something of each kind, somebody's."""
    configuration = ConfigurationFactory.create()
    rule = {"name": "No notes", "kind": "column", "action": "drop", "columns": ["note"]}
    change_rules(configuration.pk, [rule], author="", expected_version=None)
    execution = QueuedFactory.create(workflow=WorkflowFactory.create(user=configuration.user))
    item = execution.sync_items.get()
    SyncQueueItem.objects.filter(pk=item.pk).update(status="failed", configuration=configuration)
    attempt = SyncAttempt.objects.create(item=item, configuration=configuration, outcome="failed")
    table = SyncTable.objects.create(
        configuration=configuration, database_name="D", schema_name="S", table_name="T", execution_id="e"
    )
    return {
        "snowflakeconfiguration": configuration.pk,
        "syncattempt": attempt.pk,
        "syncworker": queue.register_worker("host-1", 17, 5),
        "synctable": table.pk,
        "syncqueueitem": item.pk,
        "user": configuration.user_id,
        "group": Group.objects.create(name="operators").pk,
        "apitoken": ApiToken.objects.create(configuration.user)[0].pk,
        "channel": make_channel(configuration.user, "email", {"to": "ada@example.com"}, name="mail")[0].pk,
        "workflow": execution.workflow_id,
        "workflowexecution": execution.pk,
        "execution": execution.execution_id,
    }


def filled(route: str, things: dict[str, Any]) -> str:
    kind = route.split("/")[2] if route.count("/") > 2 else ""
    thing = things.get(kind, uuid4())
    path = route.replace("<uuid:item_id>", str(things["syncqueueitem"]))
    path = path.replace("<uuid:configuration_id>", str(things["snowflakeconfiguration"]))
    path = path.replace("<uuid:workflow_id>", str(things["workflow"]))
    path = path.replace("<uuid:channel_id>", str(things["channel"]))
    path = re.sub(r"<\w+:execution_id>", things["execution"], path)
    path = path.replace("<int:version>", "1").replace("<int:token_id>", str(things["apitoken"]))
    return "/" + re.sub(r"<[^>]+>", str(thing), path)


def asked(client: Client, path: str) -> list[Any]:
    client.raise_request_exception = False
    return [client.get(path), client.post(path, {"post": "yes", "wanted": 1, "as_of": "2100-01-01T00:00:00Z"})]


def otherwise(client: Client, path: str, right: Callable[[Any], bool]) -> list[str]:
    """What was answered there, in words, that is not right."""
    return [
        f"{path}: {answer.status_code} {answer.headers.get('Location', '')}"
        for answer in asked(client, path)
        if not right(answer)
    ]


def is_refused(answer: Any) -> bool:
    return int(answer.status_code) in (403, 404, 405)


def leads_to_log_in(answer: Any) -> bool:
    if answer.status_code == 302:
        return bool(re.match(r"/(log-in|admin/login)", answer.headers["Location"]))
    return int(answer.status_code) in (401, 405)


def test_nobody_sees_a_page(things: dict[str, Any]) -> None:
    tried = [filled(route, things) for route in PAGES if route not in OPEN]
    wrong = [said for path in tried for said in otherwise(Client(), path, leads_to_log_in)]
    assert not wrong, "\n".join(wrong)


def test_a_user_of_the_application_sees_nothing_of_the_admin(things: dict[str, Any]) -> None:
    def leads_on(answer: Any) -> bool:
        return answer.status_code == 302 and str(answer.headers["Location"]).startswith("/admin/")

    tried = [filled(route, things) for route in ADMIN if route not in OPEN]
    for user in (UserFactory.create(), User.objects.get(pk=things["user"])):
        wrong = []
        for path in tried:
            wrong += otherwise(client_of(user), path, leads_on)
        assert not wrong, "\n".join(wrong)


def test_staff_without_a_right_open_nothing(things: dict[str, Any]) -> None:
    def leads_to_change(answer: Any) -> bool:
        return str(answer.headers.get("Location", "")).endswith("/change/")

    staff, wrong = clerk(), []
    for route in ADMIN:
        if route not in OF_STAFF:
            # Leads to the thing's page, which is refused.
            leads = route.endswith("<path:object_id>/") and not route.startswith("admin/r/")
            wrong += otherwise(client_of(staff), filled(route, things), leads_to_change if leads else is_refused)
    assert not wrong, "\n".join(wrong)
    assert SyncQueueItem.objects.get().status == "failed"


def test_nobody_opens_what_is_somebody_elses(things: dict[str, Any]) -> None:
    """Neither another user, nor staff without a right; to its owner it is there."""
    tried = [filled(route, things) for route in OF_A_THING]
    for user in (UserFactory.create(), clerk()):
        wrong = [said for path in tried for said in otherwise(client_of(user), path, is_refused)]
        assert not wrong, "\n".join(wrong)
    assert SyncQueueItem.objects.get().status == "failed"
    assert SnowflakeConfiguration.objects.filter(is_active=True).exists()
    owner = User.objects.get(pk=things["user"])
    missing = [path for path in tried if client_of(owner).get(path).status_code not in (200, 302, 405)]
    assert not missing, "\n".join(missing)


# What stands on a page of somebody's: a run, a workflow, a destination.
RUN, WORKFLOW, DESTINATION = "run-of-ada", "workflow of ada", "warehouse of ada"
VIEW, VIEW_DESTINATIONS = "view_syncqueueitem", "view_snowflakeconfiguration"
# What each of the rights to look shows of others' things. (None: the page is not for them.)
SHOWN: dict[str, dict[str, set[str] | None]] = {
    "/runs": {"": set(), VIEW: {RUN, WORKFLOW, DESTINATION}, VIEW_DESTINATIONS: set()},
    "/runs.csv": {"": set(), VIEW: {RUN, WORKFLOW, DESTINATION}, VIEW_DESTINATIONS: set()},
    "/runs/{run}": {"": None, VIEW: {RUN, WORKFLOW, DESTINATION}, VIEW_DESTINATIONS: None},
    "/workflows": {"": set(), VIEW: {WORKFLOW, DESTINATION}, VIEW_DESTINATIONS: set()},
    "/errors": {"": set(), VIEW: {RUN, WORKFLOW, DESTINATION}, VIEW_DESTINATIONS: set()},
    "/errors.csv": {"": set(), VIEW: {RUN, WORKFLOW, DESTINATION}, VIEW_DESTINATIONS: set()},
    # The search of every page suggests what its viewer finds.
    "/destinations": {"": set(), VIEW: {WORKFLOW}, VIEW_DESTINATIONS: {DESTINATION}},
    "/destinations/{destination}": {"": None, VIEW: None, VIEW_DESTINATIONS: {DESTINATION}},
    "/destinations/{destination}/timeline": {"": None, VIEW: None, VIEW_DESTINATIONS: None},
    "/destinations/{destination}/data": {"": None, VIEW: None, VIEW_DESTINATIONS: {DESTINATION, WORKFLOW}},
    "/destinations/{destination}/data?workflow={workflow}": {
        "": None,
        VIEW: None,
        VIEW_DESTINATIONS: {DESTINATION, WORKFLOW},
    },
    "/destinations/{destination}/settings": {"": None, VIEW: None, VIEW_DESTINATIONS: {DESTINATION}},
}
BOTH = {"/destinations/{destination}/timeline": {RUN, WORKFLOW, DESTINATION}}


@pytest.mark.parametrize("page", SHOWN)
def test_each_right_shows_so_much(things: dict[str, Any], page: str) -> None:
    SnowflakeConfiguration.objects.update(name=DESTINATION)
    Workflow.objects.update(name=WORKFLOW)
    QueuedFactory.create(workflow=Workflow.objects.get(), execution_id=RUN)
    SyncQueueItem.objects.exclude(execution__execution_id=RUN).delete()
    SyncQueueItem.objects.update(
        configuration=things["snowflakeconfiguration"], status="failed", error_code="load_rejected", user=things["user"]
    )
    item = SyncQueueItem.objects.get(execution__execution_id=RUN)
    for _ in range(3):
        SyncAttempt.objects.create(item=item, configuration=item.configuration, outcome="failed")
    of = {"destination": item.configuration_id, "workflow": Workflow.objects.get().workflow_id, "run": RUN}
    for right, shown in {**SHOWN[page], f"{VIEW} {VIEW_DESTINATIONS}": BOTH.get(page)}.items():
        staff = clerk()
        staff.user_permissions.set(Permission.objects.filter(codename__in=right.split()))
        answer = client_of(User.objects.get(pk=staff.pk)).get(page.format(**of))
        staff.delete()
        if shown is None and right in SHOWN[page]:
            assert answer.status_code in (403, 404), right
        elif shown is not None:
            text = answer.getvalue().decode()
            assert {name for name in (RUN, WORKFLOW, DESTINATION) if name in text} == shown, right


def test_every_kind_of_thing_is_tried(things: dict[str, Any]) -> None:
    kinds = {route.split("/")[2] for route in ADMIN if "<" in route and not route.startswith("admin/r/")}
    assert kinds <= set(things)
