"""The text of statements."""

from pathlib import Path

import pytest

from sync.snowflake import statements
from sync.snowflake.keeping import PERMANENT, Keeping
from sync.snowflake.show_statements import show_table
from sync.snowflake.statements import Column, Table
from sync.snowflake.types import ColumnType, Kind

TABLE = Table("DB", "PUBLIC", "T")
ASIDE = TABLE.beside("ASIDE")
ODD = Table("my db", 'a"b', "it's")
ID = Column("ID", ColumnType(Kind.INTEGER))
AMOUNT = Column("AMOUNT", ColumnType(Kind.DECIMAL, 12, 2))
DOC = Column("DOC", ColumnType(Kind.VARIANT))

FORMAT = (
    "FILE_FORMAT = (TYPE = CSV COMPRESSION = ZSTD FIELD_DELIMITER = ',' "
    "FIELD_OPTIONALLY_ENCLOSED_BY = '\"' ESCAPE_UNENCLOSED_FIELD = NONE "
    "NULL_IF = () EMPTY_FIELD_AS_NULL = TRUE) PURGE = TRUE"
)


def test_stage() -> None:
    assert statements.create_stage(TABLE) == ('CREATE STAGE IF NOT EXISTS "DB"."PUBLIC"."UNIVERSAL_SNOWFLAKE_SYNC"')


def test_create_table() -> None:
    assert statements.create_table(TABLE, (ID, AMOUNT), "it's \\ours", PERMANENT) == (
        'CREATE TABLE "DB"."PUBLIC"."T" ("ID" NUMBER(38,0), "AMOUNT" NUMBER(12,2)) COMMENT = \'it\'\'s \\\\ours\''
    )


def test_replacing() -> None:
    assert statements.create_from(TABLE, (ID,), "c", None, PERMANENT, replace=True) == (
        'CREATE OR REPLACE TABLE "DB"."PUBLIC"."T" ("ID" NUMBER(38,0)) COPY GRANTS COMMENT = \'c\''
    )
    assert statements.create_from(TABLE, (ID, DOC), "c", ASIDE, PERMANENT, replace=True) == (
        'CREATE OR REPLACE TABLE "DB"."PUBLIC"."T" ("ID" NUMBER(38,0), "DOC" VARIANT) '
        'COPY GRANTS COMMENT = \'c\' AS SELECT "ID", "DOC" FROM "DB"."PUBLIC"."ASIDE"'
    )
    assert statements.create_from(TABLE, (ID,), "c", ASIDE, PERMANENT, replace=False) == (
        'CREATE TABLE "DB"."PUBLIC"."T" ("ID" NUMBER(38,0)) COMMENT = \'c\' AS SELECT "ID" FROM "DB"."PUBLIC"."ASIDE"'
    )
    assert statements.insert_overwrite(TABLE, (ID,), None) == (
        'INSERT OVERWRITE INTO "DB"."PUBLIC"."T" ("ID") SELECT "ID" FROM "DB"."PUBLIC"."T" WHERE FALSE'
    )
    assert statements.insert_overwrite(TABLE, (ID, DOC), ASIDE) == (
        'INSERT OVERWRITE INTO "DB"."PUBLIC"."T" ("ID", "DOC") SELECT "ID", "DOC" FROM "DB"."PUBLIC"."ASIDE"'
    )


@pytest.mark.parametrize(
    ("keeping", "kind", "days"),
    [
        (Keeping(is_transient=True), "TRANSIENT TABLE", ""),
        (Keeping(days=30), "TABLE", " DATA_RETENTION_TIME_IN_DAYS = 30"),
        (Keeping(is_transient=True, days=0), "TRANSIENT TABLE", " DATA_RETENTION_TIME_IN_DAYS = 0"),
    ],
)
def test_what_kind_of_table_is_made(keeping: Keeping, kind: str, days: str) -> None:
    assert statements.create_table(TABLE, (ID,), "c", keeping) == (
        f'CREATE {kind} "DB"."PUBLIC"."T" ("ID" NUMBER(38,0)){days} COMMENT = \'c\''
    )
    assert statements.create_from(TABLE, (ID,), "c", ASIDE, keeping, replace=True) == (
        f'CREATE OR REPLACE {kind} "DB"."PUBLIC"."T" ("ID" NUMBER(38,0)){days} COPY GRANTS COMMENT = \'c\' '
        'AS SELECT "ID" FROM "DB"."PUBLIC"."ASIDE"'
    )
    assert statements.create_clone(TABLE, ASIDE, keeping, replace=True) == (
        f'CREATE OR REPLACE {kind} "DB"."PUBLIC"."T" CLONE "DB"."PUBLIC"."ASIDE" COPY GRANTS'
    )


def test_aside() -> None:
    assert statements.create_aside(ASIDE, (ID,)) == ('CREATE TEMPORARY TABLE "DB"."PUBLIC"."ASIDE" ("ID" NUMBER(38,0))')
    assert statements.drop(ASIDE) == 'DROP TABLE IF EXISTS "DB"."PUBLIC"."ASIDE"'


