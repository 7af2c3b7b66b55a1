"""What changed rules mean for what is loaded: said after saving, counted, confirmed, then done to exactly so many."""

import re
from contextlib import closing
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration
from sync.models import SyncActivity, SyncAttempt, SyncQueueItem, SyncTable, Workflow
from sync.operations import change_rules, rules_of
from sync.operations.rules import effect, removal
from sync.rules import as_yaml, read_rules
from sync.web.console.rule_acts import ACTS as ALL
from tests.factories import WorkflowFactory
from tests.queue.past import add, past
from tests.web.admin.conftest import client_of, operator
from tests.web.console.reading import words

pytestmark = pytest.mark.django_db(transaction=True)

ADMIN = ("view_snowflakeconfiguration", "change_snowflakeconfiguration", "backfill_workflowexecution")
HASH: dict[str, Any] = {"name": "Hash e-mails", "kind": "column", "action": "hash", "columns": ["email"]}
WHERE = {"column": "status", "operator": "eq", "value": "paid"}
PAID: dict[str, Any] = {"name": "Only paid", "kind": "rows", "workflow": "orders", "where": WHERE}
EXCLUDE: dict[str, Any] = {"name": "No noise", "kind": "scope", "action": "exclude", "workflow": "noisy"}
UNTOUCHED = ["completed", "completed", "skipped"]
ACTS = [act.path for act in ALL]


@pytest.fixture
def staff(transactional_db: None) -> Client:
    return client_of(operator(*ADMIN))


@pytest.fixture
def there(workflow: Workflow, destination: SnowflakeConfiguration, noisy: Workflow) -> list[SyncQueueItem]:
    """Rules are at version 1, and each act is for one of these."""
    back = WorkflowFactory.create(user=workflow.user, workflow_id="back", name="Back")
    out = loaded(back, destination, status="skipped", error_code="excluded_by_rule", table_name=None, row_count=None)
    items = [loaded(workflow, destination), loaded(noisy, destination), out]
    put(destination, HASH, EXCLUDE)
    return items


@pytest.fixture
def noisy(workflow: Workflow) -> Workflow:
    return WorkflowFactory.create(user=workflow.user, workflow_id="noisy", name="Noise")


def loaded(workflow: Workflow, destination: SnowflakeConfiguration, **fields: Any) -> SyncQueueItem:
    """An item of an execution that has a table of its own in Snowflake."""
    execution = past(workflow, result_columns=["email", "id"])
    there = {"status": "completed", "schema_name": "S", "table_name": "T", "row_count": 5, "rules_version": 0}
    item = add(execution, destination, **(there | fields))
    if item.table_name == "T":
        table = {"schema_name": "S", "table_name": "T", "execution_id": execution.execution_id}
        SyncTable.objects.create(configuration=destination, database_name=execution.execution_id, **table)
    return item


def at(page: str, destination: SnowflakeConfiguration) -> str:
    name = {"rotate_key": "hash-key", "data": "data"}.get(page, f"rules-{page}")
    return reverse(f"console:{name}", args=[destination.pk])


def shown(answer: Any) -> str:
    return words(unescape(answer.content.decode()))


def put(destination: SnowflakeConfiguration, *rules: dict[str, Any]) -> int:
    return change_rules(destination.pk, rules, author="", expected_version=None).rules.version


def confirmed(client: Client, page: str) -> dict[str, str]:
    """The fields that the page sends once somebody confirms."""
    html = client.get(page).content.decode()
    form = html[html.index("<main") :]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def statuses(*items: SyncQueueItem) -> list[str]:
    return [SyncQueueItem.objects.get(pk=item.pk).status for item in items]


