"""An execution that a rule keeps out is the same on every face: which rule it was, what to do, and that all is well."""

import io
import json
from datetime import UTC, datetime
from html import unescape

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from sync import queue
from sync.errors import CATALOGUE
from sync.models import SyncQueueItem
from sync.operations import change_rules
from tests.factories import ConfigurationFactory, ExecutionFactory, UserFactory, WorkflowFactory
from tests.web.api.conftest import caller_of

NAME = 'No "noise" <b>at all</b>'
RULE = {"name": NAME, "kind": "scope", "action": "exclude", "workflow": "noisy"}
SAID, REMEDY = f'Rule "{NAME}" excludes it', CATALOGUE["excluded_by_rule"].remedy


def page(staff: Client, address: str) -> str:
    answer = staff.get(address)
    assert answer.status_code == 200, address
    return " ".join(unescape(answer.content.decode()).split())


@pytest.mark.django_db
def test_every_face_names_the_rule_and_what_to_do() -> None:
    user = UserFactory.create()
    destination = ConfigurationFactory.create(user=user)
    change_rules(destination.pk, [RULE], author="", expected_version=None)
    execution = ExecutionFactory.create(workflow=WorkflowFactory.create(user=user, workflow_id="noisy"))
    queue.register_worker("host", 17, 5)
    queue.route(now=datetime.now(UTC))
    item = SyncQueueItem.objects.get()

    execution.refresh_from_db()
    assert (execution.snowflake_status, execution.snowflake_error_message) == ("skipped", f"{SAID}. {REMEDY}")

    caller = caller_of(user)
    status = caller.get(f"execution/{execution.execution_id}/sync-status").json()
    (listed,) = caller.get("queue").json()["items"]
    for told in (*status["destinations"], listed):
        assert (told["status"], told["error_code"]) == ("skipped", "excluded_by_rule")
        assert (told["error_message"].rstrip("."), told["what_to_do"]) == (SAID, REMEDY)

    staff = Client()
    staff.force_login(User.objects.create_superuser("staff@example.com"))
    for name, key in (("console:run", execution.execution_id), ("admin:sync_syncqueueitem_change", item.pk)):
        address = reverse(name, args=[key])
        assert SAID in page(staff, address), address
        assert REMEDY in page(staff, address), address
    workflow = reverse("console:workflow", args=[execution.workflow_id])
    for address in (reverse("console:runs"), workflow, reverse("admin:sync_syncqueueitem_changelist")):
        assert SAID in page(staff, address), address

    # Of all items together, the same sentence for people and programs: it is nobody's fault.
    out = io.StringIO()
    call_command("sync_status", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["level"], told["verdict"]) == ("good", "All synced, except what rules exclude.")
    assert (told["items"]["skipped"], told["items"]["failed"]) == (1, 0)
    assert told["verdict"] in page(staff, reverse("console:home"))
    assert caller.get("stats").json()["skipped"]["count"] == 1
    assert caller.get("failed").json() == []
