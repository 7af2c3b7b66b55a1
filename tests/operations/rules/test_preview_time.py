"""A preview takes its time and no more, however many rows a result has."""

import time

import pytest
from django.db import connection

from sync.models import WorkflowExecution
from sync.operations import preview_rules
from sync.postgres import TooSlowError
from tests.factories import ConfigurationFactory, WorkflowFactory
from tests.operations.rules.tried import column, complete, draft, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def large(db: None) -> WorkflowExecution:
    """300,000 rows of ten columns."""
    execution = complete(
        WorkflowFactory.create(), {f"c{number}": "int" if number else "text" for number in range(10)}, []
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE workflow_executions SET result_total_rows = NULL, result_rows = (
                SELECT jsonb_agg(jsonb_build_object('c0', 'person' || n || '@example.com', 'c1', n, 'c2', mod(n, 7),
                    'c3', n, 'c4', n, 'c5', n, 'c6', n, 'c7', n, 'c8', CASE WHEN mod(n, 10) = 0 THEN n END, 'c9', n))
                FROM generate_series(1, 300000) AS n)
            WHERE execution_id = %s""",
            [execution.execution_id],
        )
    return execution


def test_of_300_000_rows_it_shows_within_its_time_what_it_could_look_at(
    large: WorkflowExecution,
) -> None:
    assert large.workflow
    configuration = ConfigurationFactory.create(user=large.workflow.user)
    some = rows({"column": "c2", "operator": "ne", "value": 3})
    rules = draft(column("hash", "c0"), column("mask", "c1"), column("drop", "c3"), some)
    began = time.monotonic()
    seen = preview_rules(configuration, large.execution_id, rules, seconds=8)
    assert time.monotonic() - began < 20
    assert seen.statistics is not None
    examined = seen.statistics.examined
    assert examined in (10_000, 300_000)
    assert seen.checked >= examined
    assert seen.statistics.kept == examined - len(range(3, examined + 1, 7))
    assert (len(seen.after.rows), seen.statistics.rows, seen.error) == (20, 300_000, None)

    seen = preview_rules(configuration, large.execution_id, rules, seconds=300)
    assert seen.statistics is not None
    assert (seen.checked, seen.statistics.examined) == (300_000, 300_000)
    assert seen.statistics.columns[0].distinct == seen.statistics.kept

    with pytest.raises(TooSlowError):
        preview_rules(configuration, large.execution_id, rules, seconds=0.001)
