"""What is otherwise, without anybody to ask."""

from typing import Any

import pytest

from sync.snowflake.statements import Table
from sync.snowflake.warehouse import Mark, Shown
from sync.warehouse import said
from sync.warehouse.drift.comparing import Known, columns_of, is_of, rows_of

TABLE = Table("D", "S", "T")
COLUMNS = {"A": "VARCHAR", "B": "NUMBER(10,2)", "C": "VARIANT"}
HERE = "0b6a8a34-5d0c-4a53-8f5e-7f5f6f0c9a21"


def known(**more: Any) -> Known:
    return Known(1, TABLE, more.pop("execution_id", "x"), COLUMNS, 3, **{"is_settled": True, **more})


@pytest.mark.parametrize(
    ("there", "more", "words"),
    [
        (COLUMNS, {}, None),
        ({"C": "VARIANT", "B": "NUMBER(10,2)", "A": "VARCHAR"}, {}, None),
        ({**COLUMNS, "_USS_WIDE_1": "FLOAT"}, {}, None),
        ({**COLUMNS, "D": "DATE"}, {"at_most": False}, None),
        ({**COLUMNS, "B": "NUMBER(12,2)"}, {"at_most": False}, None),
        ({**COLUMNS, "D": "DATE"}, {"is_settled": False}, None),
        ({**COLUMNS, "D": "DATE"}, {}, "D was added."),
        ({**COLUMNS, "D": "DATE", "E": "DATE"}, {}, "D, E were added."),
        ({"A": "VARCHAR", "C": "VARIANT"}, {"at_most": False}, "B is gone."),
        ({"A": "VARCHAR", "B2": "NUMBER(10,2)", "C": "VARIANT"}, {}, "B is called B2."),
        ({"A": "VARCHAR", "B2": "FLOAT", "C": "VARIANT"}, {}, "B is gone; B2 was added."),
        ({"A2": "VARCHAR", "A3": "VARCHAR", "B": "NUMBER(10,2)", "C": "VARIANT"}, {}, "A is gone; A2, A3 were added."),
        ({**COLUMNS, "B": "NUMBER(12,2)"}, {}, "B is NUMBER(12,2), and was NUMBER(10,2)."),
    ],
)
def test_columns(there: dict[str, str], more: dict[str, bool], words: str | None) -> None:
    found = [said(one.kind, one.expected, one.found) for one in columns_of(there, known(**more))]
    assert found == ([] if words is None else [f"has other columns than it was given: {words}"])


@pytest.mark.parametrize(
    ("rows", "more", "kind"),
    [
        (3, {}, None),
        (None, {}, None),
        (0, {}, "truncated"),
        (2, {}, "fewer_rows"),
        (4, {}, "more_rows"),
        (4, {"at_most": False}, None),
        (2, {"at_most": False}, "fewer_rows"),
        (2, {"is_settled": False}, None),
    ],
)
def test_rows(rows: int | None, more: dict[str, bool], kind: str | None) -> None:
    assert [one.kind for one in rows_of(Shown("T", None, rows, ""), known(**more))] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("mark", "is_ours"),
    [
        (Mark("execution", "x", HERE), True),
        (Mark("execution", "y", HERE), False),
        (Mark("shared", "T", HERE), False),
        (Mark("execution", "x", HERE.replace("0", "1")), False),
        (None, False),
    ],
)
def test_whose_it_is(mark: Mark | None, is_ours: bool) -> None:
    assert is_of(Shown("T", mark, 3, ""), known(), HERE) is is_ours
    shared = known(execution_id=None)
    assert is_of(Shown("T", Mark("shared", "T", HERE), 3, ""), shared, HERE)
