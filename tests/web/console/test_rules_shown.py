"""Where a run is shown: which rule left it out, what rules left of it, and by which version."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sync.models import SyncAttempt, SyncQueueItem, SyncRuleVersion, Workflow
from sync.operations import change_rules
from tests.factories import UserFactory
from tests.web.admin.conftest import VIEW, Make, client_of, destination, make, operator, workflow
from tests.web.console.test_data_acts import HASH, PAID

__all__ = ["destination", "make", "workflow"]
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


def page_of(item: SyncQueueItem) -> str:
    return reverse("console:run", args=[item.execution_id])


def test_the_rule_that_leaves_it_out_is_named(staff: Client, make: Make) -> None:
    item = make(**EXCLUDED)
    page = staff.get(page_of(item)).content.decode()
    assert "Rule &quot;No &lt;b&gt;noise&lt;/b&gt;&quot; excludes it" in page
    assert "Nothing, if that is meant. Otherwise change the rule or switch it off" in unescape(page)
    assert "left out" in shown(staff.get(reverse("console:runs")))


def test_an_earlier_result_that_is_still_there_is_said(staff: Client, make: Make) -> None:
    item = make(**EXCLUDED, schema_name="S", table_name="T", row_count=5)
    assert "An earlier result of it is in S.T." in shown(staff.get(page_of(item)))


@pytest.mark.parametrize(("status", "said"), [("pending", "is to be taken out of"), ("processing", "is taking it out")])
def test_what_is_being_taken_out_is_said_so(staff: Client, make: Make, status: str, said: str) -> None:
    item = make(status=status, is_to_be_removed=True, table_name="T")
    assert said in shown(staff.get(page_of(item)))


def test_excluded_is_a_filter(staff: Client, make: Make) -> None:
    out, other = make(**EXCLUDED), make(status="skipped", error_code="skipped_by_hand")
    listed = staff.get("/runs?status=skipped&error_code=excluded_by_rule").content.decode()
    assert out.execution_id in listed
    assert other.execution_id not in listed


def test_how_many_rows_were_kept_is_said_wherever_rows_are(staff: Client, make: Make) -> None:
    item = make(**KEPT)
    SyncAttempt.objects.create(
        item=item, configuration=item.configuration, outcome="completed", row_count=0, source_row_count=1000
    )
    for address in (reverse("console:runs"), page_of(item), reverse("admin:sync_syncattempt_changelist")):
        assert "0 of 1,000 rows kept" in shown(staff.get(address)), address
    SyncQueueItem.objects.filter(pk=item.pk).update(source_row_count=None, row_count=7)
    assert "7 rows" in shown(staff.get(page_of(item)))


def test_the_version_is_said_with_its_document_and_what_has_become_of_it(
    staff: Client, make: Make, destination: SnowflakeConfiguration
) -> None:
    item = make(**KEPT)
    SyncAttempt.objects.create(item=item, configuration=destination, outcome="completed", rules_version=1)
    page = page_of(item)
    assert f"/destinations/{destination.pk}/rules/" not in shown(staff.get(page))
    put(destination, HASH)
    link, later = (reverse("console:rules", args=[destination.pk, version]) for version in (1, 2))
    assert f'<a href="{link}">version 1</a>' in shown(staff.get(page))
    assert "in force is" not in shown(staff.get(page))
    put(destination, HASH, {**PAID, "workflow": "another"})
    assert f'in force is <a href="{later}">version 2</a>, which makes the same of it' in shown(staff.get(page))
    put(destination, HASH, {**HASH, "name": "Others", "columns": ["no_such_column"]})
    assert "version 3</a>, which makes the same of it" in shown(staff.get(page))
    put(destination, PAID | {"workflow": "*"})
    assert "which makes <strong>something else</strong> of it" in shown(staff.get(page))
    assert staff.get(link).status_code == 200
    SyncQueueItem.objects.filter(pk=item.pk).update(rules_version=None)
    assert "none yet; in force is" in shown(staff.get(page))
    SyncQueueItem.objects.filter(pk=item.pk).update(table_name=None)
    assert "none yet" not in shown(staff.get(page))


def test_whether_a_version_excludes_it_is_said(staff: Client, make: Make, destination: SnowflakeConfiguration) -> None:
    item = make(**KEPT)
    SyncAttempt.objects.create(item=item, configuration=destination, outcome="removed", rules_version=1)
    out = {"name": "Out", "kind": "scope", "action": "exclude"}
    put(destination, out)
    said = (
        ([HASH], "version 1</a>, which excludes it; in force", "version 2</a>, which does not"),
        ([HASH, out], "version 1</a>, which excludes it; in force", "version 3</a>, which excludes it, too"),
    )
    for rules, *sentences in said:
        put(destination, *rules)
        page = shown(staff.get(page_of(item)))
        assert all(sentence in page for sentence in sentences)


def test_rules_that_cannot_be_read_cost_no_page(staff: Client, make: Make, destination: SnowflakeConfiguration) -> None:
    item = make(**KEPT)
    SyncRuleVersion.objects.create(configuration=destination, version=1, rules=[{"kind": "of later on"}])
    assert staff.get(page_of(item)).status_code == 200


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
