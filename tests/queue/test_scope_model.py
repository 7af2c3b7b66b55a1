"""What SQL decides of an execution is what the rules say: held against a model of them in plain Python."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import SnowflakeConfiguration
from sync import queue
from sync.rules import latest
from tests.factories import ConfigurationFactory
from tests.queue.rules import put_rules
from tests.queue.scope_model import MISSING, Known, says

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
# Few letters, so that they meet, and all that means something to LIKE, to SQL, or to a path.
words = st.text("aB1é!%_\\*.'\"{},- ", max_size=4)
names = st.one_of(words.filter(bool), st.sampled_from(["a", "a.a", "0", "-1", " 1", "01", "a.0", "null"]))
patterns = st.one_of(names, st.lists(words, min_size=2, max_size=4).map("*".join))
numbers = st.one_of(
    st.integers(-3, 3), st.floats(-3, 3, width=16), st.sampled_from([10**400, -(10**400), 1e300, 5e-324, 2.50, 1.0])
)
scalars = st.one_of(st.booleans(), numbers, words)
parameters = st.recursive(
    st.one_of(scalars, st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
paths = st.one_of(names, st.lists(names, min_size=1, max_size=3))
comparisons = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])
conditions = st.one_of(
    st.fixed_dictionaries({"parameter": paths, "operator": comparisons, "value": scalars}),
    st.fixed_dictionaries(
        {"parameter": paths, "operator": st.just("in"), "value": st.lists(scalars, min_size=1, max_size=4)}
    ),
    st.fixed_dictionaries({"parameter": paths, "operator": st.just("like"), "value": patterns}),
    st.fixed_dictionaries({"parameter": paths, "operator": st.just("exists"), "value": st.booleans()}),
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(["rows", "age_in_days"]),
            "operator": comparisons,
            "value": st.one_of(st.integers(0, 4), st.floats(0, 4, width=16)),
        }
    ),
    st.fixed_dictionaries(
        {"field": st.just("execution"), "value": st.lists(st.sampled_from(["0", "1", "e'\"2"]), min_size=1)}
    ),
)
rules = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["exclude", "exclude", "include"]),
        "workflow": st.one_of(st.just("*"), patterns),
        "when": st.lists(conditions, max_size=3),
        "enabled": st.sampled_from([True, True, True, False]),
    }
)
executions = st.fixed_dictionaries(
    {
        "workflow": words,
        "parameters": st.one_of(parameters, st.dictionaries(names, parameters, min_size=1, max_size=3)),
        "total_rows": st.one_of(st.none(), st.integers(0, 4)),
        "rows": st.one_of(st.just(MISSING), st.none(), st.lists(st.just({}), max_size=4), st.just({"a": 1})),
        "completed_at": st.one_of(
            st.none(), st.timedeltas(timedelta(days=-1), timedelta(days=5)).map(lambda age: NOW - age)
        ),
    }
)

_CLEAN = "DELETE FROM workflows; DELETE FROM workflow_executions"
_INSERT = """
WITH workflow AS (
    INSERT INTO workflows (workflow_id, name, user_id) SELECT given, 'a', %(user)s
    FROM unnest(%(workflows)s::text[]) AS given RETURNING id, workflow_id
)
INSERT INTO workflow_executions (
    execution_id, workflow_id, status, execution_parameters, result_rows, result_total_rows, completed_at
)
SELECT row ->> 'id', workflow.id, 'completed', row -> 'parameters', row -> 'rows', (row ->> 'total_rows')::integer,
    (row ->> 'completed_at')::timestamptz
FROM jsonb_array_elements(%(rows)s) AS row JOIN workflow ON workflow.workflow_id = row ->> 'workflow'
"""


@pytest.fixture
def destination(db: None) -> SnowflakeConfiguration:
    return ConfigurationFactory.create()


def insert(destination: SnowflakeConfiguration, given: list[Known]) -> None:
    """As the model knows them: what is MISSING is NULL, None is JSON's null."""
    rows = [
        {
            "id": one.execution_id,
            "workflow": one.workflow,
            "parameters": one.parameters,
            "total_rows": one.total_rows,
            "completed_at": one.completed_at and one.completed_at.isoformat(),
            **({} if one.rows is MISSING else {"rows": one.rows}),
        }
        for one in given
    ]
    workflows = list({one.workflow for one in given})
    with connection.cursor() as cursor:
        cursor.execute(_CLEAN)
        cursor.execute(_INSERT, {"user": destination.user_id, "workflows": workflows, "rows": json.dumps(rows)})


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=(Phase.explicit, Phase.generate),
)
@given(st.lists(rules, min_size=1, max_size=4), st.lists(executions, min_size=1, max_size=3))
def test_sql_decides_as_the_model_does(
    destination: SnowflakeConfiguration, documents: list[dict[str, Any]], given: list[dict[str, Any]]
) -> None:
    known = [Known(id_, **facts) for id_, facts in zip(["0", "1", "e'\"2"], given, strict=False)]
    insert(destination, known)
    version = put_rules(destination, *documents)
    scope = latest(destination.pk).scope
    expected = {one.execution_id: said for one in known if (said := says(scope, one, NOW))}
    ids = [one.execution_id for one in known]
    assert queue.excluded_now(destination.pk, version, ids, now=NOW) == expected


def test_the_model_and_sql_agree_on_what_is_odd(destination: SnowflakeConfiguration) -> None:
    """Each condition on each value, so that no combination is left to chance."""
    values = [
        None,
        True,
        False,
        0,
        1.0,
        -1,
        10**400,
        1e-300,
        "",
        "a",
        "A",
        "é",
        "1",
        "a*",
        [],
        [1],
        ["a"],
        {},
        {"a": 1},
    ]
    known = [Known(f"e{number}", "w", {"p": value}) for number, value in enumerate(values)]
    known += [Known(f"r{number}", "w", value) for number, value in enumerate([*values, {"P": 1}])]
    insert(destination, known)
    wanted = [True, False, 0, 1, -1.5, 10**400, "", "a", "é", "1"]
    given: list[dict[str, Any]] = [
        *(
            {"operator": operator, "value": value}
            for operator in ("eq", "ne", "lt", "le", "gt", "ge")
            for value in wanted
        ),
        *({"operator": "in", "value": [value, "zz"]} for value in wanted),
        *({"operator": "like", "value": pattern} for pattern in ("*", "a", "a*", "*é", "%", "_")),
        *({"operator": "exists", "value": value} for value in (True, False)),
    ]
    ids = [one.execution_id for one in known]
    for condition in given:
        version = put_rules(destination, {"when": [{"parameter": "p", **condition}]})
        scope = latest(destination.pk).scope
        expected = {one.execution_id: said for one in known if (said := says(scope, one, NOW))}
        assert queue.excluded_now(destination.pk, version, ids, now=NOW) == expected, condition
