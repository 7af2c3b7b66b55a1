"""Staff who want to have more rights than they were given."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import User
from sync.models import SyncQueueItem
from tests.factories import QueuedFactory
from tests.security.conftest import PASSWORD, clerk, client_of

GROUPS = "/admin/auth/group/"
EVERY_RIGHT_OVER_PEOPLE = ("view_user", "change_user", "add_user", "delete_user", "view_group", "change_group")


def test_a_group_is_changed_by_those_alone_who_may_do_everything(db: None) -> None:
    mallory = clerk(*EVERY_RIGHT_OVER_PEOPLE, "add_group", "delete_group")
    group = Group.objects.create(name="clerks")
    group.user_set.add(mallory)
    client = client_of(mallory)
    every = list(Permission.objects.values_list("pk", flat=True))
    for path in (f"{GROUPS}{group.pk}/change/", f"{GROUPS}add/"):
        assert client.post(path, {"name": "clerks", "permissions": every}).status_code == 403
    assert client.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    client.post(GROUPS, data)
    assert list(Group.objects.values_list("name", flat=True)) == ["clerks"]
    assert not group.permissions.exists()
    assert client.get(f"{GROUPS}{group.pk}/change/").status_code == 200


def test_who_may_do_everything_gives_a_group_our_permissions(root: User) -> None:
    wanted = Permission.objects.get(codename="retry_syncqueueitem")
    page = client_of(root).get(f"{GROUPS}add/").content.decode()
    assert "Can retry and skip queue items" in page
    for nothing in ("Can add log entry", "Can add API token", "Can delete user", "rollup", "api usage"):
        assert nothing not in page
    client_of(root).post(f"{GROUPS}add/", {"name": "operators", "permissions": [wanted.pk]})
    assert list(Group.objects.get(name="operators").permissions.all()) == [wanted]


@pytest.mark.parametrize("whom", ["oneself", "somebody else"])
def test_nobody_gives_rights_to_users_either(root: User, whom: str) -> None:
    mallory = clerk(*EVERY_RIGHT_OVER_PEOPLE)
    user = mallory if whom == "oneself" else User.objects.create_user("friend@example.com")
    before = set(user.user_permissions.all())
    every = list(Permission.objects.values_list("pk", flat=True))
    group = Group.objects.create(name="powerful")
    data = {"is_staff": "on", "is_superuser": "on", "user_permissions": every, "groups": [group.pk]}
    client_of(mallory).post(f"/admin/accounts/user/{user.pk}/change/", data)
    user = User.objects.get(pk=user.pk)
    assert (user.is_superuser, user.is_staff) == (False, user == mallory)
    assert set(user.user_permissions.all()) == before
    assert not user.groups.exists()


def test_nobody_changes_anothers_password(staff: Callable[..., Client], root: User) -> None:
    """Stock pages for that are not there."""
    client = staff(*EVERY_RIGHT_OVER_PEOPLE)
    new = {"password1": "another one entirely", "password2": "another one entirely"}
    assert client.post(f"/admin/accounts/user/{root.pk}/password/", new).status_code in (302, 404)
    assert Client().login(username=root.email, password=PASSWORD)


def test_nobody_makes_users_or_takes_them_away(staff: Callable[..., Client], root: User) -> None:
    client = staff(*EVERY_RIGHT_OVER_PEOPLE)
    assert client.post("/admin/accounts/user/add/", {"email": "new@example.com"}).status_code == 403
    assert client.post(f"/admin/accounts/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=root.pk).exists()


@pytest.fixture
def somebodys(db: None) -> SyncQueueItem:
    item: SyncQueueItem = QueuedFactory.create().sync_items.get()
    SyncQueueItem.objects.filter(pk=item.pk).update(status="failed")
    return item


def test_staff_who_may_view_nothing_see_nothing_of_others(
    staff: Callable[..., Client], somebodys: SyncQueueItem
) -> None:
    client = staff("retry_syncqueueitem", "backfill_workflowexecution", "change_snowflakeconfiguration")
    execution = somebodys.execution.execution_id
    assert client.get("/metrics").status_code == 401
    assert client.get(f"/runs/{execution}").status_code == 404
    assert client.post(f"/items/{somebodys.pk}/retry").status_code == 404
    for page in ("/", "/runs", f"/runs?user={somebodys.user}"):
        shown = client.get(page).content.decode()
        assert execution not in shown
        # The page's own address says what they typed.
        assert str(somebodys.user) not in shown.replace(f"/runs?user={somebodys.user}", "")
    data = {"item": [somebodys.pk], "as_of": "2100-01-01T00:00:00Z", "wanted": 1}
    assert client.post("/retry", data).status_code == 302
    somebodys.refresh_from_db()
    assert somebodys.status == "failed"


def test_staff_who_may_view_see_everything(staff: Callable[..., Client], somebodys: SyncQueueItem) -> None:
    client = staff("view_syncqueueitem")
    assert client.get("/metrics").status_code == 200
    assert client.get(f"/runs/{somebodys.execution.execution_id}").status_code == 200
    assert client.post(f"/items/{somebodys.pk}/retry").status_code == 403