def test_copy_of_whole_rows_needs_no_select() -> None:
    assert statements.copy(TABLE, (ID, AMOUNT), "attempt-1/rows.csv.zst", whole=True) == (
        'COPY INTO "DB"."PUBLIC"."T" FROM @"DB"."PUBLIC"."UNIVERSAL_SNOWFLAKE_SYNC"/attempt-1/rows.csv.zst ' + FORMAT
    )


def test_copy_into_named_columns_selects() -> None:
    assert statements.copy(TABLE, (ID, AMOUNT), "a/rows.csv.zst", whole=False) == (
        'COPY INTO "DB"."PUBLIC"."T" ("ID", "AMOUNT") FROM (SELECT $1, $2 '
        'FROM @"DB"."PUBLIC"."UNIVERSAL_SNOWFLAKE_SYNC"/a/rows.csv.zst) ' + FORMAT
    )


def test_copy_parses_json() -> None:
    assert statements.copy(TABLE, (ID, DOC, AMOUNT), "a/rows.csv.zst", whole=True) == (
        'COPY INTO "DB"."PUBLIC"."T" ("ID", "DOC", "AMOUNT") FROM (SELECT $1, PARSE_JSON($2), $3 '
        'FROM @"DB"."PUBLIC"."UNIVERSAL_SNOWFLAKE_SYNC"/a/rows.csv.zst) ' + FORMAT
    )


def test_put() -> None:
    assert statements.put(Path("/tmp/it's a 'dir'/rows.csv.zst"), TABLE, "a/b-1") == (
        "PUT 'file:///tmp/it''s a ''dir''/rows.csv.zst' @\"DB\".\"PUBLIC\".\"UNIVERSAL_SNOWFLAKE_SYNC\"/a/b-1 "
        "AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = ZSTD OVERWRITE = TRUE"
    )


def test_put_of_all_files_that_lie_there() -> None:
    assert statements.put(Path("/tmp/a/rows.csv.zst"), TABLE, "a/b-1", all_beside=True).startswith(
        "PUT 'file:///tmp/a/*.csv.zst' @"
    )


def test_a_stage_in_a_place_with_an_odd_name_is_quoted_as_a_whole() -> None:
    reference = '\'@"my db"."a""b"."UNIVERSAL_SNOWFLAKE_SYNC"/x\''

    assert statements.remove(ODD, "x") == f"REMOVE {reference}"
    assert statements.list_stage(ODD) == f"LIST {reference.replace('/x', '')}"


@pytest.mark.parametrize(
    "path", ["relative.csv", "/tmp/*.csv", "/tmp/a?b", "/tmp/[a]", "/tmp/a%20b", "/tmp/a#b", "/tmp/a\\b", "/tmp/a\nb"]
)
def test_put_refuses_paths_that_mean_something_else(path: str) -> None:
    with pytest.raises(ValueError, match="PUT cannot take this path"):
        statements.put(Path(path), TABLE, "a")


@pytest.mark.parametrize("staged", ["", "/a", "a/", "a//b", "../a", "a b", "a'b", "ä", "-a", ".a"])
def test_only_plain_paths_in_the_stage(staged: str) -> None:
    with pytest.raises(ValueError, match="Not a plain stage path"):
        statements.remove(TABLE, staged)


def test_delete_executions() -> None:
    assert statements.delete_executions(TABLE, "_EXECUTION_ID", ["a", "b'c"]) == (
        'DELETE FROM "DB"."PUBLIC"."T" WHERE "_EXECUTION_ID" IN (\'a\', \'b\'\'c\')'
    )


def test_add_column() -> None:
    assert statements.add_column(TABLE, DOC) == ('ALTER TABLE "DB"."PUBLIC"."T" ADD COLUMN IF NOT EXISTS "DOC" VARIANT')


def test_metadata() -> None:
    assert show_table(ODD) == """SHOW TABLES IN SCHEMA "my db"."a""b" STARTS WITH 'it''s' LIMIT 10"""


def test_tables_of_earlier_versions_are_known() -> None:
    assert statements.marker("execution", "a-1", 7) == "universal-snowflake-sync: execution a-1, destination 7"


def test_a_comment_explains_columns_below_the_marker() -> None:
    mark = statements.marker("execution", "a\nb", "9")
    comment = statements.comment(mark, {"_CURRENT_DATE": "current_date", "IT_1": "it's\n"})
    said = "Columns that are named otherwise in result_columns: IT_1 is \"it's\\n\"; _CURRENT_DATE is 'current_date'"
    assert comment == f"{mark}\n{said}"
    assert statements.comment(mark, {}) == mark
    assert statements.is_marked(comment, mark)
    assert statements.is_marked(mark, mark)
    for other in (None, "", f"{mark}1", mark[:-1], f"x{mark}"):
        assert not statements.is_marked(other, mark)


def test_a_comment_stays_readable() -> None:
    comment = statements.comment("m", {f"C{n}": "x" * 1000 for n in range(1500)})
    assert len(comment) < 20_000
    assert comment.endswith("and 1400 more")
