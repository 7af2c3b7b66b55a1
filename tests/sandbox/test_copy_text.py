"""COPY INTO from CSV: text, NULL, files, results. The real connector, over HTTP."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snowflake.connector.errors import ProgrammingError

from tests.conftest import Snowflake
from tests.sandbox.loading import FORMAT, as_csv, copy, put

AWKWARD = [
    ("", None, "\\N", "NULL"),
    ('"', '""', "a,b", "a;b"),
    ("\\", "\\n", "\\\\", "'"),
    ("\n", "\r\n", "\r", "a\nb\nc"),
    ("é", "日本語", "🐍", "\u2028"),
    (" ", "\t", " a ", "null"),
]


def test_text_comes_through_byte_for_byte(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (n NUMBER(38,0), a VARCHAR, b VARCHAR, c VARCHAR, d VARCHAR)")
    numbered = [(str(i), *row) for i, row in enumerate(AWKWARD)]

    result = copy(cursor, "t", put(cursor, tmp_path, as_csv(numbered)))

    assert result[1:4] == ("LOADED", 6, 6)
    assert snowflake.rows("SELECT a, b, c, d FROM t ORDER BY n") == AWKWARD


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(
            st.none() | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_text_comes_through(snowflake: Snowflake, rows: list[list[str | None]]) -> None:
    with snowflake.connect() as connection, tempfile.TemporaryDirectory() as folder:
        cursor = connection.cursor()
        cursor.execute("CREATE OR REPLACE TABLE t (n NUMBER(38,0), a VARCHAR, b VARCHAR)")
        numbered = [(str(i), *row) for i, row in enumerate(rows)]
        copy(cursor, "t (n, a, b)", put(cursor, Path(folder), as_csv(numbered)))
        found = cursor.execute("SELECT a, b FROM t ORDER BY n").fetchall()

    assert [list(row) for row in found] == rows


def test_fields_of_many_megabytes(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR, b VARCHAR)")
    big = "x" * 12_000_000 + '"\n'

    copy(cursor, "t", put(cursor, tmp_path, as_csv([(big, "1"), ("y", big)])))

    assert snowflake.rows("SELECT length(a), length(b) FROM t ORDER BY b") == [
        (12_000_002, 1),
        (1, 12_000_002),
    ]


def test_without_quotes_around_it_a_field_is_itself(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR, b VARCHAR)")

    copy(cursor, "t", put(cursor, tmp_path, '2020-01-01,1.50\n\\N,true\n,""\n'))

    assert snowflake.rows("SELECT a, b FROM t") == [
        ("2020-01-01", "1.50"),
        ("\\N", "true"),
        (None, ""),
    ]


def test_a_transformation_takes_fields_by_number(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute('CREATE TABLE t (a NUMBER(38,0), "b c" VARCHAR, j VARIANT, later VARCHAR)')
    reference = put(cursor, tmp_path, as_csv([('{"k": [1, null]}', "7", "x"), (None, None, "")]))

    cursor.execute(f'COPY INTO t (a, "b c", j) FROM (SELECT $2, $3, PARSE_JSON($1) FROM {reference}) {FORMAT}')

    assert snowflake.rows('SELECT a, "b c", j, later FROM t ORDER BY a') == [
        (7, "x", '{"k": [1, null]}', None),
        (None, "", None, None),
    ]


def test_the_result_tells_the_file_and_the_rows(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR)")
    reference = put(cursor, tmp_path, as_csv([("x",), ("y",)]))

    row = copy(cursor, "t", reference)

    assert [d.name for d in cursor.description][:6] == [
        "file", "status", "rows_parsed", "rows_loaded", "error_limit", "errors_seen",
    ]  # fmt: skip
    assert row == (reference[1:].replace('"', "").lower(), "LOADED", 2, 2, 1, 0, *[None] * 4)


def test_an_empty_file_loads_no_rows(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR, j VARIANT)")
    reference = put(cursor, tmp_path, "")

    row = cursor.execute(f"COPY INTO t FROM (SELECT $1, PARSE_JSON($2) FROM {reference}) {FORMAT}").fetchone()

    assert row[1:4] == ("LOADED", 0, 0)


def test_a_file_that_is_not_there(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR)")
    cursor.execute("CREATE STAGE s")

    row = cursor.execute(f"COPY INTO t FROM @s/x.csv.zst {FORMAT}").fetchone()

    assert row == ("Copy executed with 0 files processed.",)


def test_a_file_is_loaded_into_a_table_once(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR)")
    reference = put(cursor, tmp_path, as_csv([("x",)]))
    kept = f"COPY INTO t FROM {reference} {FORMAT.replace('PURGE = TRUE', 'PURGE = FALSE')}"

    statuses = [cursor.execute(kept).fetchone()[1] for _ in range(2)]

    assert statuses == ["LOADED", "LOAD_SKIPPED"]
    assert snowflake.rows("SELECT count(*) FROM t") == [(1,)]


def test_purge_removes_the_file(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR)")
    reference = put(cursor, tmp_path, as_csv([("x",)]))
    assert len(cursor.execute('LIST @"STAGE"/loads/').fetchall()) == 1

    copy(cursor, "t", reference)

    assert cursor.execute('LIST @"STAGE"/loads/').fetchall() == []


@pytest.mark.parametrize(("line", "said"), [("a\n", "(1)"), ("a,b,c\n", "(3)")])
def test_a_line_of_the_wrong_width(snowflake: Snowflake, tmp_path: Path, line: str, said: str) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a VARCHAR, b VARCHAR)")
    reference = put(cursor, tmp_path, "1,2\n" + line)

    with pytest.raises(ProgrammingError, match=r"Number of columns in file") as raised:
        copy(cursor, "t", reference)

    assert raised.value.errno == 100080
    assert said in str(raised.value)
