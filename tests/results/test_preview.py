"""The first rows of a result, for somebody to look at: cut, and of whatever is there."""

from typing import Any

import pytest

from sync.models import Workflow
from sync.results.preview import COLUMNS, LONGEST, ROWS, Preview, preview
from tests.factories import WorkflowFactory
from tests.queue.past import past


@pytest.fixture
def workflow(db: None) -> Workflow:
    made: Workflow = WorkflowFactory.create()
    return made


def test_the_preview_is_cut(workflow: Workflow) -> None:
    names = [f"column {number}" for number in range(50)]
    rows: list[Any] = [[f"{number}" for number in range(50)] for _ in range(500)]
    rows[0][0], rows[1][0], rows[2][0] = "x" * 10_000, None, {"a": [1]}
    execution = past(workflow, result_columns=[{"name": name, "type": "string"} for name in names], result_rows=rows)
    found = preview(execution.pk)
    assert (len(found.columns), found.width, len(found.rows)) == (COLUMNS, 50, ROWS)
    assert {len(row) for row in found.rows} == {COLUMNS}
    assert found.rows[0][:2] == ("x" * LONGEST, "1")
    assert (found.rows[1][0], found.rows[2][0]) == (None, '{"a": [1]}')


@pytest.mark.parametrize(
    ("columns", "rows", "shown"),
    [
        ([{"name": "a"}, {"name": "b"}], [{"b": 1, "a": "x"}], (("x", "1"),)),
        ([{"name": "a"}], [[True], [1.5], [None]], (("true",), ("1.5",), (None,))),
        (None, [[1, 2]], (("[1, 2]",),)),
        ([], [{"a": 1}], (('{"a": 1}',),)),
        (["a", 7, None], [[1, 2, 3]], (("1", "2", "3"),)),
        ("nonsense", "nonsense", (('"nonsense"',),)),
        ([{"name": "a"}], {"a": 1}, (("1",),)),
        ([{"name": "a"}], None, ()),
        ([{"name": "a"}], [], ()),
    ],
)
def test_a_preview_of_whatever_is_there(workflow: Workflow, columns: Any, rows: Any, shown: Any) -> None:
    execution = past(workflow, result_columns=columns, result_rows=rows, result_total_rows=None)
    assert preview(execution.pk).rows == shown


def test_a_large_result_is_not_unpacked(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(preview.__globals__, "LARGEST", 10)
    execution = past(workflow)
    assert preview(execution.pk) == Preview(too_large=True)
