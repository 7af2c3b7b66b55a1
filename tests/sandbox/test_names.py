"""Quoted names: whatever Snowflake allows, told apart as Snowflake does."""

from pathlib import Path

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.conftest import Snowflake
from tests.long import first
from tests.sandbox.loading import FORMAT, as_csv, copy, put

NAMES = [
    "lower",
    "Mixed Case $price",
    "dotted.name",
    'double "quotes" in "it"',
    "semi;colon",
    "it's",
    "percent % and 100%",
    "né 日本 🐍",
    "SELECT",
    "x" * 255,
    "é" * 255,
]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("name", first(4, NAMES))
def test_tables_and_columns(snowflake: Snowflake, tmp_path: Path, name: str) -> None:
    cursor = snowflake.connect().cursor()
    table = f"{quoted(snowflake.database)}.PUBLIC.{quoted(name)}"
    cursor.execute(f"CREATE TABLE {table} ({quoted(name)} NUMBER(38,0)) COMMENT = 'it''s mine'")

    copy(cursor, f"{table} ({quoted(name)})", put(cursor, tmp_path, as_csv([("1",)])))

    cursor.execute(f"SELECT {quoted(name)} FROM {table}")
    assert [d.name for d in cursor.description] == [name]
    assert cursor.fetchall() == [(1,)]
    literal = name.replace("'", "''")
    assert snowflake.rows(
        f"SELECT table_name, comment FROM information_schema.tables WHERE table_name = '{literal}'"
    ) == [(name, "it's mine")]
    assert snowflake.rows(
        f"SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '{literal}'"
    ) == [(name, "NUMBER")]
    assert snowflake.rows("SHOW TABLES")[0][1] == name
    assert snowflake.rows(f"DESCRIBE TABLE {table}")[0][0] == name


@pytest.mark.parametrize("name", NAMES[:-2])
def test_databases_schemas_and_stages(snowflake: Snowflake, tmp_path: Path, name: str) -> None:
    database = f"{snowflake.database}{name}"
    with snowflake.server.connect(quoted(database), quoted(name)) as connection:
        cursor = connection.cursor()
        stage = ".".join(quoted(part) for part in (database, name, name))
        cursor.execute("CREATE TABLE t (a VARCHAR)")

        copy(cursor, "t", put(cursor, tmp_path, as_csv([("x",)]), stage))

        assert cursor.execute("SELECT a FROM t").fetchall() == [("x",)]
        found = cursor.execute(
            "SELECT table_catalog, table_schema, table_name FROM information_schema.tables"
        ).fetchall()
        assert found == [(database, name, "T")]
        assert cursor.execute(f"LIST @{stage}").fetchall() == []
    assert snowflake.server.statements("CREATE TABLE t", database)


def test_a_stage_in_quotes_within_a_select(snowflake: Snowflake, tmp_path: Path) -> None:
    with snowflake.server.connect(snowflake.database, quoted("it's")) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t (a VARCHAR)")
        stage = f'{quoted(snowflake.database)}."it\'s"."S"'
        path = put(cursor, tmp_path, as_csv([("x",)]), stage).removeprefix(f"@{stage}")
        reference = f"@{stage}{path}".replace("'", "''")
        cursor.execute(f"COPY INTO t (a) FROM (SELECT $1 FROM '{reference}') {FORMAT}")
        assert cursor.execute("SELECT a FROM t").fetchall() == [("x",)]


def test_case_matters_in_quotes_only(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute('CREATE TABLE "Orders" ("id" INT, "ID" INT, "Id" INT)')
    cursor.execute("CREATE TABLE orders (Id INT)")
    cursor.execute('INSERT INTO "Orders" ("id", "ID", "Id") VALUES (1, 2, 3)')

    assert snowflake.rows('SELECT id, "Id", "id" FROM "Orders"') == [(2, 3, 1)]
    assert snowflake.rows("SELECT ID FROM ORDERS") == []
    with pytest.raises(ProgrammingError, match="does not exist or not authorized"):
        cursor.execute('SELECT 1 FROM "orders"')


def test_three_hundred_columns(snowflake: Snowflake, tmp_path: Path) -> None:
    cursor = snowflake.connect().cursor()
    names = [f"Column No. {i}" for i in range(300)]
    cursor.execute(f"CREATE TABLE t ({', '.join(f'{quoted(n)} VARCHAR' for n in names)})")
    reference = put(cursor, tmp_path, as_csv([[str(i) for i in range(300)]]))

    cursor.execute(
        f"COPY INTO t ({', '.join(map(quoted, names))}) FROM (SELECT"
        f" {', '.join(f'${i + 1}' for i in range(300))} FROM {reference}) {FORMAT}"
    )

    assert snowflake.rows("SELECT * FROM t") == [tuple(str(i) for i in range(300))]


def test_a_name_in_an_error_is_as_it_was_written(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute('CREATE TABLE "My table" (a INT)')

    with pytest.raises(ProgrammingError, match="Object 'My table' already exists"):
        cursor.execute('CREATE TABLE "My table" (a INT)')
    with pytest.raises(ProgrammingError, match="invalid identifier 'my column'"):
        cursor.execute('SELECT "my column" FROM "My table"')


def test_text_that_looks_like_a_stored_name_is_text(snowflake: Snowflake) -> None:
    assert snowflake.rows("SELECT '_SFQ0_41' AS \"_SFQ0_41 \"") == [("_SFQ0_41",)]


def test_the_driver_knows_where_it_is(snowflake: Snowflake) -> None:
    with snowflake.server.connect(f'"{snowflake.database} x"', '"a b"') as connection:
        connection.cursor().execute("SELECT 1")

        assert (connection.database, connection.schema) == (f"{snowflake.database} x", "a b")


def test_show_tables_pages_by_name(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    for name in ("B_2", "A", "B_1", "B_3", "b_4", "né B_"):
        cursor.execute(f"CREATE TABLE {quoted(name)} (A INT) COMMENT = 'of {name}'")
    cursor.execute("CREATE SCHEMA OTHER")
    cursor.execute("CREATE TABLE OTHER.B_2 (A INT)")

    show = f"SHOW TABLES IN SCHEMA {quoted(snowflake.database)}.PUBLIC"
    page = f"{show} STARTS WITH 'B_' LIMIT 2"
    names = {sql: [row[1] for row in cursor.execute(sql).fetchall()] for sql in (show, page, f"{page} FROM 'B_2'")}
    comments = [row[5] for row in cursor.execute(page).fetchall()]

    assert list(names.values()) == [["A", "B_1", "B_2", "B_3", "b_4", "né B_"], ["B_1", "B_2"], ["B_3"]]
    assert comments == ["of B_1", "of B_2"]
