"""The list of runs: who finds what by which address, and that its numbers are those of its lists."""

import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from sync.models import SyncQueueItem, Workflow, WorkflowExecution
from sync.rules import documents, latest
from tests.factories import ConfigurationFactory, QueuedFactory, UserFactory
from tests.web.console.conftest import Owner
from tests.web.console.reading import kept, text, words
from tests.web.console.test_retrying import hidden

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


def runs(page: str) -> list[str]:
    """The ids of the runs that a page lists."""
    return re.findall(r'<th scope="row"><a href="/runs/([^"]+)">', page)


def number(page: str, word: str) -> str:
    """Beside a filter with this word."""
    found = re.search(rf"{word} (\d[\d,+]*)", words(page))
    assert found, words(page)[:2000]
    return found[1]


def beside(item: SyncQueueItem, owner: Owner, status: str, **fields: object) -> SyncQueueItem:
    """The same run in another destination of its owner."""
    return SyncQueueItem.objects.create(
        execution_id=item.execution_id,
        user=owner.user,
        configuration=ConfigurationFactory.create(user=owner.user),
        status=status,
        created_at=item.created_at,
        updated_at=item.updated_at,
        **fields,
    )


def test_a_run_is_one_row_with_a_chip_for_each_destination(ada: Owner, login: Login) -> None:
    item = ada.item("completed", row_count=41, schema_name="PUBLIC", table_name="WORKFLOW_EXECUTION_1")
    failed = beside(item, ada, "failed", error_code="value_does_not_fit", error_message="No.")
    page = text(login(ada.user), "/runs")
    assert runs(page) == [item.execution_id]
    said = words(page)
    assert f"in Snowflake: {ada.configuration}" in said
    assert f"failed: {failed.configuration} value does not fit" in said
    assert " 41 " in said
    assert f'data-copy="{ada.configuration.database}.PUBLIC.WORKFLOW_EXECUTION_1"' in page
    assert item.execution.workflow
    assert item.execution.workflow.name in said
    # It is counted once in all, and in each of its states.
    assert [number(page, word) for word in ("all", "in Snowflake", "failed", "waiting")] == ["1", "1", "1", "0"]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_days_are_those_of_the_viewers_clock(ada: Owner, login: Login, zone: str) -> None:
    with timezone.override(ZoneInfo(zone)):
        now = timezone.localtime()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        # A day on which clocks are changed is longer or shorter than they say.
        since = now.timestamp() - midnight.timestamp()
        today = ada.item(ago=since / 2).execution_id
        yesterday = ada.item(ago=since + 3600).execution_id
        week = ada.item(ago=since + 5 * 86_400 + 3600).execution_id
        before = ada.item(ago=since + 8 * 86_400).execution_id
        client = login(ada.user)
        client.cookies["zone"] = zone
        page = text(client, "/runs?when=today")
        assert runs(page) == [today]
        assert [number(page, word) for word in ("Today", "Yesterday", "7 days")] == ["1", "1", "3"]
        assert runs(text(client, "/runs?when=yesterday")) == [yesterday]
        assert runs(text(client, "/runs?when=7d")) == [today, yesterday, week]
        day = (midnight - timedelta(days=1)).date()
        assert runs(text(client, f"/runs?first={day}&last={day}")) == [yesterday]
        assert runs(text(client, f"/runs?last={day}")) == [yesterday, week, before]


def test_every_number_is_that_of_its_list(ada: Owner, login: Login) -> None:
    for status in ("pending", "processing", "completed", "completed", "skipped"):
        ada.item(status)
    for ago in (10, 90_000):
        ada.failed(ago=ago)
    beside(ada.item("completed"), ada, "completed")
    client = login(ada.user)
    page = text(client, "/runs")
    links = re.findall(r'<a href="(\?[^"]*status=\w+)"[^>]*>.*?class="count">([\d,+]+)', page)
    assert len(links) == 5
    for address, count in links:
        assert len(runs(text(client, f"/runs{address}"))) == int(count)
    assert number(page, "all") == "8" == str(len(runs(page)))


def test_a_run_is_found_by_name_id_table_and_address(
    ada: Owner, owner: Callable[[], Owner], staff: User, login: Login
) -> None:
    item, other = ada.item(), owner().item()
    ada.item()
    Workflow.objects.filter(workflowexecution=item.execution).update(name="Quarterly noise")
    client = login(ada.user)
    for asked in ("q=noise", f"q={item.execution_id}", f"q={item.execution_id[:6]}", "workflow=Quarterly noise"):
        assert runs(text(client, f"/runs?{asked}")) == [item.execution_id], asked
    assert runs(text(client, f"/runs?q={other.execution_id}")) == []
    assert "No run is like that" in text(client, "/runs?q=nothing")
    assert set(runs(text(login(staff), f"/runs?q={ada.user.email}"))) >= {item.execution_id}
    assert other.execution_id not in runs(text(login(staff), f"/runs?q={ada.user.email}"))


