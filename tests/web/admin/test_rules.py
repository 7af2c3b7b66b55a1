"""The rules of a destination on its page: read, changed, refused at their fields, and lost to nobody."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncActivity, SyncRule, SyncRuleVersion
from sync.operations import change_rules, rules_of
from sync.rules import documents, from_text, read_rules
from tests.factories import UserFactory
from tests.web.admin.conftest import client_of, operator
from tests.web.admin.test_configurations import filled, said, url

pytestmark = pytest.mark.django_db(transaction=True)

HASH: dict[str, Any] = {"name": "Hash e-mails", "kind": "column", "action": "hash", "columns": ["email"]}
PAID: dict[str, Any] = {
    "name": "Only paid",
    "kind": "rows",
    "workflow": "orders",
    "where": {"column": "status", "operator": "eq", "value": "paid"},
}
NOISY: dict[str, Any] = {"name": "No noise", "kind": "scope", "action": "exclude", "workflow": "noisy-*"}
ROW = ("position", "enabled", "name", "kind", "workflow", "settings", "note", "DELETE")


@pytest.fixture
def staff(transactional_db: None) -> Client:
    return client_of(operator("view_snowflakeconfiguration", "change_snowflakeconfiguration"))


def put(destination: SnowflakeConfiguration, *rules: dict[str, Any], author: str = "ann@example.com") -> None:
    change_rules(destination.pk, rules, author=author, expected_version=None)


def there(destination: SnowflakeConfiguration) -> list[dict[str, Any]]:
    return documents(rules_of(destination.pk).rules)


def opened(client: Client, destination: SnowflakeConfiguration) -> dict[str, Any]:
    """The fields of the page, as a browser would send them."""
    page = client.get(url("change", destination)).content.decode()
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>|<textarea.*?</textarea>|<select.*?</select>", page, re.DOTALL):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        if not name or (kind and kind[1] == "submit") or name[1] in ("csrfmiddlewaretoken", "q"):
            continue
        if kind and kind[1] == "checkbox":
            if " checked" in tag:
                fields[name[1]] = "on"
        elif tag.startswith("<select"):
            chosen = re.search(r'value="([^"]*)" selected', tag)
            fields[name[1]] = chosen[1] if chosen else ""
        elif tag.startswith("<textarea"):
            fields[name[1]] = unescape(tag.partition(">")[2].removesuffix("</textarea>")).removeprefix("\n")
        else:
            value = re.search(r'value="([^"]*)"', tag)
            fields[name[1]] = unescape(value[1]) if value else ""
    return fields


def row(number: int, **fields: str) -> dict[str, str]:
    assert set(fields) <= set(ROW)
    return {f"rules-{number}-{name}": value for name, value in fields.items()}


def errors(answer: Any, number: int) -> dict[str, list[str]]:
    assert answer.status_code == 200, said(answer)
    (inline,) = answer.context["inline_admin_formsets"]
    return {name: list(map(str, found)) for name, found in inline.formset.forms[number].errors.items()}


def shown(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def test_what_is_opened_and_saved_as_it_is_makes_no_version(staff: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH, PAID, NOISY)
    assert staff.post(url("change", destination), opened(staff, destination)).status_code == 302
    assert rules_of(destination.pk).version == 1
    assert there(destination) == [HASH, PAID, NOISY]


def test_rules_are_added_changed_moved_switched_off_and_deleted_as_one_version(
    staff: Client, destination: SnowflakeConfiguration
) -> None:
    put(destination, HASH, PAID, NOISY)
    fields = opened(staff, destination)
    fields |= row(0, position="3", note="Since May") | row(1, DELETE="on")
    fields |= row(3, name="Region", kind="add", settings="column: region\nparameter: customer.region", position="0")
    del fields["rules-2-enabled"]
    answer = staff.post(url("change", destination), fields, follow=True)
    assert "The rules are at version 2." in said(answer)
    region = {"name": "Region", "kind": "add", "column": "region", "parameter": "customer.region"}
    # Two with the same number stand as they stood.
    assert there(destination) == [region, {**HASH, "note": "Since May"}, {**NOISY, "enabled": False}]
    assert SyncRuleVersion.objects.get(version=2).author == "operator@example.com"
    assert SyncActivity.objects.filter(action="rules_changed", face="admin", note="version 2").exists()


def test_rules_of_a_new_destination_are_there_before_anything_is_loaded(transactional_db: None) -> None:
    client = client_of(operator("view_snowflakeconfiguration", "add_snowflakeconfiguration", "view_user"))
    fields = filled(UserFactory.create()) | {"rules-TOTAL_FORMS": "1", "rules-INITIAL_FORMS": "0", "rules-version": "0"}
    fields |= row(0, name="Hash", kind="column", settings="action: hash\ncolumns: [email]", enabled="on", workflow="*")
    assert client.post(url("add"), fields).status_code == 302
    created = SnowflakeConfiguration.objects.get()
    assert there(created) == [{"name": "Hash", "kind": "column", "action": "hash", "columns": ["email"]}]
    assert rules_of(created.pk).hash_key == 1


@pytest.mark.parametrize(
    ("fields", "field", "error"),
    [
        ({"settings": "action: hash"}, "settings", "columns: is missing"),
        ({"settings": "action: hash\ncolumns: [a, 5]"}, "settings", "columns.1: has to be a text"),
        ({"settings": "action: hsh\ncolumns: [a]"}, "settings", "action has to be one of"),
        ({"settings": "action: hash\ncolumns: *"}, "settings", "line 2: a text that begins with *"),
        ({"settings": "- hash"}, "settings", "keys with values"),
        ({"settings": "action: hash\ncolumns: [a]\nname: b"}, "settings", "a field of its own beside it: name"),
        ({"settings": "where: {column: a, operator: eq, value: 1}", "kind": ""}, "kind", "required"),
        ({"name": "only PAID"}, "name", "rule 2 has the same name"),
        ({"name": "a\x01b"}, "name", "holds a character"),
        ({"name": ""}, "name", "required"),
        ({"position": "first"}, "position", "whole number"),
    ],
)
def test_a_mistake_stands_at_its_row_and_field_and_nothing_is_lost(
    staff: Client, destination: SnowflakeConfiguration, fields: dict[str, str], field: str, error: str
) -> None:
    put(destination, HASH, PAID)
    right = {"name": "New", "kind": "column", "settings": "action: drop\ncolumns: [a]", "note": "Mine"}
    answer = staff.post(url("change", destination), opened(staff, destination) | row(2, **(right | fields)))
    found = errors(answer, 2)
    assert list(found) == [field]
    assert error in " ".join(found[field])
    assert errors(answer, 0) == errors(answer, 1) == {}
    page = answer.content.decode()
    assert 'value="Mine"' in page
    assert unescape(page).count((right | fields)["settings"]) >= 1
    assert page.count('<details class="sync-rule-body" open>') == 1
    assert there(destination) == [HASH, PAID]


def test_who_was_overtaken_is_told_by_whom_and_when_and_loses_nothing(
    staff: Client, destination: SnowflakeConfiguration
) -> None:
    put(destination, HASH)
    fields = opened(staff, destination) | {"name": "Renamed"} | row(0, note="Mine")
    put(destination, HASH, PAID, author="grace@example.com")
    answer = staff.post(url("change", destination), fields)
    page = shown(answer)
    made = SyncRuleVersion.objects.get(version=2).made_at
    assert f"version 2, made by grace@example.com at {made:%Y-%m-%d %H:%M:%S} UTC" in page
    assert reverse("console:rules", args=[destination.pk, 2]) in page
    assert 'value="Mine"' in page
    assert there(destination) == [HASH, PAID]
    # Nothing of the page was saved, and saving it again says the same.
    assert SnowflakeConfiguration.objects.get().name == destination.name
    assert "made by grace" in shown(staff.post(url("change", destination), fields))

    staff.post(url("change", destination), fields | {"rules-over": "2"})
    assert there(destination) == [{**HASH, "note": "Mine"}]
    assert SnowflakeConfiguration.objects.get().name == "Renamed"
    assert rules_of(destination.pk).version == 3


def test_who_knows_of_one_version_does_not_replace_the_next(staff: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH)
    fields = opened(staff, destination) | row(0, note="Mine") | {"rules-over": "2"}
    put(destination, HASH, PAID)
    put(destination, PAID, author="grace@example.com")
    assert "version 3, made by grace@example.com" in shown(staff.post(url("change", destination), fields))
    assert there(destination) == [PAID]


def test_who_changes_something_else_is_not_in_the_way(staff: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH)
    fields = opened(staff, destination) | {"name": "Renamed"}
    put(destination, HASH, PAID)
    assert staff.post(url("change", destination), fields).status_code == 302
    assert there(destination) == [HASH, PAID]
    assert SnowflakeConfiguration.objects.get().name == "Renamed"


def test_a_form_without_rules_leaves_them_as_they_are(staff: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, HASH)
    fields = {name: value for name, value in opened(staff, destination).items() if not name.startswith("rules-")}
    assert staff.post(url("change", destination), fields | {"name": "Renamed"}).status_code == 302
    assert SnowflakeConfiguration.objects.get().name == "Renamed"
    assert there(destination) == [HASH]
    answer = staff.post(url("change", destination), fields | {"warehouse": ""})
    assert "Hash e-mails" in answer.content.decode()


def test_who_may_only_look_sees_rules_and_changes_none(destination: SnowflakeConfiguration) -> None:
    put(destination, HASH, {**PAID, "enabled": False})
    viewer = client_of(operator("view_snowflakeconfiguration"))
    page = viewer.get(url("change", destination)).content.decode()
    assert "Hash e-mails" in page
    assert "Only paid (off)" in page
    assert "<code>orders</code>" in page
    assert "action: hash" in page
    assert 'name="rules-' not in page
    fields = row(0, name="Mine", kind="column", settings="action: drop\ncolumns: [a]") | {"rules-version": "1"}
    assert viewer.post(url("change", destination), filled(destination.user) | fields).status_code == 403
    assert viewer.post(url("rules_rotate_key", destination), {"version": "1"}).status_code == 403
    assert rules_of(destination.pk).version == 1


def test_more_rules_than_a_page_holds_are_left_to_other_ways(
    staff: Client, destination: SnowflakeConfiguration
) -> None:
    many = [{**HASH, "name": f"rule {number}"} for number in range(200)]
    put(destination, *many)
    fields = opened(staff, destination)
    assert not any(name.startswith("rules-") for name in fields)
    assert "There are 200 rules." in shown(staff.get(url("change", destination)))
    assert staff.post(url("change", destination), fields | {"name": "Renamed"}).status_code == 302
    assert SnowflakeConfiguration.objects.get().name == "Renamed"
    assert len(there(destination)) == 200


def test_a_page_full_of_rules_can_be_saved(staff: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, *({**HASH, "name": f"rule {number}", "note": "x"} for number in range(100)))
    fields = opened(staff, destination)
    fields |= {f"rules-{number}-position": str(100 - number) for number in range(100)}
    fields |= {f"rules-{number}-DELETE": "on" for number in range(50)}
    assert staff.post(url("change", destination), fields).status_code == 302
    assert [rule["name"] for rule in there(destination)] == [f"rule {number}" for number in reversed(range(50, 100))]


def test_rules_that_cannot_be_read_stay_as_they_are(staff: Client, destination: SnowflakeConfiguration) -> None:
    SyncRuleVersion.objects.create(configuration=destination, version=1, rules=[{"kind": "of later on"}])
    fields = opened(staff, destination)
    assert "cannot be read" in shown(staff.get(url("change", destination)))
    assert "cannot be read" in shown(staff.get(url("rules", destination)))
    assert "cannot be read" in shown(staff.get(reverse("console:rules", args=[destination.pk, 1])))
    assert staff.post(url("change", destination), fields | {"name": "Renamed"}).status_code == 302
    assert SyncRuleVersion.objects.count() == 1


def test_the_table_that_people_edit_says_the_same(staff: Client, destination: SnowflakeConfiguration) -> None:
    fields = opened(staff, destination)
    fields |= row(0, name="B", kind="column", settings="action: drop\ncolumns: [b]", position="2")
    fields |= row(1, name="A", kind="column", settings="action: drop\ncolumns: [a]", position="1")
    staff.post(url("change", destination), fields)
    rows = SyncRule.objects.values_list("position", "name", "settings", "is_active")
    assert list(rows) == [
        (1, "A", {"action": "drop", "columns": ["a"]}, True),
        (2, "B", {"action": "drop", "columns": ["b"]}, True),
    ]


def test_the_examples_are_rules() -> None:
    page = settings.BASE_DIR / "templates/admin/accounts/snowflakeconfiguration/rules_examples.html"
    examples = re.findall(r'<pre data-kind="(\w+)">(.*?)</pre>', Path(page).read_text(encoding="utf-8"), re.DOTALL)
    assert {kind for kind, _ in examples} == set(SyncRule.Kind.values)
    for number, (kind, text) in enumerate(examples):
        read_rules([{"name": f"{number}", "kind": kind, **from_text(unescape(text))}])


def test_the_hash_key_is_rotated_once_and_with_a_warning(staff: Client, destination: SnowflakeConfiguration) -> None:
    put(destination, PAID)
    assert "no key in use" in shown(staff.get(url("rules_rotate_key", destination)))
    put(destination, HASH)
    page = url("rules_rotate_key", destination)
    assert "joins with nothing that was loaded before" in shown(staff.get(page))
    answer = staff.post(page, {"version": "2"}, follow=True)
    assert "Version 3 of the rules hashes with key 2." in said(answer)
    assert "The rules are at version 3" in said(staff.post(page, {"version": "2"}, follow=True))
    assert "The rules are at version 3" in said(staff.post(page, {}, follow=True))
    assert rules_of(destination.pk).hash_key == 2


def test_the_page_of_the_rules_says_what_is_to_be_said(staff: Client, destination: SnowflakeConfiguration) -> None:
    assert "There are no rules" in shown(staff.get(url("rules", destination)))
    put(destination, {**HASH, "workflow": "no-such"})
    put(destination, {**HASH, "workflow": "no-such"}, PAID, author="grace@example.com")
    page = shown(staff.get(url("rules", destination)))
    assert "Warning, rule “Hash e-mails”:" in page
    assert '"no-such"' in page
    assert "grace@example.com" in page
    assert reverse("console:rules", args=[destination.pk, 1]) in page


def test_a_user_without_a_name_is_an_author(destination: SnowflakeConfiguration) -> None:
    client = client_of(User.objects.create_superuser("root@example.com", "a password"))
    fields = opened(client, destination) | row(0, name="A", kind="column", settings="action: drop\ncolumns: [a]")
    client.post(url("change", destination), fields)
    assert SyncRuleVersion.objects.get().author == "root@example.com"
