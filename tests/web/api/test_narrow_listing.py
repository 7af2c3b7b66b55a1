"""A list of one destination, workflow or error, beside items that have none."""

import pytest
from django.test import Client

from sync.models import WorkflowExecution
from tests.factories import QueuedFactory
from tests.web.api.conftest import Owned


def test_beside_an_item_that_is_not_routed_yet(ada: Owned) -> None:
    QueuedFactory.create(workflow=ada.workflow)
    answer = ada.caller.get(f"queue?destination={ada.configuration.pk}")
    assert answer.status_code == 200
    assert [item["id"] for item in answer.json()["items"]] == [str(ada.item.pk)]
    assert answer.json()["total_count"] == 1


def test_beside_an_execution_without_workflow(ada: Owned) -> None:
    (other,) = ada.more(1, user=ada.user)
    WorkflowExecution.objects.filter(execution_id=other.execution_id).update(workflow=None)
    answer = ada.caller.get(f"queue?workflow={ada.workflow.workflow_id}")
    assert answer.status_code == 200
    assert answer.json()["total_count"] == 1


@pytest.mark.parametrize("status", ["", "pending"])
def test_an_error_beside_items_without_one(ada: Owned, status: str) -> None:
    (waiting,) = ada.more(1, status="pending", error_code="login_refused")
    ada.more(1, status="pending", error_code=None)
    client = Client()
    client.force_login(ada.user)
    page = client.get(f"/runs?status={status}&error_code=login_refused")
    assert page.status_code == 200
    assert [row.run.execution_id for row in page.context["rows"]] == [waiting.execution_id]
    assert page.context["total"].value == 1