def test_pages_lead_on_and_back(ada: Owner, login: Login) -> None:
    made = [ada.item(ago=60 * number).execution_id for number in range(120)]  # one may take a busy machine seconds
    client = login(ada.user)
    seen: list[list[str]] = []
    address, back = "/runs", ""
    while address:
        page = text(client, address)
        seen.append(runs(page))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        before = re.search(r'href="([^"]+)" rel="prev"', page)
        address, back = (f"/runs{following[1]}" if following else ""), (f"/runs{before[1]}" if before else back)
    assert [run for page in seen for run in page] == made
    assert [len(page) for page in seen] == [30, 30, 30, 30]
    assert runs(text(client, back)) == seen[-2]


def test_pages_of_what_is_rare_lead_past_what_is_looked_at(
    ada: Owner, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["sync.reporting.runs"], "LOOKED_AT", 50)
    made = [ada.failed("load_rejected" if number % 5 else "table_not_ours", ago=60 * number) for number in range(120)]
    wanted = [item.execution_id for item in made if item.error_code == "table_not_ours"]
    common = [item.execution_id for item in made if item.error_code == "load_rejected"]
    client, lengths = login(ada.user), {}
    for code, ids in (("table_not_ours", wanted), ("load_rejected", common)):
        seen: list[list[str]] = []
        address = f"/runs?error_code={code}"
        while address:
            page = text(client, address)
            seen.append(runs(page))
            following = re.search(r'href="([^"]+)" rel="next"', page)
            address = f"/runs{following[1]}" if following else ""
        assert [run for page in seen for run in page] == ids
        lengths[code] = [len(page) for page in seen]
    assert lengths == {"table_not_ours": [10, 10, 4], "load_rejected": [30, 30, 30, 6]}


def test_what_is_ticked_is_retried_and_nothing_else(ada: Owner, owner: Callable[[], Owner], login: Login) -> None:
    ticked, other, foreign = [ada.failed(ago=100), ada.failed(ago=90)], ada.failed(ago=80), owner().failed()
    client = login(ada.user)
    address = "/retry?ticked=1" + "".join(f"&run={item.execution_id}" for item in [*ticked, foreign])
    page = text(client, address)
    assert "Retry 2 runs" in page
    sent = {**hidden(page), "run": [item.execution_id for item in [*ticked, foreign]]}
    # What fails again meanwhile has changed since it was counted.
    SyncQueueItem.objects.filter(pk=ticked[1].pk).update(updated_at=timezone.now() + timedelta(seconds=5))
    answer = client.post("/retry", sent, follow=True)
    assert "1 of 2 runs are waiting again" in words(answer.content.decode())
    for item, status in ((ticked[0], "pending"), (ticked[1], "failed"), (other, "failed"), (foreign, "failed")):
        item.refresh_from_db()
        assert item.status == status


def test_one_run_that_goes_to_two_places_is_one_run(ada: Owner, login: Login) -> None:
    item, other = ada.item(ago=100), ada.item(ago=100)
    second = ConfigurationFactory.create(user=ada.user, name="Second")
    there = SyncQueueItem.objects.filter(pk=other.pk)
    there.update(execution=item.execution_id, configuration=second)
    client, address = login(ada.user), f"/load-again?ticked=1&run={item.execution_id}"
    page = text(client, address)
    assert "Load again 1 run (2 loads)?" in words(page)
    assert "A run is a load for each of its destinations." in page
    there.update(status="processing")
    page = text(client, address)
    assert "Load again 1 run (1 load)?" in words(page)
    assert "1 load being loaded by a worker" in page
    answer = client.post("/load-again", {**hidden(page), "run": item.execution_id}, follow=True)
    assert "1 of 1 load is waiting to be loaded again." in answer.content.decode()
    assert "Load again 1 run?" in words(text(client, f"/load-again?ticked=1&run={ada.item().execution_id}"))


def test_nothing_ticked_is_not_everything(ada: Owner, login: Login) -> None:
    item = ada.failed()
    client = login(ada.user)
    for act in ("retry", "skip", "load-again", "leave-out"):
        assert "No run is ticked" in text(client, f"/{act}?ticked=1", 400)
        sent = {"ticked": "1", "as_of": timezone.now().isoformat(), "wanted": "1"}
        assert client.post(f"/{act}", sent).status_code == 400
    item.refresh_from_db()
    assert item.status == "failed"


def test_what_is_in_snowflake_is_loaded_again(ada: Owner, login: Login) -> None:
    item, waiting = ada.item("completed", ago=100), ada.item("skipped")
    client = login(ada.user)
    page = text(client, f"/load-again?ticked=1&run={item.execution_id}&run={waiting.execution_id}")
    assert "Load again 1 run" in page
    client.post("/load-again", {**hidden(page), "run": [item.execution_id, waiting.execution_id]})
    item.refresh_from_db()
    assert (item.status, item.generation) == ("pending", 2)


