"""Property: what a result holds is what Snowflake holds, text byte for byte and numbers exactly."""

import json
import math
from decimal import Decimal
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World

# PostgreSQL's jsonb takes no NUL and no lone surrogates: the application cannot have stored them.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
TRICKY = st.sampled_from(["", "\\N", "\\", '"', '""', "'", "\n", "\r\n", "a,b", "NULL", "null", " x ", "\u2028", "🌷"])
WHOLE = st.integers(-(10**38) + 1, 10**38 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**37), 10**37) | TEXT | TRICKY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
COLUMNS = [
    ("text", "string"),
    ("whole", "bigint"),
    ("exact", "decimal(38,9)"),
    ("real", "double"),
    ("truth", "boolean"),
    ("nested", "json"),
]
ROWS = st.lists(
    st.tuples(
        st.none() | TEXT | TRICKY,
        st.none() | WHOLE,
        st.none() | st.integers(-(10**37), 10**37).map(lambda n: Decimal(n).scaleb(-9)),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.booleans(),
        JSON,
    ),
    min_size=1,
    max_size=8,
)


def as_json(value: Any) -> str:
    """JSON with all the digits of an exact number, which json.dumps would write as a float."""
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def as_row(row: tuple[Any, ...], *, as_object: bool) -> str:
    values = [as_json(value) for value in row]
    if not as_object:
        return f"[{', '.join(values)}]"
    pairs = [f"{json.dumps(name)}: {value}" for (name, _), value in zip(COLUMNS, values, strict=True)]
    return "{" + ", ".join(pairs) + "}"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rows=ROWS, as_objects=st.booleans())
def test_the_same_values_come_back(world: World, rows: list[tuple[Any, ...]], as_objects: bool) -> None:
    result = ", ".join(as_row(row, as_object=as_objects) for row in rows)
    execution = world.complete(COLUMNS, [])
    _store(execution.execution_id, f"[{result}]")
    world.work()
    loaded = world.rows(execution)
    assert [row[:3] for row in loaded] == [row[:3] for row in rows]
    assert [row[4] for row in loaded] == [row[4] for row in rows]
    for found, row in zip(loaded, rows, strict=True):
        assert found[3] == row[3] or math.isclose(found[3], row[3], rel_tol=1e-15)
        assert _parsed(found[5]) == row[5]


def _store(execution_id: str, result: str) -> None:
    """As the application would: text that PostgreSQL turns into jsonb."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflow_executions SET result_rows = %s::jsonb, result_total_rows = NULL WHERE execution_id = %s",
            [result, execution_id],
        )


def _parsed(variant: str | None) -> Any:
    return None if variant is None else json.loads(variant)
