"""The data page of an application whose workflows have no workflow_id."""

from collections.abc import Iterator

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import Workflow, WorkflowExecution
from sync.queue import excluded_now
from tests.factories import ExecutionFactory
from tests.unnamed import workflows_without_ids
from tests.web.admin.conftest import client_of
from tests.web.console.reading import fields_of, text, words
from tests.web.console.test_data import at, saved, there

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unnamed(workflow: Workflow) -> Iterator[Workflow]:
    with workflows_without_ids():
        yield workflow


def test_rules_name_a_workflow_without_a_workflow_id_by_its_id(
    destination: SnowflakeConfiguration, unnamed: Workflow
) -> None:
    assert unnamed.user
    ann = client_of(unnamed.user)
    sent = fields_of(text(ann, at(destination)))
    assert sent["id-0"] == str(unnamed.pk)
    sent.pop("on-0")
    saved(ann, at(destination), sent)
    (rule,) = there(destination)
    assert rule["workflow"] == str(unnamed.pk)
    assert "does not go there" in words(text(ann, at(destination, query=f"?workflow={unnamed.pk}")))
    assert str(unnamed) in words(text(ann, at(destination, "retention", query=f"?workflow={unnamed.pk}")))
    # As the queue and a load read it.
    execution = ExecutionFactory.create(workflow=unnamed)
    assert excluded_now(destination.pk, 1, [execution.execution_id])
    (loaded,) = WorkflowExecution.objects.select_related("workflow").filter(pk=execution.pk)
    assert loaded.workflow
    assert loaded.workflow.workflow_id == rule["workflow"]