def test_all_that_match_are_exactly_those_of_the_list(ada: Owner, login: Login) -> None:
    wanted, other = ada.item("pending", ago=100), ada.item("pending", ago=3 * 86_400)
    page = text(client := login(ada.user), "/runs?status=pending&when=7d&first=2020-01-01")
    link = re.search(r'href="(/skip\?[^"]+)">Skip all (\d)', page)
    assert link
    assert link[2] == "2"
    since = (timezone.now() - timedelta(seconds=1000)).isoformat().replace("+", "%2B")
    page = text(client, f"/skip?status=pending&since={since}")
    assert "Skip 1 run" in page
    client.post("/skip", hidden(page))
    for item, status in ((wanted, "skipped"), (other, "pending")):
        item.refresh_from_db()
        assert item.status == status


def test_runs_are_left_out_by_a_rule_that_names_them(ada: Owner, login: Login) -> None:
    failed, loaded, other = ada.failed(ago=50), ada.item("completed", ago=60), ada.failed(ago=70)
    client = login(ada.user)
    page = text(client, f"/leave-out?ticked=1&run={failed.execution_id}&run={loaded.execution_id}")
    assert "Leave out 2 runs" in page
    assert "1 is in Snowflake already" in words(page)
    sent = {**hidden(page), "run": [failed.execution_id, loaded.execution_id]}
    answer = client.post("/leave-out", sent, follow=True)
    assert "leaves out 2 runs" in words(answer.content.decode())
    (rule,) = documents(latest(ada.configuration.pk).rules)
    assert set(rule["when"][0]["value"]) == {failed.execution_id, loaded.execution_id}
    for item, status in ((failed, "skipped"), (loaded, "completed"), (other, "failed")):
        item.refresh_from_db()
        assert item.status == status
    # What was seen is no longer so.
    assert client.post("/leave-out", sent).status_code == 400
    assert len(latest(ada.configuration.pk).rules) == 1


def test_staff_do_what_they_may(ada: Owner, login: Login) -> None:
    item = ada.item("completed")
    operator = UserFactory.create(is_staff=True)
    operator.user_permissions.add(Permission.objects.get(codename="view_syncqueueitem"))
    client = login(operator)
    page = text(client, "/runs")
    assert runs(page) == [item.execution_id]
    assert 'type="checkbox" name="run"' not in page
    for act in ("retry", "skip", "load-again", "leave-out"):
        assert client.get(f"/{act}?run={item.execution_id}").status_code == 403


def test_nothing_is_left_out_of_a_destination_that_staff_may_not_see(ada: Owner, login: Login) -> None:
    item, operator = ada.failed(), UserFactory.create(is_staff=True)
    may = ("view_syncqueueitem", "change_snowflakeconfiguration")
    operator.user_permissions.set(Permission.objects.filter(codename__in=may))
    client, address = login(operator), f"/leave-out?ticked=1&run={item.execution_id}"
    assert "None of these runs is for a destination." in words(client.get(address).content.decode())
    sent = {"ticked": "1", "run": item.execution_id, "part": f"{ada.configuration.pk}:0:1"}
    assert client.post("/leave-out", sent).status_code == 400
    assert latest(ada.configuration.pk).version == 0
    operator.user_permissions.add(Permission.objects.get(codename="view_snowflakeconfiguration"))
    assert "Leave out 1 run" in words(text(login(operator), address))


def test_an_id_that_no_run_can_have_is_none(ada: Owner, login: Login) -> None:
    item, client = ada.failed(), login(ada.user)
    assert runs(text(client, f"/runs?run=%00&run={item.execution_id}")) == [item.execution_id]
    assert "Retry 1 run" in words(text(client, f"/retry?run=%00&run={item.execution_id}"))


def test_lists_are_files_too(ada: Owner, owner: Callable[[], Owner], login: Login) -> None:
    item = ada.failed("load_rejected")
    owner().failed()
    ada.item("completed")
    Workflow.objects.filter(workflowexecution=item.execution).update(name="=1+1;@SUM(1)")
    client = login(ada.user)
    lines = kept(client, "/runs.csv?status=failed").splitlines()
    assert len(lines) == 2
    assert f"{item.execution_id}," in lines[1]
    assert ",'=1+1;'@SUM(1)," in lines[1]
    found = json.loads(kept(client, "/runs.json"))
    assert (len(found["runs"]), found["is_whole"]) == (2, True)
    assert client.get("/runs.csv?status=odd").status_code == 400


def test_what_waits_to_be_routed_is_a_run_once(ada: Owner, login: Login) -> None:
    execution = QueuedFactory.create(workflow=ada.item().execution.workflow)
    WorkflowExecution.objects.filter(pk=execution.pk).update(status="running")
    WorkflowExecution.objects.filter(pk=execution.pk).update(status="completed")
    page = text(login(ada.user), "/runs?status=pending")
    assert runs(page) == [execution.execution_id]
    assert "not chosen yet" in page
    assert number(page, "waiting") == "1"