def test_what_was_held_goes_on_once_the_rules_are_saved(
    staff: Client, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    put(destination, {"name": "New ones", "kind": "new_columns", "policy": "hold"})
    item = add(past(workflow), destination, status="failed", error_code="new_column_held")
    SyncAttempt.objects.create(item=item, outcome="failed", rules_version=1)
    committed: list[int] = []

    def watch(execute: Any, sql: Any, *rest: Any) -> Any:
        if "FOR UPDATE OF held" in str(sql):
            with another.cursor() as cursor:
                cursor.execute("SELECT max(version) FROM snowflake_sync_rule_versions")
                committed.append(cursor.fetchone()[0])
        return execute(sql, *rest)

    allow = as_yaml(read_rules([{"name": "New ones", "kind": "new_columns", "policy": "allow"}]))
    sent = {"text": allow, "version": "1", "act": "save"}
    with closing(connection.copy("another")) as another, connection.execute_wrapper(watch):
        answer = staff.post(at("file", destination), sent, follow=True)
    assert "Runs that were held for a new column, and are looked at again: 1." in shown(answer)
    assert statuses(item) == ["pending"]
    assert committed == [2]


def test_what_the_rules_mean_has_a_link_to_each_act(
    staff: Client, workflow: Workflow, noisy: Workflow, destination: SnowflakeConfiguration
) -> None:
    for _ in range(2):
        loaded(workflow, destination)
    loaded(noisy, destination)
    put(destination, PAID | {"workflow": "*"}, EXCLUDE)
    page = staff.get(at("meaning", destination))
    told, html = shown(page), unescape(page.content.decode())
    assert "2 runs are loaded as earlier rules made them." in told
    assert f'href="{at("reload", destination)}">Load 2 runs again…</a>' in html
    assert "1 run is in Snowflake although the rules exclude it; 1 own table would be dropped." in told
    assert f'href="{at("remove", destination)}">Take 1 run out of Snowflake…</a>' in html


def test_those_of_one_workflow_and_of_some_time_are_loaded_again(
    staff: Client, workflow: Workflow, noisy: Workflow, destination: SnowflakeConfiguration
) -> None:
    items = [loaded(workflow, destination), loaded(noisy, destination)]
    put(destination, HASH)
    page = at("reload", destination) + f"?workflow={workflow.workflow_id}"
    assert "Load 1 run again?" in shown(staff.get(page))
    assert "There is nothing to load again." in shown(staff.get(f"{page}&until=2020-01-01"))
    assert "Load 1 run again?" not in shown(staff.get(f"{page}&since=yesterday"))
    assert staff.get(at("reload", destination) + "?workflow=none").status_code == 404
    assert "1 of 1 run queued to be loaded again." in shown(staff.post(page, confirmed(staff, page), follow=True))
    assert statuses(*items) == ["pending", "completed"]


def test_exactly_what_was_counted_is_loaded_again(
    staff: Client, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    items = [loaded(workflow, destination) for _ in range(3)]
    put(destination, HASH)
    page = at("reload", destination)
    assert "Load 3 runs again?" in shown(staff.get(page))
    fields = confirmed(staff, page)
    later = loaded(workflow, destination, rules_version=0)
    done = "3 of 3 runs queued to be loaded again."
    assert done in shown(staff.post(page, fields, follow=True))
    assert statuses(*items, later) == ["pending"] * 3 + ["completed"]
    entry = SyncActivity.objects.latest("id")
    assert (entry.action, entry.subject_id, entry.count) == ("rules_applied", str(destination.pk), 3)


def test_what_takes_longer_goes_on(
    staff: Client, workflow: Workflow, destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [loaded(workflow, destination) for _ in range(3)]
    put(destination, HASH)
    page = at("reload", destination)
    fields = confirmed(staff, page)
    monkeypatch.setattr(effect, "PAGE", 2)
    monkeypatch.setattr("sync.web.console.data_acts.DOING", 0)
    answer = staff.post(page, fields)
    assert "2 of 3 runs queued to be loaded again; 1 run not reached in the time." in shown(answer)
    assert "The time was over before all were done." in shown(answer)
    html = answer.content.decode()
    rest = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html[html.index("<main") :]))
    assert rest["wanted"] == "1"
    assert "1 of 1 run queued to be loaded again." in shown(staff.post(page, rest, follow=True))
    assert statuses(*items) == ["pending"] * 3


def test_what_the_rules_exclude_is_taken_out(
    staff: Client, noisy: Workflow, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    shared = loaded(noisy, destination, table_name="SHARED")
    own, kept = loaded(noisy, destination), loaded(workflow, destination)
    put(destination, EXCLUDE)
    page = at("remove", destination)
    told = shown(staff.get(page))
    assert "Take 2 runs out of Snowflake?" in told
    assert "1 own table would be dropped" in told
    assert "5 rows would be deleted from tables that others share" in told
    fields = confirmed(staff, page)
    assert "2 of 2 runs queued to be taken out" in shown(staff.post(page, fields, follow=True))
    assert set(SyncQueueItem.objects.filter(is_to_be_removed=True)) == {own, shared}
    assert statuses(kept) == ["completed"]


def test_what_no_rule_excludes_any_more_comes_back(
    staff: Client, noisy: Workflow, destination: SnowflakeConfiguration
) -> None:
    put(destination, EXCLUDE)
    out = [loaded(noisy, destination, status="skipped", error_code="excluded_by_rule", table_name=None) for _ in "ab"]
    by_hand = loaded(noisy, destination, status="skipped", error_code="skipped_by_hand", table_name=None)
    page = at("return", destination)
    assert "There is nothing to bring back." in shown(staff.get(page))
    put(destination, {**EXCLUDE, "enabled": False})
    assert "2 runs were excluded, and no rule excludes them any more." in shown(staff.get(at("meaning", destination)))
    assert "Bring back 2 runs?" in shown(staff.get(page))
    assert "2 of 2 runs queued again." in shown(staff.post(page, confirmed(staff, page), follow=True))
    assert statuses(*out, by_hand) == ["pending", "pending", "skipped"]


def test_half_way_it_says_what_is_on_its_way_and_what_failed(
    staff: Client, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    loaded(workflow, destination, status="pending")
    loaded(workflow, destination, status="failed", error_code="load_rejected")
    put(destination, HASH)
    page = shown(staff.get(at("meaning", destination)))
    assert "1 run waiting to be loaded again; 1 run failed on it: to be retried once that is mended." in page
    assert "Load" not in page.partition("What they mean for what is loaded")[2].partition("</ul>")[0]


@pytest.mark.parametrize("path", ACTS)
def test_once_the_rules_have_changed_nothing_is_done(
    staff: Client, there: list[SyncQueueItem], destination: SnowflakeConfiguration, path: str
) -> None:
    page = at(path, destination)
    fields = confirmed(staff, page)
    put(destination, PAID, EXCLUDE)
    assert "The rules are at version 2" in shown(staff.post(page, fields, follow=True))
    assert statuses(*there) == UNTOUCHED


@pytest.mark.parametrize("path", ACTS)
def test_nothing_to_do_is_said_so(staff: Client, destination: SnowflakeConfiguration, path: str) -> None:
    page = shown(staff.get(at(path, destination)))
    assert "There is nothing to" in page
    assert "<button class" not in page.partition("<main")[2]
    put(destination, HASH)
    assert "All that is loaded went by the rules as they are now." in shown(staff.get(at("meaning", destination)))


@pytest.mark.parametrize("path", ACTS)
@pytest.mark.parametrize("spoilt", [{"wanted": "0"}, {"wanted": "-1"}, {"as_of": "now"}, {"version": "x"}, {}])
def test_what_was_not_confirmed_is_not_done(
    staff: Client, there: list[SyncQueueItem], destination: SnowflakeConfiguration, path: str, spoilt: Any
) -> None:
    page = at(path, destination)
    fields = confirmed(staff, page) | spoilt if spoilt else {}
    answer = staff.post(page, fields)
    assert answer.status_code == 200
    assert "1 run" in shown(answer)
    assert statuses(*there) == UNTOUCHED


@pytest.mark.parametrize(
    ("rights", "may"),
    [
        (ADMIN[:1], set()),
        (ADMIN[:2], {"remove", "rotate_key"}),
        ((ADMIN[0], ADMIN[2]), {"reload", "return"}),
        (ADMIN[2:], set()),
        (ADMIN, {"reload", "return", "remove", "rotate_key"}),
    ],
)
def test_each_needs_its_right(
    there: list[SyncQueueItem], destination: SnowflakeConfiguration, rights: tuple[str, ...], may: set[str]
) -> None:
    client, asked = client_of(operator(*rights)), {"version": "1", "wanted": "1", "as_of": "2100-01-01T00:00:00Z"}
    pages = [client.get(at(name, destination)) for name in ("meaning", "data")]
    refused = 403 if ADMIN[0] in rights else 404
    assert {page.status_code for page in pages} == {200 if refused == 403 else 404}
    html = "".join(page.content.decode() for page in pages)
    assert {name for name in (*ACTS, "rotate_key") if f'href="{at(name, destination)}"' in html} == may
    for path in (*ACTS, "rotate_key"):
        answer = client.post(at(path, destination), asked)
        assert answer.status_code == (302 if path in may else refused), path
    assert rules_of(destination.pk).version == (2 if "rotate_key" in may else 1)


@pytest.mark.parametrize("path", [*ACTS, "rotate_key"])
def test_another_site_cannot_confirm(
    there: list[SyncQueueItem], destination: SnowflakeConfiguration, path: str
) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(operator(*ADMIN))
    asked = {"version": "1", "wanted": "1", "as_of": "2100-01-01T00:00:00Z"}
    assert careful.post(at(path, destination), asked).status_code == 403
    assert statuses(*there) == UNTOUCHED
    assert rules_of(destination.pk).version == 1


def test_what_cannot_be_counted_in_time_is_said_so_and_costs_no_page(
    staff: Client, there: list[SyncQueueItem], destination: SnowflakeConfiguration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "PAGE", 1)
    monkeypatch.setattr("sync.web.console.data_acts.LOOKING", 0.001)
    monkeypatch.setattr("sync.web.console.data_acts.COUNTING", 0.001)
    page = shown(staff.get(at("meaning", destination)))
    assert "How many runs are in Snowflake although the rules exclude them could not be counted in time." in page
    assert "use manage.py sync_rules remove." in shown(staff.get(at("remove", destination)))
