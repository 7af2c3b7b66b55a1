"""Columns that rules add."""

import json
from typing import Any

import pytest

from sync.errors import PermanentError
from tests.results.conftest import Executions, plan_of

pytestmark = pytest.mark.usefixtures("path")

PARAMETERS = {
    "region": 'it\'s "EU"',
    "customer": {"id": 7.50, "on": "2024-01-05"},
    "tags": ["a"],
    "nothing": None,
    "a.b": 1,
}


def adding(column: str, **more: Any) -> dict[str, Any]:
    return {"kind": "add", "column": column, **more}


@pytest.fixture
def known(executions: Executions) -> Executions:
    executions.store(["a"], [["x"], ["y"]])
    executions.execute("INSERT INTO workflows VALUES (md5('')::uuid, 'w-1', 'It''s a name')")
    executions.execute(
        "UPDATE workflow_executions SET workflow_id = md5('')::uuid, execution_parameters = %s, "
        "created_at = '2024-01-05 10:20:30.123456+05:30', completed_at = '2024-02-29 00:00:00Z'",
        [json.dumps(PARAMETERS)],
    )
    return executions


def made(known: Executions, *rules: dict[str, Any]) -> list[tuple[str, Any]]:
    """The columns that are added, and their values in the first row; they are the same in the second."""
    plan = plan_of(*rules)
    columns = [f"{column.key} {column.type.ddl}" for column in known.inspect(plan=plan).columns]
    one, other = known.export(plan=plan)
    assert one[:1] == ["x"]
    assert one[1:-3] == other[1:-3]
    return list(zip(columns[1:], one[1:-3], strict=True))


def test_facts(known: Executions) -> None:
    facts = ["workflow_id", "workflow_name", "execution_id", "created_at", "started_at", "completed_at"]
    found = made(known, *(adding(fact, fact=fact) for fact in facts))
    assert [name for name, _ in found] == [
        *(f"{fact} VARCHAR" for fact in facts[:3]),
        *(f"{fact} TIMESTAMP_TZ" for fact in facts[3:]),
    ]
    moments = ["2024-01-05 04:50:30.123456+00:00", None, "2024-02-29 00:00:00.000000+00:00"]
    assert [value for _, value in found] == ["w-1", "It's a name", "e", *moments]


def test_an_execution_without_a_workflow(known: Executions) -> None:
    known.execute("UPDATE workflow_executions SET workflow_id = NULL")
    assert made(known, adding("w", fact="workflow_name")) == [("w VARCHAR", None)]


def test_constants(known: Executions) -> None:
    assert made(
        known,
        adding("t", constant='it\'s 100% \\ "x"'),
        adding("n", constant=1.50, type="decimal"),
        adding("j", constant="x", type="json"),
        adding("d", constant="2024-01-05", type="date"),
        adding("b", constant=True),
    ) == [
        ("t VARCHAR", 'it\'s 100% \\ "x"'),
        ("n NUMBER(38,1)", "1.5"),
        ("j VARIANT", '"x"'),
        ("d DATE", "2024-01-05"),
        ("b VARCHAR", "true"),
    ]


def test_parameters(known: Executions) -> None:
    assert made(
        known,
        adding("r", parameter="region"),
        adding("i", parameter="customer.id", type="decimal(5,2)"),
        adding("o", parameter="customer.on", type="date"),
        adding("j", parameter="customer", type="json"),
        adding("t", parameter="tags"),
        adding("n", parameter="nothing", type="json"),
        adding("m", parameter="no.where"),
        adding("p", parameter=["a.b"], type="int"),
        adding("q", parameter='it\'s "%" \\'),
    ) == [
        ("r VARCHAR", 'it\'s "EU"'),
        ("i NUMBER(5,2)", "7.5"),
        ("o DATE", "2024-01-05"),
        ("j VARIANT", '{"id": 7.5, "on": "2024-01-05"}'),
        ("t VARCHAR", '["a"]'),
        ("n VARIANT", None),
        ("m VARCHAR", None),
        ("p NUMBER(38,0)", "1"),
        ("q VARCHAR", None),
    ]


def test_a_parameter_is_checked_as_a_value_is(known: Executions) -> None:
    with pytest.raises(PermanentError) as raised:
        made(known, adding("r", parameter="region", type="int"))
    assert raised.value.code == "value_does_not_fit"
    assert raised.value.happened.startswith(
        "Execution e, row 1, column 'r', which rules change: the value does not fit"
    )
    assert "EU" not in str(raised.value)
