"""Views: their names, and the text of their statements."""

import pytest

from sync.snowflake.identifiers import MAX_LENGTH, IdentifierCase, quote, view_names
from sync.snowflake.show_statements import views_that_begin
from sync.snowflake.statements import Table
from sync.snowflake.warehouse import view_statements as sql
from sync.snowflake.warehouse.view_statements import Chosen, ViewColumn

TABLE = Table("DB", "S", "T'1")
COLUMNS = [ViewColumn("A", "VARCHAR"), ViewColumn('b "c"', "NUMBER(12,2)", as_text=True)]


@pytest.mark.parametrize(
    ("workflow", "case", "latest"),
    [
        ("Campaign results (EU)", "upper", "CAMPAIGN_RESULTS_EU_LATEST"),
        ("Campaign results (EU)", "preserve", "Campaign results (EU)_latest"),
        ("2024 sales", "upper", "_2024_SALES_LATEST"),
        ("Straße", "upper", "STRASSE_LATEST"),
        ("売上", "upper", "売上_LATEST"),
        ("sales_latest", "upper", "SALES_LATEST_LATEST"),
        ("***", "upper", "WORKFLOW_1B4F0E9851_LATEST"),
    ],
)
def test_views_are_called_after_the_workflow(workflow: str, case: IdentifierCase, latest: str) -> None:
    names = view_names(workflow, "test1", case)

    assert names[0] == latest
    assert names[1].upper() == latest.upper().removesuffix("_LATEST") + "_ALL"


@pytest.mark.parametrize("case", ["upper", "preserve"])
@pytest.mark.parametrize("length", [1, 247, 248, 249, 255, 300])
def test_names_are_identifiers_and_differ_where_the_workflows_do(length: int, case: IdentifierCase) -> None:
    one, other = (view_names("x" * length, seed, case, hashed=True) for seed in ("1", "2"))

    assert len({*one, *other}) == 4
    assert all(quote(name) and len(name) <= MAX_LENGTH for name in (*one, *view_names("x" * length, "1", case)))


def test_all_columns_are_named_and_one_that_changes_is_shown_as_text() -> None:
    assert sql.select(TABLE, COLUMNS) == ("""SELECT "A", "b ""c\"""::VARCHAR AS "b ""c\""" FROM "DB"."S"."T'1\"""")


@pytest.mark.parametrize("latest", [True, False])
def test_the_catalogue_says_which_executions_of_a_shared_table(latest: bool) -> None:
    chosen = Chosen(TABLE.beside("SYNC_EXECUTIONS"), r"o'\1", latest)

    text = sql.select(TABLE, COLUMNS[:1], "_EXECUTION_ID", chosen)

    operator = "= (" if latest else "IN ("
    assert f'WHERE "_EXECUTION_ID" {operator}SELECT "EXECUTION_ID" FROM "DB"."S"."SYNC_EXECUTIONS"' in text
    assert r""""WORKFLOW_ID" = 'o''\\1'""" in text
    assert text.endswith("LIMIT 1)") is latest


def test_only_what_replaces_keeps_grants() -> None:
    made = sql.create_view(TABLE, "SELECT 1", "it's\nours", replace=False)
    changed = sql.create_view(TABLE, "SELECT 1", "it's\nours", replace=True)

    assert made == """CREATE VIEW "DB"."S"."T'1" COMMENT = 'it''s\nours' AS SELECT 1"""
    assert changed.startswith("""CREATE OR REPLACE VIEW "DB"."S"."T'1" COPY GRANTS COMMENT = """)
    assert views_that_begin(TABLE, "T'") == """SHOW VIEWS IN SCHEMA "DB"."S" STARTS WITH 'T''' LIMIT 1000"""
