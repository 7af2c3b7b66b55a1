"""The fast projection: it takes what usual results hold, and is never talked into taking more than the exact one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sync.errors import PermanentError, TransientError
from sync.results import StagedFile, fast, snapshot
from sync.results.projection import Projection
from sync.snowflake.types import ColumnType, Kind
from tests.results.conftest import Executions, append, inspect

USUAL: dict[str, list[Any]] = {
    "int": [0, -1, 42, 10**37, "17"],
    "decimal(12,2)": [0, 1, -0.5, 79.19, 5.10, 9999999999.99, "12.50"],
    "decimal(2,2)": [0, 0.99, -0.5],
    "decimal": [0, 1.5, -2.25],
    "float": [0, 1, 0.1, -273.15, 6.02e19, 1.23456789012e-10, "0.5"],
    "boolean": [True, False],
    "text": ["x", "", 'say "no"', "a,b\n(c)", 5, True, {"a": [1]}],
    "json": [{"a": [1, None, 'x"y']}, [], "x", 5, 0.25, False],
    "date": ["2024-02-29", "2023-02-28", "1999-12-31", "9999-12-31", "2000-02-29", "2024-04-30"],
    "time": ["00:00:00", "23:59:59", "07:05:09.123456"],
    "timestamp": [
        "2024-01-05T10:20:30",
        "2024-01-05 10:20:30",
        "2024-01-05T10:20:30.123456",
        "2024-01-05T10:20:30.5Z",
        "2024-01-05T10:20:30+00:00",
        datetime(2024, 2, 29, 23, 59, 59, 1).isoformat(),  # noqa: DTZ001 - the usual text without a zone
    ],
    "timestamptz": [
        "2024-01-05T10:20:30Z",
        "2024-01-05 10:20:30.123456+00:00",
        "2024-01-05T10:20:30-08:00",
        "2024-01-05T10:20:30",
        datetime(2024, 2, 29, 23, 59, 59, 1, tzinfo=UTC).isoformat(),
    ],
}


@pytest.mark.usefixtures("only_fast")
@pytest.mark.parametrize("declared", USUAL)
@pytest.mark.parametrize("as_objects", [True, False])
def test_usual_values(executions: Executions, declared: str, as_objects: bool) -> None:
    values = [*USUAL[declared], None]
    columns = [{"name": "c", "type": declared}]
    assert len(executions.carry(columns, [{"c": v} if as_objects else [v] for v in values])) == len(values)


@pytest.mark.usefixtures("only_fast")
def test_all_types_in_one_result(executions: Executions) -> None:
    """Two columns of each type, not beside each other, and rows that lack some."""
    names = [f"{declared} {n}" for n in range(2) for declared in USUAL]
    columns = [{"name": name, "type": name.rpartition(" ")[0]} for name in names]
    rows: list[dict[str, Any]] = [{name: USUAL[name.rpartition(" ")[0]][n % 2] for name in names} for n in range(50)]
    rows[10] = dict.fromkeys(names)
    rows[20] = {}
    del rows[30][names[3]]
    lines = executions.carry(columns, rows)
    assert [len(line) for line in lines] == [len(names)] * 50
    assert lines[10] == lines[20] == [None] * len(names)
    assert lines[30][3] is None
    assert None not in lines[40]


@pytest.mark.parametrize("path", ["fast", "exact"])
@pytest.mark.parametrize("declared", [list(USUAL), ["json"]], ids=["mixed", "json"])
def test_as_many_columns_as_there_may_be(
    executions: Executions, path: str, declared: list[str], request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(f"only_{path}")
    columns = [{"name": f"c{n}", "type": declared[n % len(declared)]} for n in range(1500)]
    row = [USUAL[str(column["type"])][0] for column in columns]
    # A quarter of the usual depth: it must not grow with the columns.
    executions.execute("SET max_stack_depth = '512kB'")
    (line,) = executions.carry(columns, [row])
    executions.execute("RESET max_stack_depth")
    assert len(line) == 1500
    assert None not in line


def test_more_kinds_of_decimals_than_a_record_has_room_for(executions: Executions) -> None:
    """Each kind twice, so that each needs a mark behind it."""
    kinds = [f"decimal({p},{s})" for p in range(38, 0, -1) for s in range(min(p, 37))][:700]
    columns = [{"name": f"c{n}", "type": kinds[n // 2]} for n in range(1400)]
    assert executions.carry(columns, [[1] * 1400]) == [["1"] * 1400]
    with pytest.raises(PermanentError, match="column 'c1399', row 1: the value does"):
        executions.carry(columns, [[*[1] * 1399, "x"]])


# Values that would pass if the texts that the check reads could be torn apart or joined.
_syntax = st.lists(
    st.sampled_from([",", "(", ")", '"', '""', "|", "\\", "\n", " ", "5", "-", ".5", "2024-01-05", "10:20:30"]),
    max_size=6,
).map("".join)
_field = st.none() | st.integers(-9, 9) | st.sampled_from([0.5, "2024-01-05", "2024-01-05 10:20:30"]) | _syntax
_KINDS = ["int", "int", "decimal(3,1)", "decimal(3,1)", "date", "timestamp"]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(*[_field] * len(_KINDS)), min_size=1, max_size=4))
@example(rows=[(1, 0.5, 1, 1, None, None)])
@example(rows=[(1, 1, 1, "2024-01-05", None, None)])
def test_values_cannot_pass_for_others(executions: Executions, rows: list[tuple[Any, ...]]) -> None:
    """Neither for two values or NULL, nor for one of the next column."""
    columns = [{"name": f"c{n}", "type": declared} for n, declared in enumerate(_KINDS)]
    assert _outcome(executions, columns, rows) == _outcome(executions, columns, rows, exactly=True)


def _outcome(executions: Executions, columns: Any, rows: Any, *, exactly: bool = False) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        if exactly:
            patch.setattr("sync.results.fast.check", lambda _: lambda _: False)
        try:
            return executions.carry(columns, json.dumps(rows))
        except PermanentError as error:
            return error.happened


def test_a_chunk_that_is_not_vouched_for_is_where_the_exact_one_begins(
    executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With small chunks: row 8 needs the exact projection, so it begins in the chunk of row 8, at row 5 or later."""
    monkeypatch.setattr("sync.results.copying.CHUNK", 150)
    executions.store([{"name": "a", "type": "int"}], [["+8" if n == 8 else n] for n in range(1, 13)])
    began: list[int] = []
    exact = Projection.exact

    def noted(projection: Projection, first: int) -> Any:
        began.append(first)
        return exact(projection, first)

    monkeypatch.setattr(Projection, "exact", noted)
    assert [line[0] for line in executions.export()] == [str(n) for n in range(1, 13)]
    assert len(began) == 1
    assert 5 <= began[0] <= 8


def test_a_message_that_is_not_one_row_is_an_error(executions: Executions) -> None:
    """A proxy that put two rows of COPY into one message would otherwise have two rows loaded with one number."""
    executions.store([{"name": "a", "type": "int"}], [[1], [2]])

    class Doubling:
        def __init__(self, cursor: Any) -> None:
            self.cursor, self.connection = cursor, cursor.connection

        def copy_expert(self, statement: Any, file: Any) -> None:
            file.write(b"1,\n2,\n")

    with snapshot(executions.connection) as cursor, StagedFile() as file:
        shape = inspect(cursor, "e")
        with pytest.raises(TransientError, match="1 of 2 rows of e were read"):
            append(file, Doubling(cursor), shape)  # type: ignore[arg-type]


def test_few_expressions_are_kept() -> None:
    """Each may keep up to 32 MB, for as long as the worker lives."""
    for columns in range(1, 40):
        fast.check([ColumnType(Kind.TEXT)] * columns)
    assert 0 < fast._compiled.cache_info().currsize <= 8
