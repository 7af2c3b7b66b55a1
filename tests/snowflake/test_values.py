"""What is in the file is what is in the table: values, and names that try to break out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sync.snowflake.load.columns import columns_of, named
from sync.snowflake.load.own_table import load_again, load_first
from sync.snowflake.statements import Column, marker
from tests.conftest import Snowflake
from tests.snowflake.loading import Loading, text

TEXTS = [
    "",
    None,
    " ",
    '"',
    "''",
    "a,b",
    "line\nline\r\nline",
    "\\",
    "\\N",
    "\\n\\t\\",
    "NULL",
    "null",
    "ünï ✓ 𝄞 \u202e",
    "$1; DROP TABLE T --",
    "x" * 100_000,
]
HOSTILE = [
    'a"b',
    "a'b",
    "a.b",
    "a;DROP TABLE T;--",
    "a\\b",
    "select",
    "$1",
    "a b",
    "ä",
    "{x}",
    "%s",
    "a\nb",
    "/*",
    "?",
    "_ROW_NUMBER",
]


@pytest.fixture
def loading(snowflake: Snowflake, tmp_path: Path) -> Iterator[Loading]:
    with Loading(snowflake, tmp_path) as found:
        found.warm()
        yield found


def first(loading: Loading, rows: list[tuple[object, ...]], columns: str) -> None:
    with loading.pool.session(loading.destination) as session:
        load_first(session, loading.load(rows, columns))


def test_texts_come_back_as_they_were(loading: Loading) -> None:
    first(loading, list(enumerate(TEXTS)), "N NUMBER(38,0), B VARCHAR")

    assert loading.snowflake.rows("SELECT B FROM T ORDER BY N") == [(value,) for value in TEXTS]


def test_texts_come_back_beside_json(loading: Loading) -> None:
    rows: list[tuple[object, ...]] = [(number, value, "{}") for number, value in enumerate(TEXTS)]
    first(loading, rows, "N NUMBER(38,0), B VARCHAR, J VARIANT")

    assert loading.snowflake.rows("SELECT B FROM T ORDER BY N") == [(value,) for value in TEXTS]


def test_json_comes_back(loading: Loading) -> None:
    values: list[object] = [{}, [], "", "a", 'a"b\\n\n', 0, 1.5, True, [[], [[]]], 12345678901234567890]
    values.append({"a": [1, {"b": None}], "ü": "✓"})
    first(loading, [(number, json.dumps(value)) for number, value in enumerate(values)], "N NUMBER(38,0), J VARIANT")

    found = loading.snowflake.rows("SELECT J FROM T ORDER BY N")
    assert [json.loads(str(value)) for (value,) in found] == values


def test_no_json_is_null(loading: Loading) -> None:
    first(loading, [(None, "x")], "J VARIANT, B VARCHAR")

    assert loading.snowflake.rows("SELECT B FROM T WHERE J IS NULL") == [("x",)]


def test_38_digits_come_back(loading: Loading) -> None:
    numbers = ["9" * 38, "-" + "9" * 38, "0", "1", "9007199254740993"]
    first(loading, list(enumerate(numbers)), "N NUMBER(38,0), A NUMBER(38,0)")

    assert loading.snowflake.rows("SELECT A::VARCHAR FROM T ORDER BY N") == [(number,) for number in numbers]


def test_other_types(loading: Loading) -> None:
    columns = "A NUMBER(12,4), F FLOAT, B BOOLEAN, D DATE, T TIME, N TIMESTAMP_NTZ, Z TIMESTAMP_TZ"
    row = ("-12345678.1234", "1e-300", "true", "2024-02-29", "23:59:59.123456", "2024-02-29T23:59:59.123456")
    first(loading, [(*row, "2024-02-29 23:59:59.123456+05:30"), (None,) * 7], columns)

    found = loading.snowflake.rows("SELECT * FROM T WHERE A IS NOT NULL")[0]
    assert [str(value) for value in found[:5]] == ["-12345678.1234", "1e-300", "True", "2024-02-29", "23:59:59.123456"]
    assert found[5].isoformat() == "2024-02-29T23:59:59.123456"
    assert found[6].timestamp() == 1709231399.123456
    nulls = " AND ".join(f"{name} IS NULL" for name in "AFBDTNZ")
    assert loading.snowflake.rows(f"SELECT COUNT(*) FROM T WHERE {nulls}") == [(1,)]


@pytest.mark.parametrize("case", ["preserve", "upper"])
def test_hostile_column_names(loading: Loading, case: str) -> None:
    names = columns_of(HOSTILE, named([HOSTILE], "preserve" if case == "preserve" else "upper", {})) or ()
    load = loading.load([[str(number) for number in range(len(names))]])
    load = replace(load, columns=tuple(map(text, names)))

    with loading.pool.session(loading.destination) as session:
        load_first(session, load)
        again = loading.load([["x"] * len(names)])
        load_again(session, replace(again, columns=load.columns), lacking=[])

    found = loading.snowflake.rows(
        "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'T' ORDER BY ORDINAL_POSITION"
    )
    assert tuple(name for (name,) in found) == names
    assert loading.snowflake.rows("SELECT * FROM T") == [("x",) * len(names)]


def test_hostile_table_names(loading: Loading) -> None:
    with loading.pool.session(loading.destination) as session:
        for name in HOSTILE:
            load_first(session, loading.load([(1, "a")], table=name))
            load_again(session, loading.load([(2, "b")], table=name), lacking=[] if name != "select" else None)

    for name in HOSTILE:
        quoted = name.replace('"', '""')
        assert loading.snowflake.rows(f'SELECT * FROM "{quoted}"') == [(2, "b")]


def test_hostile_ids_in_the_marker(loading: Loading) -> None:
    with loading.pool.session(loading.destination) as session:
        for number, identity in enumerate(HOSTILE):
            mark = marker("execution", identity, identity)
            load_first(session, loading.load([(1, "a")], table=f"T{number}", mark=mark))
            load_first(session, loading.load([(2, "b")], table=f"T{number}", mark=mark))

    assert loading.rows(f"T{HOSTILE.index('/*')}") == [(2, "b")]


def test_300_columns(loading: Loading) -> None:
    names = [f"COLUMN_{number}" for number in range(300)]
    load = replace(loading.load([range(300), [None] * 300]), columns=tuple(map(text, names)))

    with loading.pool.session(loading.destination) as session:
        load_first(session, load)
        assert session.statements == 3

    assert loading.snowflake.rows("SELECT COLUMN_0, COLUMN_299 FROM T WHERE COLUMN_0 IS NOT NULL") == [("0", "299")]


def test_300_columns_and_no_rows(loading: Loading) -> None:
    columns = tuple(Column(f"C{number}", text("x").type) for number in range(300))

    with loading.pool.session(loading.destination) as session:
        load_first(session, replace(loading.load([]), columns=columns))

    assert loading.snowflake.rows("SELECT COUNT(*) FROM T") == [(0,)]


def test_a_directory_with_an_odd_name(snowflake: Snowflake, tmp_path: Path) -> None:
    odd = tmp_path / "a b-ü,(1)"
    odd.mkdir()
    with Loading(snowflake, odd) as loading:
        first(loading, [(1, "a")], "A NUMBER(38,0), B VARCHAR")
        assert loading.rows() == [(1, "a")]


def test_a_line_with_too_many_fields_is_refused(loading: Loading) -> None:
    with pytest.raises(Exception, match="100080"):
        first(loading, [(1, "a", "more")], "A NUMBER(38,0), B VARCHAR")
