"""Names that Snowflake might not take, in quotes as the product writes them."""

import pytest

from sync.snowflake.identifiers import literal, qualified, quote
from sync.snowflake.session.connection import Session
from tests.live.account import Account
from tests.live.whole_way import arrive
from tests.world import World

# Reserved for column names by docs.snowflake.com/en/sql-reference/reserved-keywords, quoted or not, as people report.
ANSI = ["CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "LOCALTIME", "LOCALTIMESTAMP"]
RESERVED = ["SELECT", "TABLE", "ORDER", "FROM", "CASE", "CAST", "FALSE", "TRUE", "WHEN", "CONSTRAINT", "GROUP", "ALL"]
HOSTILE = ['a"b', "a'b", "a.b", "a;DROP TABLE T;--", "a\\b", "$1", "a b", "ä", "%s", "/*", "?", "日本語", " x "]


@pytest.mark.parametrize("name", ANSI)
def test_a_word_of_ansi_s_as_a_column(session: Session, account: Account, name: str) -> None:
    """Snowflake refuses a column of this name, though it is quoted."""
    table = qualified(account.database, account.schema, f"OF_{name}")
    assert not session.tidy_up(f"CREATE TABLE {table} ({quote(name)} NUMBER(38,0))", "make it")


def test_reserved_words_as_columns(world: World) -> None:
    """Reserved words, those of ANSI included, arrive as columns under names that work."""
    names = [name.lower() for name in (*ANSI, *RESERVED)]
    execution = arrive(world, [(name, "integer") for name in names], [list(range(len(names)))])
    assert world.rows(execution) == [tuple(range(len(names)))]


def test_any_text_as_a_column(session: Session, account: Account) -> None:
    """Any text is a column's name where it is in quotes, and comes back as it is."""
    table = qualified(account.database, account.schema, "HOSTILE")
    session.execute(f"CREATE TABLE {table} ({', '.join(f'{quote(name)} VARCHAR' for name in HOSTILE)})", "make it")
    asked = (
        f"SELECT COLUMN_NAME FROM {quote(account.database)}.INFORMATION_SCHEMA.COLUMNS "
        f"WHERE TABLE_SCHEMA = {literal(account.schema)} AND TABLE_NAME = 'HOSTILE' ORDER BY ORDINAL_POSITION"
    )
    assert [name for (name,) in account.rows(asked)] == HOSTILE


@pytest.mark.parametrize("text", ["it's", "back\\slash", "\\'", "a\nb", "$$", "--", "ünï"])
def test_any_text_as_a_string(account: Account, text: str) -> None:
    """A string constant, as the product escapes it, is the text that was meant."""
    assert account.rows(f"SELECT {literal(text)} AS V") == [(text,)]


def test_names_of_255_characters(session: Session, account: Account) -> None:
    """A table and a column may have names of 255 characters, and no longer ones."""
    longest = "N" * 255
    table = qualified(account.database, account.schema, longest)
    session.execute(f"CREATE TABLE {table} ({quote(longest)} VARCHAR)", "make it")
    longer = f'{qualified(account.database, account.schema)}."{longest}N"'
    assert not session.tidy_up(f"CREATE TABLE {longer} (A VARCHAR)", "make it")


def test_show_tables_pages_by_name(account: Account) -> None:
    """SHOW TABLES … STARTS WITH … LIMIT … FROM answers by name, capitals apart, those behind the named one."""
    place = qualified(account.database, account.schema)
    for name in ("PAGE_1", "PAGE_2", "PAGE_3", "page_4"):
        account.ask(f"CREATE TABLE {place}.{quote(name)} (A VARCHAR) COMMENT = 'of {name}'")
    asked = f"SHOW TABLES IN SCHEMA {place} STARTS WITH 'PAGE_' LIMIT 2"
    first, second = account.ask(asked).rows, account.ask(f"{asked} FROM 'PAGE_2'").rows
    assert [(row["name"], row["comment"]) for row in first] == [("PAGE_1", "of PAGE_1"), ("PAGE_2", "of PAGE_2")]
    assert [row["name"] for row in second] == ["PAGE_3"]
