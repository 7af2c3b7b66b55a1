"""The page of errors: what failed in groups, what to do about each, and mutes."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import DestinationState, User
from sync.models import SyncActivity, SyncMute, SyncQueueItem, WorkflowExecution
from sync.reporting import GroupFilter, Scope, error_groups, kept_counts, not_loaded
from tests.factories import ConfigurationFactory, QueuedFactory, WorkflowFactory
from tests.security.conftest import clerk
from tests.web.console.conftest import Owner
from tests.web.console.reading import kept, text, words

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def fails(owner: Owner, many: int, *, name: str = "Campaign report", code: str = "load_rejected", **fields: Any) -> str:
    """So many failures of one workflow, whose id it returns."""
    workflow = WorkflowFactory.create(user=owner.user, name=name)
    for number in range(many):
        item = QueuedFactory.create(workflow=workflow).sync_items.get()
        moment = timezone.now() - timedelta(seconds=fields.get("ago", 60) + number)
        SyncQueueItem.objects.filter(pk=item.pk).update(
            user=owner.user,
            configuration=owner.configuration,
            status="failed",
            error_code=code,
            error_message=fields.get("message", "It was refused."),
            updated_at=moment,
        )
    return str(workflow.workflow_id)


def links(page: str, word: str) -> list[str]:
    return [
        href.replace("&amp;", "&")
        for href, said in re.findall(r'<a[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', page)
        if word in said
    ]


def test_what_fails_alike_is_one_group_with_its_meaning_and_remedy(ada: Owner, login: Login) -> None:
    fails(ada, 3, name="Campaigns")
    fails(ada, 1, name="Journeys", code="table_not_ours")
    page = text(login(ada.user), "/errors")
    said = words(page)
    assert "4 loads failed in 2 groups." in said
    assert "A run is a load for each" not in said
    assert "load rejected" in said
    assert f"Campaigns → {ada.configuration.name}" in said
    assert "Snowflake refused a value of the result." in said
    assert "What to do: Correct the value or the column's type" in said
    assert said.index("Campaigns") < said.index("Journeys")


def test_the_number_of_a_group_is_the_number_of_its_runs(ada: Owner, login: Login) -> None:
    fails(ada, 3, name="Campaigns")
    fails(ada, 2, name="Journeys")
    client = login(ada.user)
    (address,) = links(text(client, "/errors"), ">3<") or links(text(client, "/errors"), "3<span> runs")
    page = text(client, address)
    assert len(re.findall(r'href="/runs/[0-9a-f-]{36}"', page)) == 3
    assert "Journeys" not in words(page).split("Destinations")[-1]


def test_a_retry_is_two_clicks_away_and_of_the_group_alone(ada: Owner, login: Login) -> None:
    fails(ada, 3, name="Campaigns")
    fails(ada, 2, name="Journeys")
    client = login(ada.user)
    (address,) = links(text(client, "/errors"), "Retry 3")
    page = text(client, address)
    assert re.search(r"Retry 3 \w+\?", words(page))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    client.post("/retry", fields)
    assert SyncQueueItem.objects.filter(status="failed").count() == 2


def test_what_no_retry_helps_says_so_and_has_no_button(ada: Owner, login: Login) -> None:
    fails(ada, 1, code="owner_changed")
    page = text(login(ada.user), "/errors")
    assert not links(page, "Retry")
    assert "Another try ends in the same way." in words(page)


def test_nobody_sees_the_errors_of_others(ada: Owner, owner: Callable[[], Owner], login: Login, staff: User) -> None:
    fails(owner(), 2, name="Secret plans")
    for address in ("/errors", "/errors.csv", "/errors.json"):
        assert "Secret plans" not in text(login(ada.user), address)
        assert "Secret plans" in text(login(staff), address)
    # The header of staff suggests everyone's workflows to search for.
    assert "Secret plans" not in text(login(staff), f"/errors?user={ada.user.email}").partition("<main")[2]


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("error_code=table_not_ours", {"Journeys"}),
        ("workflow={campaigns}", {"Campaigns"}),
        ("destination={destination}", {"Campaigns", "Journeys", "Old one"}),
        ("window=day", {"Campaigns", "Journeys"}),
        ("window=week", {"Campaigns", "Journeys"}),
    ],
)
def test_a_filter_is_an_address(ada: Owner, login: Login, query: str, there: set[str]) -> None:
    campaigns = fails(ada, 2, name="Campaigns")
    fails(ada, 1, name="Journeys", code="table_not_ours", ago=7000)
    fails(ada, 1, name="Old one", ago=9 * 86_400)
    said = words(
        text(login(ada.user), "/errors?" + query.format(campaigns=campaigns, destination=ada.configuration.pk))
    )
    assert {name for name in ("Campaigns", "Journeys", "Old one") if f"{name} →" in said} == there


def test_a_filter_that_is_not_understood_is_named(ada: Owner, login: Login) -> None:
    assert "There is no workflow nonsense." in text(login(ada.user), "/errors?workflow=nonsense")


def test_the_value_at_fault_is_for_who_may_see_results(ada: Owner, login: Login, db: None) -> None:
    fails(ada, 1, code="value_does_not_fit")
    item = SyncQueueItem.objects.get()
    message = f"Execution {item.execution_id}, column 'clicks', row 2: the value does not fit NUMBER(38,0)."
    SyncQueueItem.objects.filter(pk=item.pk).update(error_message=message)
    WorkflowExecution.objects.filter(execution_id=item.execution_id).update(
        result_rows=[{"campaign": "a", "clicks": 1}, {"campaign": "b", "clicks": "n/a-4711"}]
    )
    assert "n/a-4711" in text(login(ada.user), "/errors")
    viewer = clerk("view_syncqueueitem")
    page = text(login(viewer), "/errors")
    assert "row 2" in page
    assert "n/a-4711" not in page
    assert not links(page, "Retry")
    assert not links(page, "Mute")


def test_what_is_held_is_no_failure(ada: Owner, login: Login) -> None:
    ada.item("skipped", error_code="excluded_by_rule", error_message="A rule.")
    ada.item("pending", error_code="session_lost", error_message="Lost.")
    ada.item("pending")
    page = text(login(ada.user), "/errors")
    said = words(page)
    assert "Nothing has failed." in said
    held = said[said.index("Not failed, and not loaded") :]
    assert "A rule of the destination excludes the execution." in held
    assert "/runs?status=skipped&error_code=excluded_by_rule" in page
    assert "/runs?status=pending&error_code=session_lost" in page


def test_all_that_waits_for_a_paused_destination_is_counted_tried_or_not(ada: Owner, login: Login) -> None:
    client = login(ada.user)
    ada.item("pending", error_code="login_refused", error_message="No.")
    for _ in range(3):
        ada.item("pending")
    DestinationState.objects.filter(pk=ada.configuration.pk).update(breaker_state="open", breaker_code="login_refused")
    address = f"/runs?status=pending&destination={ada.configuration.pk}"
    assert address in links(text(client, "/errors"), "4")
    (line,) = not_loaded(Scope().counted())
    assert (line.code, line.count) == ("login_refused", 4)
    # What somebody paused by hand waits, too.
    DestinationState.objects.filter(pk=ada.configuration.pk).update(breaker_code="paused_by_hand")
    assert [(line.code, line.count) for line in not_loaded(Scope().counted())] == [("paused_by_hand", 4)]
    # Of several destinations there is a page.
    other = ConfigurationFactory.create(user=ada.user)
    ada.item("pending", configuration=other)
    DestinationState.objects.filter(pk=other.pk).update(breaker_state="open", breaker_code="paused_by_hand")
    assert "/destinations" in links(text(client, "/errors"), "5")


class TestMuting:
    def mute(self, client: Client, **fields: str) -> str:
        (address,) = links(text(client, "/errors"), "Mute…")
        page = text(client, address)
        given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        return client.post(address, {**given, "how_long": "1d", **fields}, follow=True).content.decode()

    def test_a_muted_group_counts_for_no_verdict_and_says_who_muted_it(self, ada: Owner, login: Login) -> None:
        fails(ada, 2, name="Campaigns")
        client = login(ada.user)
        assert "2 runs of Campaigns failed" in words(text(client, "/"))
        page = words(self.mute(client))
        assert "Muted until" in page
        assert "1 muted" in page
        assert f"Muted by {ada.user.email}" in page
        home = words(text(client, "/"))
        assert "of Campaigns failed" not in home
        assert "2 failed loads are muted" in home
        entry = SyncActivity.objects.get()
        assert (entry.action, entry.face, entry.owner_id) == ("error_muted", "console", ada.user.pk)
        assert entry.changes[0]["field"] == "until"

    def test_unmuting_is_recorded_too(self, ada: Owner, login: Login) -> None:
        fails(ada, 2)
        client = login(ada.user)
        self.mute(client)
        (address,) = links(text(client, "/errors"), "Unmute…")
        given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text(client, address)))
        client.post(address, {**given, "unmute": "1"})
        assert not SyncMute.objects.exists()
        assert "1 muted" not in words(text(client, "/errors"))
        assert [entry.action for entry in SyncActivity.objects.order_by("id")] == ["error_muted", "error_unmuted"]

    def test_until_it_changes_ends_with_the_next_failure(self, ada: Owner, login: Login) -> None:
        fails(ada, 2)
        client = login(ada.user)
        assert "until another run fails so" in self.mute(client, how_long="changes")
        assert "1 muted" in words(text(client, "/errors"))
        item = SyncQueueItem.objects.filter(status="failed").first()
        assert item
        SyncQueueItem.objects.filter(pk=item.pk).update(updated_at=timezone.now() + timedelta(seconds=1))
        assert "1 muted" not in words(text(client, "/errors"))

    def test_a_mute_that_is_over_is_none(self, ada: Owner, login: Login) -> None:
        fails(ada, 1)
        client = login(ada.user)
        self.mute(client, how_long="1h")
        SyncMute.objects.update(until=timezone.now() - timedelta(seconds=1))
        assert "1 muted" not in words(text(client, "/errors"))

    @pytest.mark.parametrize("date", ["", "2001-01-01", "9000-01-01", "nonsense"])
    def test_a_date_that_makes_no_sense_is_refused(self, ada: Owner, login: Login, date: str) -> None:
        fails(ada, 1)
        assert "aria-invalid" in self.mute(login(ada.user), how_long="date", date=date)
        assert not SyncMute.objects.exists()

    def test_a_mute_holds_in_the_view_that_it_was_made_in(self, ada: Owner, login: Login, staff: User) -> None:
        fails(ada, 1)
        self.mute(login(staff))
        assert "1 muted" in words(text(login(staff), "/errors"))
        assert "1 muted" not in words(text(login(ada.user), "/errors"))
        assert "1 muted" not in words(text(login(staff), f"/errors?user={ada.user.email}"))


def test_files_have_the_same_groups(ada: Owner, login: Login) -> None:
    fails(ada, 3, name="=Campaigns")
    client = login(ada.user)
    (line,) = json.loads(kept(client, "/errors.json"))["errors"]
    assert (line["error_code"], line["count"], line["workflow_name"]) == ("load_rejected", 3, "=Campaigns")
    assert "'=Campaigns" in text(client, "/errors.csv")
    # More than was asked for would be in it, and nobody would see that.
    for address in ("/errors.csv", "/errors.json"):
        assert client.get(f"{address}?workflow=nonesuch").status_code == 400


def test_kept_groups_are_those_that_are_counted_live(
    ada: Owner, owner: Callable[[], Owner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_counts, "FRESH", 120.0)
    fails(ada, 3, name="Campaigns")
    fails(ada, 1, name="Old one", ago=9 * 86_400)
    fails(owner(), 2, code="table_not_ours")
    now = timezone.now()
    live = error_groups(GroupFilter(), now)
    kept_counts.make_if_older()
    assert live.number == 3
    kept = error_groups(GroupFilter(), now)
    age = kept_counts.age()
    assert age
    assert age.is_fresh
    assert (kept.listed, kept.failed, kept.number) == (live.listed, live.failed, live.number)


def test_a_later_pass_knows_what_was_retried_and_what_failed_since(ada: Owner) -> None:
    fails(ada, 2, name="Campaigns")
    fails(ada, 1, name="Journeys")
    kept_counts.make_if_older()
    retried = SyncQueueItem.objects.filter(status="failed", execution__workflow__name="Journeys")
    retried.update(status="pending")
    fails(ada, 1, name="Noise")
    kept_counts.make_if_older(0.0)
    found = error_groups(GroupFilter(), timezone.now())
    assert {(group.where, group.count) for group in found.listed} == {("Campaigns", 2), ("Noise", 1)}


def test_what_has_no_workflow_is_retried_by_nothing_wider(ada: Owner, staff: User, login: Login) -> None:
    fails(ada, 2, name="Campaigns")
    item = ada.failed("load_rejected", updated_at=timezone.now())
    WorkflowExecution.objects.filter(execution_id=item.execution_id).update(workflow=None)
    page = text(login(staff), "/errors")
    assert "1 run among others" in words(page)
    assert len(links(page, "Retry 2")) == 1
    assert not links(page, "Retry 1")


def test_a_mute_is_of_its_workflow_alone_or_of_none(ada: Owner) -> None:
    fails(ada, 1, name="Campaigns")
    item = ada.failed()
    WorkflowExecution.objects.filter(execution_id=item.execution_id).update(workflow=None)
    SyncMute.objects.create(owner_id=ada.user.pk, error_code="load_rejected", configuration_id=ada.configuration.pk)
    found = error_groups(GroupFilter(ada.user.pk), timezone.now())
    assert [(group.workflow is None, group.mute is None) for group in found.listed] == [(False, True), (True, False)]
    assert (found.number, found.muted) == (2, 1)
