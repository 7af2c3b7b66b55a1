"""A destination's rules in the admin's form: in order, checked, one version each time, nobody's change lost."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import SnowflakeConfiguration
from sync.models import SyncActivity, SyncRuleVersion
from sync.operations import change_rules, rules_of
from tests.factories import ConfigurationFactory
from tests.web.admin.conftest import client_of, operator
from tests.web.console.reading import fields_of

pytestmark = pytest.mark.django_db(transaction=True)

DROP: dict[str, Any] = {"name": "No notes", "kind": "column", "action": "drop", "columns": ["note"]}
PAID: dict[str, Any] = {"name": "Paid", "kind": "rows", "where": {"column": "state", "operator": "eq", "value": "paid"}}
NEW = {"name": "Hashed", "kind": "column", "workflow": "*", "settings": '{"action": "hash", "columns": ["e_mail"]}'}


@pytest.fixture
def destination(transactional_db: None) -> SnowflakeConfiguration:
    about = ConfigurationFactory.create()
    change_rules(about.pk, [DROP, PAID], author="ada", expected_version=None)
    return about


@pytest.fixture
def form(admin_client: Client, destination: SnowflakeConfiguration) -> Any:
    return lambda: fields_of(admin_client.get(_url(destination)).content.decode())


def _url(about: SnowflakeConfiguration) -> str:
    return f"/admin/accounts/snowflakeconfiguration/{about.pk}/change/"


def names(about: SnowflakeConfiguration) -> list[str]:
    return [rule.name for rule in rules_of(about.pk).rules]


def row(number: int, **fields: str) -> dict[str, str]:
    return {f"rules-{number}-{name}": value for name, value in fields.items()}


def test_they_are_shown_in_order_and_saved_as_one_version(
    admin_client: Client, destination: SnowflakeConfiguration, form: Any
) -> None:
    sent = form()
    assert [sent[f"rules-{number}-name"] for number in (0, 1)] == ["No notes", "Paid"]
    sent |= row(0, position="3", note="nobody reads them") | row(2, position="1", **NEW)
    assert admin_client.post(_url(destination), sent).status_code == 302
    assert names(destination) == ["Hashed", "Paid", "No notes"]
    assert SyncRuleVersion.objects.count() == 2
    entry = SyncActivity.objects.filter(action="rules_changed").latest("id")
    assert (entry.face, entry.subject_id) == ("admin", str(destination.pk))


def test_one_is_switched_off_and_one_deleted(
    admin_client: Client, destination: SnowflakeConfiguration, form: Any
) -> None:
    sent = form()
    del sent["rules-0-is_active"]
    assert admin_client.post(_url(destination), sent | row(1, DELETE="on")).status_code == 302
    assert [(rule.name, rule.enabled) for rule in rules_of(destination.pk).rules] == [("No notes", False)]


def test_what_is_no_rule_is_told_at_its_field_and_nothing_is_saved(
    admin_client: Client, destination: SnowflakeConfiguration, form: Any
) -> None:
    for wrong, said in (
        ({"settings": '{"action": "melt", "columns": ["a"]}'}, "has to be one of"),
        ({"settings": "[1]"}, "It has to be an object"),
        ({"settings": "{"}, "Enter a valid JSON"),
        ({"name": "paid"}, "name"),
    ):
        page = admin_client.post(_url(destination), form() | row(2, **{**NEW, **wrong}))
        assert page.status_code == 200
        assert said in page.content.decode()
    assert names(destination) == ["No notes", "Paid"]


def test_the_form_without_a_change_makes_no_version(
    admin_client: Client, destination: SnowflakeConfiguration, form: Any
) -> None:
    assert admin_client.post(_url(destination), form()).status_code == 302
    assert SyncRuleVersion.objects.count() == 1


def test_what_somebody_changed_meanwhile_is_not_lost(
    admin_client: Client, destination: SnowflakeConfiguration, form: Any
) -> None:
    sent = form()
    change_rules(destination.pk, [PAID], author="grace", expected_version=1)
    page = admin_client.post(_url(destination), sent | row(2, **NEW))
    assert "Somebody changed the rules meanwhile" in page.content.decode()
    assert NEW["settings"] in unescape(page.content.decode())
    assert names(destination) == ["Paid"]


def test_more_than_fit_are_said_to_be_elsewhere_and_stay(
    admin_client: Client, destination: SnowflakeConfiguration, form: Any
) -> None:
    many = [{**DROP, "name": f"rule {number}"} for number in range(81)]
    change_rules(destination.pk, many, author="ada", expected_version=None)
    assert "It has 81 rules, more than fit here" in admin_client.get(_url(destination)).content.decode()
    assert admin_client.post(_url(destination), form()).status_code == 302
    assert names(destination) == [rule["name"] for rule in many]


def test_whoever_may_only_look_sees_them(destination: SnowflakeConfiguration) -> None:
    page = client_of(operator("view_snowflakeconfiguration")).get(_url(destination)).content.decode()
    assert "No notes" in page
    assert 'name="rules-0-name"' not in page
