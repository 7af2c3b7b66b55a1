"""Definitions and the statements that replace a table's rows."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from snowflake.connector.errors import Error, ProgrammingError

from tests.conftest import Snowflake


@pytest.mark.parametrize(
    ("sql", "errno", "sqlstate"),
    [
        ("CREATE TABLE t (a INT)", 2002, "42710"),
        ("CREATE STAGE s", 2002, "42710"),
        ("SELECT * FROM missing", 2003, "42S02"),
        ("INSERT INTO missing VALUES (1)", 2003, "42S02"),
        ("DROP TABLE missing", 2003, "42S02"),
        ("COPY INTO missing FROM @s/x FILE_FORMAT = (TYPE = CSV)", 2003, "42S02"),
        ("COPY INTO t FROM @missing/x FILE_FORMAT = (TYPE = CSV)", 2003, "02000"),
        ("COPY INTO t (b) FROM @s/f FILE_FORMAT = (TYPE = CSV)", 904, "42000"),
        ("SELECT missing FROM t", 904, "42000"),
        ("INSERT INTO t (missing) VALUES (1)", 904, "42000"),
        ("ALTER TABLE t ADD COLUMN a INT", 1430, "42601"),
        ("ALTER TABLE missing SET DATA_RETENTION_TIME_IN_DAYS = 0", 2003, "42S02"),
        ("CREATE OR REPLACE nonsense", 1003, "42000"),
        ("INSERT INTO n VALUES (NULL)", 100072, "22000"),
    ],
)
def test_errors_have_snowflakes_numbers(snowflake: Snowflake, sql: str, errno: int, sqlstate: str) -> None:
    cursor = snowflake.connect().cursor()
    for before in ("CREATE TABLE t (a INT)", "CREATE TABLE n (a INT NOT NULL)", "CREATE STAGE s"):
        cursor.execute(before)
    if "@s/" in sql:
        _stage_something(snowflake)

    with pytest.raises(Error) as raised:
        cursor.execute(sql)

    assert (raised.value.errno, raised.value.sqlstate) == (errno, sqlstate)


def test_a_table_s_days_of_time_travel_are_taken(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    cursor.execute("ALTER TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 0")


def _stage_something(snowflake: Snowflake) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x", "f"):
            path = Path(folder) / name
            path.write_text("1\n")
            snowflake.rows(f"PUT 'file://{path}' @s AUTO_COMPRESS=FALSE")


def test_insert_overwrite_replaces_all_or_nothing(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a NUMBER(38,0)) COMMENT = 'kept'")
    cursor.execute("CREATE TABLE aside (a VARCHAR)")
    cursor.execute("INSERT INTO t VALUES (1)")
    cursor.execute("INSERT INTO aside VALUES ('2'), ('x')")

    with pytest.raises(ProgrammingError):
        cursor.execute("INSERT OVERWRITE INTO t SELECT a FROM aside")
    assert snowflake.rows("SELECT a FROM t") == [(1,)]
    cursor.execute("DELETE FROM aside WHERE a = 'x'")
    cursor.execute("INSERT OVERWRITE INTO t SELECT a FROM aside")

    assert snowflake.rows("SELECT a FROM t") == [(2,)]
    assert snowflake.rows("SELECT comment FROM information_schema.tables"
                          " WHERE table_name = 'T'") == [("kept",)]  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE OR REPLACE TABLE t (b NUMBER(38,0), c VARCHAR) COPY GRANTS AS SELECT b, c FROM aside",
        "CREATE OR REPLACE TABLE t COPY GRANTS AS SELECT b, c FROM aside",
        "CREATE OR REPLACE TABLE t CLONE aside COPY GRANTS",
    ],
)
def test_a_table_with_other_columns_in_its_place(snowflake: Snowflake, sql: str) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    cursor.execute("CREATE TABLE aside (b NUMBER(38,0), c VARCHAR)")
    cursor.execute(f"INSERT INTO aside VALUES ({'9' * 38}, 'x')")

    cursor.execute(sql)

    assert snowflake.rows("SELECT * FROM t") == [(int("9" * 38), "x")]
    assert snowflake.rows(
        "SELECT column_name, data_type, numeric_precision FROM information_schema.columns"
        " WHERE table_name = 'T' ORDER BY ordinal_position"
    ) == [("B", "NUMBER", 38), ("C", "TEXT", None)]


def test_columns_are_added_unless_they_are_there(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT)")

    for _ in range(2):
        cursor.execute('ALTER TABLE t ADD COLUMN IF NOT EXISTS "X" VARCHAR, IF NOT EXISTS "y" DATE')

    cursor.execute("SELECT * FROM t")
    assert [d.name for d in cursor.description] == ["A", "X", "y"]


def test_stages_are_made_once(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()

    said = [cursor.execute("CREATE STAGE IF NOT EXISTS s").fetchone()[0] for _ in range(2)]

    assert said == ["Stage area S successfully created.", "S already exists, statement succeeded."]


@pytest.mark.parametrize("qualified", [False, True])
def test_a_temporary_table_is_its_sessions_own(snowflake: Snowflake, *, qualified: bool) -> None:
    one, other = snowflake.connect().cursor(), snowflake.connect().cursor()
    prefix = f"{snowflake.database}.PUBLIC." if qualified else ""
    one.execute(f'CREATE OR REPLACE TEMPORARY TABLE {prefix}"aside" (a INT)')
    one.execute(f'INSERT INTO {prefix}"aside" VALUES (1)')
    one.execute("CREATE TABLE t (a INT)")

    one.execute(f'INSERT OVERWRITE INTO {prefix}t SELECT a FROM {prefix}"aside"')

    assert snowflake.rows("SELECT a FROM t") == [(1,)]
    with pytest.raises(ProgrammingError, match="does not exist"):
        other.execute(f'SELECT * FROM {prefix}"aside"')


def test_a_replaced_table_loses_its_comment(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT) COMMENT = 'old'")

    cursor.execute("CREATE OR REPLACE TABLE t (a INT)")

    assert snowflake.rows("SELECT comment FROM information_schema.tables") == [(None,)]


def test_comments_are_set_later_too(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT)")

    cursor.execute("COMMENT ON TABLE t IS 'it''s'")

    assert snowflake.rows("SELECT comment FROM information_schema.tables") == [("it's",)]


def test_session_parameters_are_taken_and_recorded(snowflake: Snowflake) -> None:
    parameters = {"QUERY_TAG": "a tag", "TIMEZONE": "UTC", "DATE_INPUT_FORMAT": "YYYY-MM-DD"}

    snowflake.connect(session_parameters=dict(parameters)).cursor().execute("SELECT 1")

    login = snowflake.server.logins()[-1]
    assert login.database == snowflake.database
    assert parameters.items() <= login.parameters.items()
    assert [s.tag for s in snowflake.statements("SELECT 1")] == ["a tag"]


def test_alter_session_sets_the_tag(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("ALTER SESSION SET QUERY_TAG = 'it''s', TIMEZONE = 'UTC'")

    cursor.execute("SELECT 1")

    assert [s.tag for s in snowflake.statements("SELECT 1")] == ["it's"]


def test_show_tables_finds_by_name(snowflake: Snowflake) -> None:
    snowflake.rows('CREATE TABLE "My table" (a INT)')
    snowflake.rows("CREATE TABLE other (a INT)")

    rows = snowflake.rows(f"SHOW TABLES LIKE 'my%' IN SCHEMA {snowflake.database}.PUBLIC")

    assert [row[1] for row in rows] == ["My table"]


def test_files_are_listed_and_removed(snowflake: Snowflake, tmp_path: Path) -> None:
    snowflake.rows('CREATE STAGE "My stage"')
    for name in ("a", "b"):
        (tmp_path / name).write_text("x")
        snowflake.rows(f"PUT 'file://{tmp_path / name}' '@\"My stage\"/{name}/c' AUTO_COMPRESS=FALSE")

    listed = [row[0] for row in snowflake.rows('LIST @"My stage"')]
    removed = snowflake.rows('REMOVE @"My stage"/a/')

    assert listed == ["my stage/a/c/a", "my stage/b/c/b"]
    assert removed == [("my stage/a/c/a", "removed")]
    assert [row[0] for row in snowflake.rows('LIST @"My stage"')] == ["my stage/b/c/b"]


@pytest.mark.parametrize("sql", ["USE WAREHOUSE w", "USE ROLE r", "USE SCHEMA PUBLIC"])
def test_use(snowflake: Snowflake, sql: str) -> None:
    assert snowflake.rows(sql) == [("Statement executed successfully.",)]


def test_a_table_keeps_its_comment_and_its_owner(snowflake: Snowflake) -> None:
    snowflake.rows("CREATE TABLE t (a INT) COMMENT = 'mine'")
    snowflake.rows("INSERT INTO t VALUES (1), (2)")
    snowflake.rows("DELETE FROM t WHERE a = 2")
    snowflake.rows("GRANT OWNERSHIP ON TABLE t TO ROLE others COPY CURRENT GRANTS")
    snowflake.rows("ALTER TABLE t RENAME TO u")
    place = f'"{snowflake.database}"."PUBLIC"'
    ((_, name, _, _, _, comment, _, rows, _, owner, *_),) = snowflake.rows(f"SHOW TABLES IN SCHEMA {place} LIMIT 10")
    assert (name, comment, rows, owner) == ("U", "mine", 1, "OTHERS")
    roles = [snowflake.rows(f"SELECT IS_ROLE_IN_SESSION('{role}') AS \"has\"") for role in ("SYSADMIN", "OTHERS")]
    assert roles == [[(1,)], [(0,)]]
    snowflake.rows("CREATE OR REPLACE TABLE u (a INT)")
    assert snowflake.rows(f"SHOW TABLES IN SCHEMA {place} LIMIT 10")[0][9] == "SYSADMIN"
    with pytest.raises(ProgrammingError, match="does not exist"):
        snowflake.rows(f'SHOW TABLES IN SCHEMA "{snowflake.database}"."NOWHERE" LIMIT 10')


def test_tables_are_listed_while_others_come_and_go(snowflake: Snowflake) -> None:
    reader, writer = snowflake.connect().cursor(), snowflake.connect().cursor()

    def come_and_go() -> None:
        for _ in range(15):
            writer.execute("CREATE TABLE t (a INT) COMMENT = 'mine'")
            writer.execute("DROP TABLE t")

    seen: set[str] = set()
    with ThreadPoolExecutor(1) as pool:
        goes_on = pool.submit(come_and_go)
        while not goes_on.done():
            seen |= {row[5] for row in reader.execute("SHOW TABLES LIMIT 10").fetchall()}
        goes_on.result()
    assert seen <= {"mine"}


def test_tables_say_how_many_rows_they_have(snowflake: Snowflake) -> None:
    snowflake.rows("CREATE TABLE t AS SELECT 1 AS a UNION ALL SELECT 2")
    snowflake.rows("CREATE TABLE u (a INT)")
    cursor = snowflake.connect().cursor()
    cursor.execute("SHOW TABLES")
    names = [column[0] for column in cursor.description]
    shown = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert [(table["name"], table["rows"]) for table in shown] == [("T", 2), ("U", 0)]
    counted = "SELECT TABLE_NAME, ROW_COUNT FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'PUBLIC' ORDER BY 1"
    assert snowflake.rows(counted) == [("T", 2), ("U", 0)]
