"""A workflow is switched off: what that does is said first."""

import pytest

from accounts.models import SnowflakeConfiguration
from sync.models import Workflow
from tests.factories import QueuedFactory
from tests.web.admin.conftest import client_of
from tests.web.console.reading import fields_of, text, words
from tests.web.console.test_data import at, saved, there

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_leaves_a_workflow_out_is_told_first_what_that_does(
    workflow: Workflow, destination: SnowflakeConfiguration
) -> None:
    assert workflow.user
    ann = client_of(workflow.user)
    for status in ("pending", "pending", "completed", "failed"):
        items = QueuedFactory.create(workflow=workflow).sync_items
        items.update(status=status, configuration=destination, user=workflow.user)
    fields = fields_of(text(ann, at(destination))) | {"note": "test data"}
    del fields["on-0"]
    page = ann.post(at(destination), fields).content.decode()
    said = "Campaigns: what completes from now on does not go there. 2 runs that wait are left out, too. "
    assert f"{said}1 run is in Snowflake and stays there. Switched on again here" in words(page)
    assert there(destination) == []
    assert fields_of(page)["note"] == "test data"
    assert "The rules are at version 1" in saved(ann, at(destination), fields)
    # To take it in again is asked nothing.
    again = fields_of(text(ann, at(destination))) | {"on-0": "on"}
    assert "The rules are at version 2" in words(ann.post(at(destination), again, follow=True).content.decode())
