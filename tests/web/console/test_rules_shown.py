"""Wherever an item or an attempt is shown: which rule left it out, what rules left of it, and by which version."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, SyncRuleVersion, Workflow
from sync.operations import change_rules
from tests.factories import ConfigurationFactory, UserFactory
from tests.web.admin.conftest import VIEW, Make, client_of, operator
from tests.web.console.test_data_acts import HASH, PAID

pytestmark = pytest.mark.django_db


def shown(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


EXCLUDED = {
    "status": "skipped",
    "error_code": "excluded_by_rule",
    "error_message": 'Rule "No <b>noise</b>" excludes it.',
}
KEPT = {
    "status": "completed",
    "schema_name": "S",
    "table_name": "T",
    "row_count": 0,
    "source_row_count": 1000,
    "rules_version": 1,
    "processed_at": timezone.now(),
}


@pytest.fixture
def staff(db: None) -> Client:
    return client_of(operator(*VIEW, "view_snowflakeconfiguration"))


def put(destination: SnowflakeConfiguration, *rules: dict[str, Any]) -> None:
    change_rules(destination.pk, rules, author="ann@example.com", expected_version=None)


def pages_of(item: SyncQueueItem) -> list[str]:
    """Of a single item, in admin and console."""
    return [
        reverse("admin:sync_syncqueueitem_change", args=[item.pk]),
        reverse("console:run", args=[item.execution_id]),
    ]


def test_the_rule_that_leaves_it_out_is_named_everywhere(
    staff: Client, make: Make, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    item = make(**EXCLUDED)
    other = SyncQueueItem.objects.create(
        execution=item.execution,
        user=workflow.user,
        configuration=ConfigurationFactory.create(user=workflow.user),
        status="completed",
    )
    lists = [reverse("admin:sync_syncqueueitem_changelist")]
    of_execution = reverse("admin:sync_workflowexecution_change", args=[item.execution.pk])
    neighbours = reverse("admin:sync_syncqueueitem_change", args=[other.pk])
    for address in (*lists, *pages_of(item), of_execution, neighbours):
        page = staff.get(address).content.decode()
        assert "Rule &quot;No &lt;b&gt;noise&lt;/b&gt;&quot; excludes it" in page, address
    assert "left out" in shown(staff.get(reverse("console:runs")))
    for address in pages_of(item):
        assert "Nothing, if that is meant. Otherwise change the rule or switch it off" in shown(staff.get(address))


def test_an_earlier_result_that_is_still_there_is_said(staff: Client, make: Make) -> None:
    item = make(**EXCLUDED, schema_name="S", table_name="T", row_count=5)
    for address in pages_of(item):
        assert "An earlier result of it is in S.T." in shown(staff.get(address))


@pytest.mark.parametrize(("status", "said"), [("pending", "is to be taken out of"), ("processing", "is taking it out")])
def test_what_is_being_taken_out_is_said_so(staff: Client, make: Make, status: str, said: str) -> None:
    item = make(status=status, is_to_be_removed=True, table_name="T")
    for address in pages_of(item):
        assert said in shown(staff.get(address))


def test_excluded_is_a_filter(staff: Client, make: Make) -> None:
    out, other = make(**EXCLUDED), make(status="skipped", error_code="skipped_by_hand")
    admin = reverse("admin:sync_syncqueueitem_changelist")
    links = re.findall(r'href="\?([^"]*excluded_by_rule[^"]*)"', staff.get(admin).content.decode())
    wanted = frozenset({"status=skipped", "error_code=excluded_by_rule"})
    assert {frozenset(unescape(link).split("&")) for link in links} == {wanted}
    for address in (admin, reverse("console:runs")):
        listed = staff.get(f"{address}?status=skipped&error_code=excluded_by_rule").content.decode()
        assert out.execution_id in listed
        assert other.execution_id not in listed


def test_how_many_rows_were_kept_is_said_wherever_rows_are(staff: Client, make: Make) -> None:
    item = make(**KEPT)
    attempt = SyncAttempt.objects.create(
        item=item, configuration=item.configuration, outcome="completed", row_count=0, source_row_count=1000
    )
    lists = [reverse("console:runs"), reverse("admin:sync_syncattempt_changelist")]
    for address in (*lists, *pages_of(item), reverse("admin:sync_syncattempt_change", args=[attempt.pk])):
        assert "0 of 1,000 rows kept" in shown(staff.get(address)), address
    SyncQueueItem.objects.filter(pk=item.pk).update(source_row_count=None, row_count=7)
    of_item, of_run = (shown(staff.get(address)) for address in pages_of(item))
    assert "It is in Snowflake in S.T: 7 rows" in of_item
    assert "<dt>Rows</dt><dd>7</dd>" in of_item
    assert "7 rows" in of_run


def test_the_version_is_said_with_its_document_and_what_has_become_of_it(
    staff: Client, make: Make, destination: SnowflakeConfiguration
) -> None:
    item = make(**KEPT)
    attempt = SyncAttempt.objects.create(item=item, configuration=destination, outcome="completed", rules_version=1)
    pages = [*pages_of(item), reverse("admin:sync_syncattempt_change", args=[attempt.pk])]
    for address in pages:
        assert f"/destinations/{destination.pk}/rules/" not in shown(staff.get(address))
    put(destination, HASH)
    link, later = (reverse("console:rules", args=[destination.pk, version]) for version in (1, 2))
    for address in pages:
        page = shown(staff.get(address))
        assert f'<a href="{link}">version 1</a>' in page, address
        assert "in force is" not in page
    put(destination, HASH, {**PAID, "workflow": "another"})
    for address in pages:
        assert f'in force is <a href="{later}">version 2</a>, which makes the same of it' in shown(staff.get(address))
    put(destination, HASH, {**HASH, "name": "Others", "columns": ["no_such_column"]})
    for address in pages:
        assert "version 3</a>, which makes the same of it" in shown(staff.get(address)), address
    put(destination, PAID | {"workflow": "*"})
    for address in pages:
        assert "which makes <strong>something else</strong> of it" in shown(staff.get(address)), address
    assert staff.get(link).status_code == 200
    SyncQueueItem.objects.filter(pk=item.pk).update(rules_version=None)
    assert "<dt>Rules</dt><dd>none yet; in force is" in shown(staff.get(pages[0]))
    SyncQueueItem.objects.filter(pk=item.pk).update(table_name=None)
    assert "<dt>Rules</dt><dd>none yet" not in shown(staff.get(pages[0]))


def test_whether_a_version_excludes_it_is_said(staff: Client, make: Make, destination: SnowflakeConfiguration) -> None:
    item = make(**KEPT)
    attempt = SyncAttempt.objects.create(item=item, configuration=destination, outcome="removed", rules_version=1)
    out = {"name": "Out", "kind": "scope", "action": "exclude"}
    put(destination, out)
    pages = [
        reverse("console:run", args=[item.execution_id]),
        reverse("admin:sync_syncattempt_change", args=[attempt.pk]),
    ]
    said = (
        ([HASH], "version 1</a>, which excludes it; in force", "version 2</a>, which does not"),
        ([HASH, out], "version 1</a>, which excludes it; in force", "version 3</a>, which excludes it, too"),
    )
    for rules, *sentences in said:
        put(destination, *rules)
        for address in pages:
            page = shown(staff.get(address))
            assert all(sentence in page for sentence in sentences), address
    SyncAttempt.objects.filter(pk=attempt.pk).update(rules_version=2, outcome="completed")
    assert "version 2</a>; in force is" in shown(staff.get(pages[1]))
    assert "version 3</a>, which excludes it" in shown(staff.get(pages[1]))


def test_rules_that_cannot_be_read_cost_no_page(staff: Client, make: Make, destination: SnowflakeConfiguration) -> None:
    item = make(**KEPT)
    SyncRuleVersion.objects.create(configuration=destination, version=1, rules=[{"kind": "of later on"}])
    for address in pages_of(item):
        assert staff.get(address).status_code == 200


def test_a_version_is_for_its_owner_and_for_who_may_see_destinations(
    make: Make, workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    put(destination, HASH)
    put(destination, HASH, PAID)
    address = reverse("console:rules", args=[destination.pk, 2])
    assert workflow.user
    owner, viewer = client_of(workflow.user), client_of(operator("view_snowflakeconfiguration"))
    for client in (owner, viewer):
        page = shown(client.get(address))
        assert "by ann@example.com" in page
        assert "It is in force." in page
        assert "+ rule 2 is added" in page
        assert "action: hash" in page
        assert reverse("console:rules", args=[destination.pk, 1]) in page
    assert "In force is" in shown(owner.get(reverse("console:rules", args=[destination.pk, 1])))
    others = [client_of(UserFactory.create()), client_of(operator(*VIEW, email="other@example.com"))]
    for client in others:
        assert client.get(address).status_code == 404
    assert Client().get(address).status_code == 302
    for version in (0, 3, 2**31, 2**70):
        assert owner.get(f"/destinations/{destination.pk}/rules/{version}").status_code == 404
