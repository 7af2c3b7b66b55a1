"""Views, and the comments of views and columns, as Snowflake keeps and tells them."""

import threading

import pytest
from snowflake.connector.errors import Error

from tests.conftest import Snowflake


def test_views_and_columns_keep_their_comments(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("""CREATE TABLE "Mixed t" ("a b" VARCHAR COMMENT 'the ''key''', C INT) COMMENT = 'of the table'""")
    cursor.execute("""CREATE VIEW "v_latest" COMMENT = 'first' AS SELECT "a b" FROM "Mixed t" """)
    cursor.execute(
        """CREATE OR REPLACE VIEW "v_latest" COPY GRANTS COMMENT = 'it''s\nours' AS SELECT C FROM "Mixed t" """
    )

    shown = cursor.execute("""SHOW VIEWS STARTS WITH 'v_' LIMIT 1000""").fetchall()
    described = cursor.execute("""DESCRIBE TABLE "Mixed t" """).fetchall()

    names = [column.name for column in cursor.execute("SHOW VIEWS LIMIT 1").description]
    assert [(row[names.index("name")], row[names.index("comment")]) for row in shown] == [("v_latest", "it's\nours")]
    assert [(row[0], row[9]) for row in described] == [("a b", "the 'key'"), ("C", None)]

    cursor.execute('CREATE OR REPLACE VIEW "v_latest" AS SELECT 1 AS x')
    assert cursor.execute("SHOW VIEWS").fetchall()[0][names.index("comment")] == ""


@pytest.mark.parametrize(
    ("sql", "errno"),
    [
        ("CREATE VIEW t AS SELECT 1 AS x", 2002),
        ("CREATE VIEW v AS SELECT 1 AS x", 2002),
        ("CREATE TABLE v (x INT)", 2002),
        ("DROP VIEW IF EXISTS t", 2003),
        ("CREATE VIEW w AS SELECT a FROM missing", 2003),
    ],
)
def test_views_and_tables_share_their_names(snowflake: Snowflake, sql: str, errno: int) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    cursor.execute("CREATE VIEW v AS SELECT a FROM t")

    with pytest.raises(Error) as raised:
        cursor.execute(sql)

    assert raised.value.errno == errno


def test_a_view_fails_where_a_column_that_it_names_has_gone(snowflake: Snowflake) -> None:
    cursor = snowflake.connect().cursor()
    cursor.execute("CREATE TABLE t (a INT, b INT)")
    cursor.execute("CREATE VIEW v AS SELECT a, b FROM t")
    cursor.execute("ALTER TABLE t ADD COLUMN c INT")
    assert cursor.execute("SELECT * FROM v").fetchall() == []

    cursor.execute("CREATE OR REPLACE TABLE t (a INT)")

    with pytest.raises(Error):
        cursor.execute("SELECT * FROM v")


def test_who_reads_a_view_that_is_replaced_sees_the_old_or_the_new_one(snowflake: Snowflake) -> None:
    reader, writer = snowflake.connect().cursor(), snowflake.connect().cursor()
    replaced = threading.Event()
    writer.execute("CREATE VIEW v AS SELECT 1 AS a")

    def replace() -> None:
        for times in range(20):
            writer.execute(f"CREATE OR REPLACE VIEW v AS SELECT 1 AS a{', 2 AS b' * (times % 2)}")
        replaced.set()

    thread = threading.Thread(target=replace)
    thread.start()
    seen = set()
    while not replaced.is_set():
        seen |= set(reader.execute("SELECT * FROM v").fetchall())
    thread.join()

    assert seen <= {(1,), (1, 2)}
