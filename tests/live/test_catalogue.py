"""The statements of a catalogue."""

import json

from sync.snowflake import catalogue_statements, statements
from sync.snowflake.keeping import PERMANENT
from sync.snowflake.session import Session
from sync.snowflake.warehouse import Catalogue
from tests.live.account import Account

EARLIER, NOW, LATER = (f"2026-01-0{day}T00:00:00.000000+00:00" for day in (1, 2, 3))


def test_rows_are_bound_and_merged(account: Account, session: Session) -> None:
    """A MERGE takes its rows from a bound document; one that was read earlier changes nothing, a deleted one little."""
    catalogue = Catalogue(session, account.destination.table("SYNC_EXECUTIONS"), "live")
    assert catalogue.make()
    assert not catalogue.make()
    row = {"EXECUTION_ID": "it's ?", "STATUS": "completed", "TABLE_NAME": "T", "PARAMETERS": {"a": [1]}, "AS_OF": NOW}
    for change in (
        {},
        {"STATUS": "failed", "AS_OF": EARLIER},
        {"STATUS": "", "DELETED_AT": LATER, "TABLE_NAME": "T", "AS_OF": LATER},
    ):
        catalogue.write(json.dumps([row | change]))
    gone = {"EXECUTION_ID": "never there", "DELETED_AT": LATER, "AS_OF": LATER}
    catalogue.write(json.dumps([gone]))
    shown = f'SELECT "STATUS", "PARAMETERS":"a"[0]::VARCHAR, "DELETED_AT" IS NULL FROM {catalogue.table}'
    assert account.rows(shown) == [("completed", "1", False)]
    catalogue.write(json.dumps([{"EXECUTION_ID": "it's ?", "DELETED_AT": LATER, "AS_OF": LATER}]))
    assert account.rows(f'SELECT "STATUS", "TABLE_NAME" FROM {catalogue.table}') == [("removed", None)]


def test_workflows_are_renamed(account: Account, session: Session) -> None:
    """An UPDATE takes bound values, a moment among them."""
    table = account.destination.table("SYNC_RENAMED")
    create = statements.create_table(table, catalogue_statements.COLUMNS, "a test's", PERMANENT)
    session.execute(create, "make the table")
    catalogue = Catalogue(session, table, "live")
    row = {"EXECUTION_ID": "e", "WORKFLOW_ID": "w", "WORKFLOW_NAME": "Old", "AS_OF": EARLIER}
    catalogue.write(json.dumps([row]))
    catalogue.rename_workflow("w", "w", "New ?", NOW)
    assert account.rows(f'SELECT "WORKFLOW_NAME" FROM {table}') == [("New ?",)]
