"""/api/snowflake/configurations/{id}/retention, and prune_results: set, counted, then exactly that is asked for."""

from datetime import UTC, datetime, timedelta
from io import StringIO

from django.core.management import call_command
from django.db import connection

from sync.models import SyncQueueItem
from tests.queue.past import add, past
from tests.web.api.conftest import Owned
from tests.web.api.rules import Rules

_RESULT = """
INSERT INTO snowflake_sync_results (
    configuration_id, execution_id, workflow_id, user_id, schema_name, table_name, row_count, loaded_at, computed_at
)
SELECT %s, %s, %s, %s, 'S', 'T', 1, at, at FROM (VALUES (now() - make_interval(days => %s))) AS loaded (at)
"""


class Retention(Rules):
    """What somebody asks of it."""

    def __init__(self, owned: Owned) -> None:
        super().__init__(owned)
        self._base = f"/api/snowflake/configurations/{owned.configuration.pk}/retention"


def loaded(owned: Owned, days: int, *, only_copy: bool = False) -> SyncQueueItem:
    """So many days ago, into a shared table."""
    ago = datetime.now(UTC) - timedelta(days=days)
    rows = None if only_copy else [["a"]]
    execution = past(owned.workflow, result_columns=["notes"], result_rows=rows)
    fields = {"status": "completed", "row_count": 1, "updated_at": ago, "schema_name": "S", "table_name": "T"}
    item = add(execution, owned.configuration, **fields)
    with connection.cursor() as cursor:
        key = (owned.configuration.pk, item.execution_id, owned.workflow.pk, owned.user.pk)
        cursor.execute(_RESULT, (*key, days))
    return item


def asked_for() -> set[str]:
    return {item.execution_id for item in SyncQueueItem.objects.filter(is_to_be_removed=True)}


def test_it_is_set_counted_and_never_more_is_asked_for_than_was_confirmed(ada: Owned) -> None:
    retention = Retention(ada)
    old, older, _, _ = loaded(ada, 9), loaded(ada, 10), loaded(ada, 11, only_copy=True), loaded(ada, 1)
    assert retention("GET", "") == (200, {"items": [], "trouble": None})
    assert retention("PUT", "", {"keeps": "days"})[0] == 400
    assert retention("PUT", "", {"keeps": "days", "amount": 0})[0] == 400
    kept = {"keeps": "days", "amount": 7, "only_copies": False}
    of_all = {"workflow_id": None, "workflow_name": None, **kept}
    assert retention("PUT", "", {"keeps": "days", "amount": 7}) == (200, {"items": [of_all], "trouble": None})
    status, counted = retention("POST", "/prune")
    numbers = {"workflow_name": "Campaign report", "count": 2, "tables": 0, "rows": 2, "only_copies": 0, "kept": 1}
    assert (status, counted["count"], counted["workflows"]) == (200, 2, [numbers])
    assert asked_for() == set()
    confirmed = {"dry_run": False, "as_of": counted["as_of"], "count": 1}
    status, done = retention("POST", "/prune", confirmed)
    assert (status, done["count"], done["message"]) == (200, 1, "1 result queued to be taken out of Snowflake.")
    assert asked_for() == {older.execution_id}
    own = {"workflow": ada.workflow.workflow_id, "keeps": "all"}
    assert len(retention("PUT", "", own)[1]["items"]) == 2
    assert retention("POST", "/prune")[1]["count"] == 0
    assert retention("PUT", "", own | {"keeps": None})[1]["items"] == [of_all]
    assert asked_for() == {older.execution_id}
    assert old.execution_id not in asked_for()


def test_the_command_says_what_of_which_workflow_before_it_asks(ada: Owned) -> None:
    retention = Retention(ada)
    old = loaded(ada, 9)
    loaded(ada, 8, only_copy=True)
    loaded(ada, 1)

    def said(*arguments: str) -> list[str]:
        out = StringIO()
        call_command("prune_results", *arguments, stdout=out, verbosity=0)
        return out.getvalue().splitlines()

    assert said("--dry-run") == ["No destination has a retention: everything is kept."]
    retention("PUT", "", {"keeps": "last", "amount": 1})
    line = "  Campaign report: 1 result, 1 row of shared tables; 1 kept: the only copy"
    assert said("--dry-run")[1:] == [line, "Results that would be asked for, to be taken out of Snowflake: 1"]
    assert asked_for() == set()
    said("--workflow", ada.workflow.workflow_id)
    assert asked_for() == {old.execution_id}
