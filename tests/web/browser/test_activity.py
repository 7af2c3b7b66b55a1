"""Who has changed what, as somebody reads it, finds it, and goes on from it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from sync import destinations, operations
from sync.activity import Action, Kind, acting, record
from sync.models import SyncActivity
from tests.web.browser.remote import expect
from tests.web.browser.site import Site, look
from tests.world import World

E_MAIL = {"name": "e-mail", "kind": "column", "action": "hash", "columns": ["e_mail"], "workflow": "campaigns"}


@pytest.fixture
def busy(world: World, admin_user: User) -> World:
    """Changes of all kinds, from everywhere."""
    id_ = world.configuration.pk
    mine: Any = {"owner_id": world.user.pk}
    type(world.configuration).objects.update(name="Warehouse")
    with acting("console", world.user):
        operations.change_rules(id_, [E_MAIL], author="", expected_version=None)
        operations.change_rules(id_, [{**E_MAIL, "action": "drop"}], author="", expected_version=None)
        secret = destinations.Secret("password", "not-a-real-password")
        settings = {"schema": "SALES", "min_interval": timedelta(minutes=15), "warehouse": "SMALL"}
        destinations.change_configuration(id_, settings, secret)
        record(Action.RETRY, Kind.RUN, "9c4a12f4-1111-2222", "Campaign performance", count=1, **mine)
    with acting("api", world.user, token="omni-ci"):
        record(Action.RETRY, Kind.RUNS, count=23, note="value does not fit", **mine)
        record(
            Action.BACKFILL, Kind.WORKFLOW, world.workflow.pk, "Channel mix", count=412, note="since 2026-03-01", **mine
        )
    with acting("worker"):
        record(Action.DESTINATION_PAUSED, Kind.DESTINATION, id_, "Warehouse", note="The password was refused.", **mine)
    with acting("command", name="deploy"):
        record(Action.ENCRYPTION_ROTATED, Kind.INSTALLATION, count=12)
    with acting("admin", admin_user):
        fields = {"account_identifier": "a-b", "warehouse": "W", "database": "D", "schema": "S", "username": "U"}
        destinations.create_configuration(world.user.pk, {**fields, "name": "Second"}, secret)
    for number, entry in enumerate(SyncActivity.objects.order_by("-id")):
        SyncActivity.objects.filter(pk=entry.pk).update(at=timezone.now() - timedelta(minutes=7 * number))
    return world


@pytest.mark.parametrize("scripts", [True, False])
def test_who_paused_it_is_found(site: Site, busy: World, scripts: bool) -> None:
    page = site.open("/", user=busy.user, scripts=scripts)
    page.get_by_role("link", name="Activity").click()
    expect(page.get_by_role("row", name="Warehouse paused")).to_contain_text("The password was refused.")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("What", exact=True).select_option("rules changed")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("row").nth(1)).to_contain_text("rule e-mail: action: hash → drop")
    page.get_by_role("link", name="history of Warehouse").first.click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("row", name="console Warehouse changed")).to_contain_text("password: changed")


def test_it_is_good_to_look_at(site: Site, busy: World, admin_user: User) -> None:
    look(site.open("/activity", user=admin_user), "activity")
    look(site.open("/activity?who=nobody", user=admin_user), "activity, none")
